/** How a disk differs from a lawful tree, also in what was not sealed (PROTOCOL 19). @module */

import { compareTree, type TreeComparison } from "../../records/tree/compare-tree.ts";
import type { SealedTree } from "../../records/tree/output-tree.ts";
import { parsePassedOver } from "../../records/tree/passed-over.ts";
import { treeFailure } from "../../records/tree/tree-difference.ts";
import { type ExtrasRequest, findExtras } from "../../records/tree/tree-extras.ts";
import { ok } from "../../system/bytes/result.ts";
import { FINDING_KINDS, FindingTable, type OutputFindings } from "./phases/findings.ts";
import type { SeenTree } from "./see-tree.ts";

/** What to compare, and how. */
export interface TreeSearch extends Pick<TreeComparison, "disk" | "ignoresModes" | "keepsAll"> {
  /** What was found of the files when they were hashed. */
  readonly findings: OutputFindings;
  /** Patterns to pass over beside those of the seal. The caller has checked them. */
  readonly ignore?: readonly string[] | undefined;
  /** Tells runseal's own entries. What else was not sealed is a failure; without it, nothing is looked for. */
  readonly isOwn?: ExtrasRequest["isOwn"] | undefined;
}

/** Compares, with pauses: finds differences from the tree, then what was not sealed. */
export function* findTreeFailures(
  tree: SealedTree,
  { disk, findings, ignore = [], ignoresModes, isOwn, keepsAll }: TreeSearch,
): Generator<undefined, SeenTree, undefined> {
  const passedOver = parsePassedOver(tree.ignored, ignore);
  if (!passedOver.ok) throw new TypeError("the caller's patterns are checked before");
  const isPassedOver = passedOver.value;
  const foundMode = foundModes(tree, findings);
  const compared = yield* compareTree(tree, { disk, foundMode, ignoresModes, isPassedOver, keepsAll });
  const failures = compared.inOrder().map(treeFailure);
  if (isOwn === undefined || (failures.length > 0 && !keepsAll)) return seen(tree, failures, 0);
  const { differences, ignored } = yield* findExtras(tree, { disk, isPassedOver, isOwn, keepsAll });
  return seen(tree, [...failures, ...differences.inOrder().map(treeFailure)], ignored);
}

function seen(tree: SealedTree, failures: SeenTree["failures"], extrasIgnored: number): SeenTree {
  return { tree: ok(tree), failure: failures[0], failures, state: "checked", extrasIgnored };
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
