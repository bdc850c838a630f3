/**
 * Phase 11 on a disk: reads OUTPUT_TREE.json, compares what is below the root with it, and where the caller asks for it, finds what
 * was not sealed (PROTOCOL 19).
 *
 * @module
 */

import {
  type ArtifactReading,
  compareTree,
  FINDING_KINDS,
  FindingTable,
  findExtras,
  type IsPassedOver,
  type OutputFindings,
  ok,
  parsePassedOver,
  type Rejection,
  type Result,
  type SealedTree,
  type TreeDifferences,
  type TreeDisk,
  treeFailure,
  type Undecided,
} from "../../core/internal.ts";
import { readOutputTree } from "../bundle/open-bundle.ts";
import { openRoot } from "../files/anchored-root.ts";
import { RootDisk } from "../files/root-disk.ts";
import { isAlwaysLeftOut } from "../project/project-names.ts";
import { breatheAlong } from "../runtime/interruption.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { isWindows } from "../runtime/this-system.ts";
import type { CarrierName } from "../source/bundle-source.ts";
import {
  readTreeAlone,
  type SeenTree,
  type TreeDemand,
  type TreeLook,
  type TreeLookDemand,
} from "../source/tree-look.ts";
import { ownEntries } from "./own-entries.ts";

/** Where a tree and its entries are. */
export interface TreePlace extends TreeLookDemand {
  /** The run directory, or the artifact of a run that was carried here. */
  readonly artifact: string | ArtifactReading;
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
async function lookAtTree(
  read: (reading: ArtifactReading) => Result<SealedTree, Rejection>,
  place: TreePlace,
): Promise<Result<SeenTree, OperationFault>> {
  const { artifact, limits } = place;
  const reading = typeof artifact === "string" ? readOutputTree(artifact, limits) : ok(artifact);
  if (!reading.ok) return reading;
  const tree = read(reading.value);
  const state = place.source === "root" ? "checked" : "declared";
  if (!tree.ok || state === "declared") return ok(readTreeAlone(tree, state));
  const { differences, extrasIgnored } = await lookAtRoot(tree.value, place);
  return differences.ok
    ? ok({ tree, failure: differences.value[0], failures: differences.value, state, extrasIgnored })
    : differences;
}

/** The look at a tree, and at what is below the root. */
export function lookBelow(
  { limits, root }: Pick<TreePlace, "limits" | "root">,
  artifact: TreePlace["artifact"],
  { findings, source }: Pick<TreePlace, "findings" | "source">,
): TreeLook {
  return (read, demand) => lookAtTree(read, { artifact, findings, limits, root, source, ...demand });
}

interface SeenRoot {
  readonly differences: Result<readonly (Rejection | Undecided)[], OperationFault>;
  readonly extrasIgnored: number;
}

async function lookAtRoot(tree: SealedTree, place: TreePlace): Promise<SeenRoot> {
  const { artifact, exact, keepsAll, signal } = place;
  const opened = openRoot(place.root);
  if (!opened.ok) return { differences: opened, extrasIgnored: 0 };
  using root = opened.value;
  const disk = new RootDisk(root);
  const isPassedOver = passedOverOf(tree, place);
  const differences = await findTreeFailures(tree, disk, place);
  if (exact !== true || (differences.length > 0 && !keepsAll))
    return { differences: ok(differences), extrasIgnored: 0 };
  const isOwn = ownEntries({ bundle: typeof artifact === "string" ? artifact : undefined, root: place.root });
  const extras = await breatheAlong(findExtras(tree, { disk, isPassedOver, isOwn, keepsAll }), signal);
  return {
    differences: ok([...differences, ...failuresOf(extras.differences)]),
    extrasIgnored: extras.ignored,
  };
}

/** What `findTreeFailures` goes by. */
export type TreeComparing = Pick<TreePlace, "findings" | "ignore" | "ignoreModes" | "keepsAll" | "signal">;

/** Compares a lawful tree with a disk, in byte order of path. The caller's patterns must be checked. Throws an Interruption. */
export async function findTreeFailures(
  tree: SealedTree,
  disk: TreeDisk,
  comparing: TreeComparing,
): Promise<readonly (Rejection | Undecided)[]> {
  const { findings, keepsAll, signal } = comparing;
  const comparison = compareTree(tree, {
    disk,
    foundMode: foundModes(tree, findings),
    ignoresModes: ignoresModes(comparing),
    isPassedOver: passedOverOf(tree, comparing),
    keepsAll,
  });
  return failuresOf(await breatheAlong(comparison, signal));
}

function passedOverOf({ ignored }: SealedTree, { ignore = [] }: TreeDemand): IsPassedOver {
  const passedOver = parsePassedOver(ignored, ignore);
  if (!passedOver.ok) throw new TypeError("the caller's patterns are checked before");
  return passedOver.value;
}

function failuresOf(differences: TreeDifferences): readonly (Rejection | Undecided)[] {
  return differences.inOrder().map(treeFailure);
}

/** What hashing noted of each file of a tree. */
function foundModes({ rows }: SealedTree, findings: OutputFindings): (file: number) => number | undefined {
  const { kinds, modes } = FindingTable.of(findings).columns;
  return (file) => {
    const row = rows === undefined ? file : rows[file];
    if (row === undefined || kinds[row] !== FINDING_KINDS.file) return undefined;
    // Fail closed: a mode that was not noted must not count as one that is right.
    if (modes === undefined) throw new TypeError("hashing notes the mode of each file");
    return modes[row];
  };
}
