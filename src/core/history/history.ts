/**
 * Computes the history of a project: the line of runs that link to each other, and everything that does not fit
 * into it (PROTOCOL 11 and 18).
 *
 * Pure. The caller reads the bundles, HEAD, and the head that this user's machine remembers.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import type { HexDigest } from "../bytes/hex.ts";
import type { HistoryCut } from "./cut.ts";
import { findAll } from "./history-findings.ts";
import { compareRuns, type History, type HistoryHeads, type HistoryRun } from "./history-model.ts";
import { placeRuns } from "./history-places.ts";
import { HistoryTree, type Lineage } from "./history-tree.ts";
import { isSigned } from "./signed-file.ts";

/**
 * Orders runs by their links and reports what does not fit. Takes runs in any order. Needs time and memory
 * proportional to their number, and never throws.
 */
export function computeHistory<Run extends HistoryRun>(
  runs: readonly Run[],
  heads: HistoryHeads,
  crypto: Crypto,
): History<Run> {
  const tree = new HistoryTree(runs, crypto);
  const head = typeof heads.head === "string" ? undefined : heads.head;
  const ended = head === undefined ? undefined : tree.bearer(head.bundleRoot);
  const started = findStarted(tree, heads, ended);
  const end = ended ?? (started === undefined ? guessEnd(tree, heads) : undefined);
  const lineage = end === undefined ? { line: [], missing: undefined } : tree.lineage(end);
  const { cut, forgotten, line, missing } = cutLineage(lineage, heads, crypto);
  const lost = lostRoots(tree, [missing, head?.bundleRoot, heads.remembered?.bundleRoot]);
  const isBroken = missing !== undefined || (head !== undefined && ended === undefined);
  const known = { line, forgotten, ended, started, lost, isBroken };
  const places = placeRuns(runs, tree, known);
  const placed = { ...known, runs: runs.toSorted(compareRuns), tree, places, heads, missing, cut };
  return { line, places, findings: [...findAll(placed, crypto)], cut };
}

/** A bundle and its ancestors, up to a cut. */
interface CutLineage<Run> extends Lineage<Run> {
  /** Undefined if there is no cut, or if it is not in the lineage. */
  readonly cut: HistoryCut | undefined;
  /** The ancestors before the cut that are still there, oldest first. */
  readonly forgotten: readonly Run[];
}

/** Begins the lineage at the bundle that a cut names: what is missing before it was forgotten. */
function cutLineage<Run extends HistoryRun>(
  { line, missing }: Lineage<Run>,
  { cut }: HistoryHeads,
  crypto: Crypto,
): CutLineage<Run> {
  const at = isSigned(cut)
    ? line.findIndex((run) => matchesDigest(cut.bundleRoot, run.bundleRoot, crypto))
    : -1;
  if (!isSigned(cut) || at < 0) return { line, missing, cut: undefined, forgotten: [] };
  return { line: line.slice(at), missing: undefined, cut, forgotten: line.slice(0, at) };
}

/** The bundle of a killed seal, which HEAD does not name yet. It must be the only bundle after HEAD. */
function findStarted<Run extends HistoryRun>(
  tree: HistoryTree<Run>,
  { head, pending }: HistoryHeads,
  ended: Run | undefined,
): Run | undefined {
  if (pending === undefined || (head !== "missing" && ended?.bundleRoot === undefined)) return undefined;
  const after = ended?.bundleRoot === undefined ? tree.linked : tree.descendants([ended.bundleRoot]);
  const [next] = after;
  const isNamed =
    next !== undefined && next === tree.bearer(pending.bundleRoot) && next.runId === pending.runId;
  const isNext = isNamed && after.length === 1 && tree.before(next) === ended;
  return isNext && next.standing === "succeeded" ? next : undefined;
}

/** The end of the line if HEAD does not name it: that of the longest line from the remembered head, else of all. */
function guessEnd<Run extends HistoryRun>(
  tree: HistoryTree<Run>,
  { remembered }: HistoryHeads,
): Run | undefined {
  const recalled = remembered === undefined ? undefined : tree.bearer(remembered.bundleRoot);
  return tree.longestEnd(recalled === undefined ? undefined : [recalled]);
}

/** The roots that no bundle has, each once. */
function lostRoots<Run extends HistoryRun>(
  tree: HistoryTree<Run>,
  named: readonly (HexDigest | undefined)[],
): readonly HexDigest[] {
  const lost: HexDigest[] = [];
  for (const root of named) {
    if (root !== undefined && tree.bearer(root) === undefined && !tree.isAmong(root, lost)) lost.push(root);
  }
  return lost;
}
