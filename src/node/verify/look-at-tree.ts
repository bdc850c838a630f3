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
  type LookedTree,
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
import type { SourceName } from "../store/output-source.ts";
import { ownEntries } from "./own-entries.ts";

/** How to compare a disk with a tree. */
export interface TreeDemand {
  /** Pass over modes, for what went through an archive that keeps none. On Windows modes can't be seen, and are passed over. */
  readonly ignoreModes?: boolean | undefined;
  /** Refuse what is below the scope of the seal and was not sealed. Fails with EXACT_NEEDS_TREE where no scope was sealed. */
  readonly exact?: boolean | undefined;
  /** Patterns of what `exact` passes over beside what the seal ignored. */
  readonly ignore?: readonly string[] | undefined;
}

/** Where a tree and its entries are. */
export interface TreePlace extends TreeDemand {
  /** The run directory. */
  readonly bundle: string;
  readonly root: string;
  readonly source: SourceName;
  readonly findings: OutputFindings;
  /** Whether to find each difference rather than the first. */
  readonly keepsAll: boolean;
  readonly limits?: Parameters<typeof readOutputTree>[1] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was found of a tree. */
export interface SeenTree extends LookedTree {
  /** Where the outputs are in the store, only the artifact was looked at. */
  readonly state: "checked" | "declared";
  /** In byte order of path; the first one alone unless all were asked for. */
  readonly failures: readonly (Rejection | Undecided)[];
  /** Entries that patterns passed over in the search for extras. */
  readonly extrasIgnored: number;
}

/** Whether modes are passed over. */
export function ignoresModes({ ignoreModes = false }: TreeDemand): boolean {
  return ignoreModes || process.platform === "win32";
}

/**
 * Whether a search for extras passed over nothing, and no pattern of the caller or of the seal could have hidden an entry. Only then
 * it may be said that nothing else is there. Names that each seal leaves out do no harm where nothing has them.
 */
export function foundNothingElse(seen: SeenTree | undefined, { exact, ignore = [] }: TreeDemand): boolean {
  if (exact !== true || seen?.state !== "checked" || !seen.tree.ok) return false;
  return ignore.length === 0 && seen.extrasIgnored === 0 && seen.tree.value.ignored.every(isAlwaysLeftOut);
}

/** Checks the caller's patterns. Fails with IGNORE_MALFORMED. */
export function checkPatterns({ ignore = [] }: TreeDemand): OperationFault | undefined {
  const parsed = parsePassedOver([], ignore);
  return parsed.ok ? undefined : operationFault("IGNORE_MALFORMED", { line: parsed.line });
}

/**
 * Looks at the tree of a bundle. `read` is the core's `readTree` for that bundle. Fails with READ_FAILED where the artifact can't
 * be read, and as `openRoot` does. Throws an Interruption.
 */
export async function lookAtTree(
  read: (reading: ArtifactReading) => Result<SealedTree, Rejection>,
  place: TreePlace,
): Promise<Result<SeenTree, OperationFault>> {
  const reading = readOutputTree(place.bundle, place.limits);
  if (!reading.ok) return reading;
  const tree = read(reading.value);
  const state = place.source === "root" ? "checked" : "declared";
  if (!tree.ok || state === "declared") {
    const failures = tree.ok ? [] : [tree];
    return ok({ tree, failure: undefined, failures, state, extrasIgnored: 0 });
  }
  const { differences, extrasIgnored } = await lookAtRoot(tree.value, place);
  return differences.ok
    ? ok({ tree, failure: differences.value[0], failures: differences.value, state, extrasIgnored })
    : differences;
}

interface SeenRoot {
  readonly differences: Result<readonly (Rejection | Undecided)[], OperationFault>;
  readonly extrasIgnored: number;
}

async function lookAtRoot(tree: SealedTree, place: TreePlace): Promise<SeenRoot> {
  const { exact, keepsAll, signal } = place;
  const opened = openRoot(place.root);
  if (!opened.ok) return { differences: opened, extrasIgnored: 0 };
  using root = opened.value;
  const disk = new RootDisk(root);
  const isPassedOver = passedOverOf(tree, place);
  const differences = await findTreeFailures(tree, disk, place);
  if (exact !== true || (differences.length > 0 && !keepsAll))
    return { differences: ok(differences), extrasIgnored: 0 };
  const isOwn = ownEntries(place);
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
