/**
 * Phase 11 on a disk: reads OUTPUT_TREE.json, compares what is below the root with it, and where the caller asks for it, finds what
 * was not sealed (PROTOCOL 19).
 *
 * @module
 */

import {
  type ArtifactReading,
  findTreeFailures,
  type OutputFindings,
  ok,
  parsePassedOver,
  type Rejection,
  type Result,
  readTreeAlone,
  type SealedTree,
  type SeenTree,
  type TreeDemand,
} from "../../../core/internal.ts";
import { readOutputTree } from "../../records/bundle/open-bundle.ts";
import { isAlwaysLeftOut } from "../../records/project/project-names.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { RootDisk } from "../../system/files/root-disk.ts";
import { breatheAlong } from "../../system/runtime/interruption.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { isWindows } from "../../system/runtime/this-system.ts";
import type { CarrierName } from "../source/bundle-source.ts";
import type { TreeLook, TreeLookDemand } from "../source/tree-look.ts";
import { ownEntries } from "./runseal-entries.ts";

/** Where the artifact is: in a run directory, unless it was read already, or read from what carried the run here. */
export interface TreeArtifact {
  /** The run directory; undefined for a run that was carried here. */
  readonly bundle?: string;
  /** What was read of it. */
  readonly reading?: ArtifactReading | undefined;
}

/** What a carrier without the tree read. */
const NO_TREE: ArtifactReading = { kind: "missing" };

/** Where a tree and its entries are. */
export interface TreePlace extends TreeLookDemand {
  readonly artifact: TreeArtifact;
  readonly root: string;
  readonly source: CarrierName;
  readonly findings: OutputFindings;
  readonly limits?: Parameters<typeof readOutputTree>[1] | undefined;
}

/** Whether modes are passed over. */
export function ignoresModes({ ignoreModes = false }: TreeDemand): boolean {
  return ignoreModes || isWindows;
}

/**
 * Whether a search for extras passed over nothing, and no pattern of the caller or of the seal could have hidden an entry. Only then
 * it may be said that nothing else is there. Names that each seal leaves out do no harm where nothing has them.
 */
export function foundNothingElse(seen: SeenTree | undefined, { exact, ignore = [] }: TreeDemand): boolean {
  if (exact !== true || seen?.state !== "checked" || !seen.tree.ok) return false;
  return ignore.length === 0 && seen.extrasIgnored === 0 && seen.tree.value.ignored.every(isAlwaysLeftOut);
}

/** Checks the caller's patterns. Fails with INPUT_MALFORMED. */
export function checkPatterns({ ignore = [] }: TreeDemand): OperationFault | undefined {
  const parsed = parsePassedOver([], ignore);
  return parsed.ok ? undefined : operationFault("INPUT_MALFORMED", { reason: "patterns", line: parsed.line });
}

/**
 * Looks at the tree of a bundle. `read` is the core's `readTree` for that bundle. Fails with READ_FAILED where the artifact can't
 * be read, and as `openRoot` does. Throws an Interruption.
 */
async function matchTree(
  read: (reading: ArtifactReading) => Result<SealedTree, Rejection>,
  place: TreePlace,
): Promise<Result<SeenTree, OperationFault>> {
  const { artifact, limits } = place;
  const { bundle, reading: early } = artifact;
  const isThere = early === undefined && bundle !== undefined;
  const reading = isThere ? readOutputTree(bundle, limits) : ok(early ?? NO_TREE);
  if (!reading.ok) return reading;
  const tree = read(reading.value);
  const state = place.source === "root" ? "checked" : "declared";
  if (!tree.ok || state === "declared") return ok(readTreeAlone(tree, state));
  const { exact, findings, ignore, keepsAll, root: path, signal } = place;
  const opened = openRoot(path);
  if (!opened.ok) return opened;
  using root = opened.value;
  const search = findTreeFailures(tree.value, {
    disk: new RootDisk(root),
    findings,
    ignore,
    ignoresModes: ignoresModes(place),
    isOwn: exact === true ? ownEntries({ bundle, root: path }) : undefined,
    keepsAll,
  });
  return ok(await breatheAlong(search, signal));
}

/** The look at a tree, and at what is below the root. */
export function lookBelow(
  { limits, root }: Pick<TreePlace, "limits" | "root">,
  artifact: TreeArtifact,
  { findings, source }: Pick<TreePlace, "findings" | "source">,
): TreeLook {
  return (read, demand) => matchTree(read, { artifact, findings, limits, root, source, ...demand });
}
