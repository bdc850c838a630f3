/**
 * Computes the history of a project: the runs that link to each other, and everything that does not fit
 * into it (PROTOCOL 11 and 18).
 *
 * Pure. The caller reads the bundles, HEAD, and the head that this user's machine remembers.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
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
  return orderFrom(runs, heads, crypto, Number.POSITIVE_INFINITY);
}

/**
 * The history of so many of the newest runs, of bundles of which older ones were not read; `undefined` where anything does not
 * fit, or it is shorter: then more is to be read. The run before them must be there, so that no gap is taken for the end of what was read.
 */
export function newestHistory<Run extends HistoryRun>(
  runs: readonly Run[],
  heads: HistoryHeads,
  crypto: Crypto,
  newest: number,
): History<Run> | undefined {
  const history = orderFrom(runs, heads, crypto, newest);
  const { findings, line, places } = history;
  const first = line[0];
  if (line.length < newest || first?.previousBundleRoot === undefined) return undefined;
  // An old bundle that was touched: nothing that was read says where it belongs.
  const isOlder = ({ sealedAt = "" }: Run): boolean => sealedAt < (first.sealedAt ?? "");
  if (!findings.every((finding) => finding.code === "HISTORY_FOREIGN" && isOlder(finding.run)))
    return undefined;
  const shown = [...places].filter(([, place]) => place !== "forgotten" && place !== "foreign");
  return { ...history, places: new Map(shown), findings: [] };
}

function orderFrom<Run extends HistoryRun>(
  runs: readonly Run[],
  heads: HistoryHeads,
  crypto: Crypto,
  newest: number,
): History<Run> {
  const tree = new HistoryTree(runs, crypto);
  const head = typeof heads.head === "string" ? undefined : heads.head;
  const ended = tree.bearer(head?.bundleRoot);
  const started = findStarted(tree, heads, ended);
  const end = ended ?? (started === undefined ? guessEnd(tree, heads) : undefined);
  const lineage = end === undefined ? { line: [], missing: undefined } : tree.lineage(end);
  const { cut, forgotten, isCut, line, missing } = cutLineage(lineage, heads, crypto, newest);
  const lost = lostRoots(tree, [missing, head?.bundleRoot, heads.remembered?.bundleRoot]);
  const isBroken = missing !== undefined || (head !== undefined && ended === undefined);
  const known = { line, forgotten, ended, started, lost, isBroken };
  const places = placeRuns(runs, tree, known);
  const placed = { ...known, runs: runs.toSorted(compareRuns), tree, places, heads, missing, cut, isCut };
  return { line, places, findings: [...findAll(placed, crypto)], cut };
}

/** A bundle and its ancestors, up to a cut. */
interface CutLineage<Run> extends Lineage<Run> {
  /** Undefined if there is no cut, or if it is not in the lineage. */
  readonly cut: HistoryCut | undefined;
  /** Whether the history begins at the cut, or at the oldest run that is looked at. */
  readonly isCut: boolean;
  /** The ancestors before its beginning that are still there, oldest first. */
  readonly forgotten: readonly Run[];
}

/** Begins the lineage at the bundle that a cut names, for what is missing before it was forgotten; or so many runs from its end. */
function cutLineage<Run extends HistoryRun>(
  { line, missing }: Lineage<Run>,
  heads: HistoryHeads,
  crypto: Crypto,
  newest: number,
): CutLineage<Run> {
  const cut = isSigned(heads.cut) ? heads.cut : undefined;
  const cutAt =
    cut === undefined ? -1 : line.findIndex((run) => matchesDigest(cut.bundleRoot, run.bundleRoot, crypto));
  const at = Math.max(cutAt, line.length - newest);
  if (cutAt < 0 && at <= 0) return { line, missing, cut: undefined, isCut: false, forgotten: [] };
  return { line: line.slice(at), missing: undefined, cut, isCut: true, forgotten: line.slice(0, at) };
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

/** The end of the history if HEAD does not name it: that of the longest history from the remembered head, else of all. */
function guessEnd<Run extends HistoryRun>(
  tree: HistoryTree<Run>,
  { remembered }: HistoryHeads,
): Run | undefined {
  const recalled = tree.bearer(remembered?.bundleRoot);
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
