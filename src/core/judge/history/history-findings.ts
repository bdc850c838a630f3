/**
 * Finds what does not fit into a history, and reports each fault once.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { DigestIndex } from "../../system/bytes/digest-index.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import type { HistoryCut } from "./cut.ts";
import type { HistoryFinding, HistoryHeads, HistoryPlace, HistoryRun } from "./history-model.ts";
import { partsBeyond } from "./history-order.ts";
import type { KnownHistory } from "./history-places.ts";
import type { HistoryTree } from "./history-tree.ts";
import { isSigned } from "./signed-file.ts";

/** A history with a place for each run. */
export interface PlacedHistory<Run extends HistoryRun> extends KnownHistory<Run> {
  /** All runs, in the order of `compareRuns`. */
  readonly runs: readonly Run[];
  readonly tree: HistoryTree<Run>;
  readonly places: ReadonlyMap<Run, HistoryPlace>;
  readonly heads: HistoryHeads;
  /** The root that the oldest run of the history names, if no bundle has it. */
  readonly missing: HexDigest | undefined;
  /** The cut at which the history begins; undefined if it begins with the project, or at a gap. */
  readonly cut: HistoryCut | undefined;
  /** Whether older runs were forgotten, or not read. */
  readonly isCut: boolean;
}

type Findings<Run> = Generator<HistoryFinding<Run>, void, undefined>;

/** All findings: first about HEAD, then forks and gaps, then single runs. */
export function* findAll<Run extends HistoryRun>(history: PlacedHistory<Run>, crypto: Crypto): Findings<Run> {
  yield* aboutHead(history, crypto);
  yield* aboutCut(history);
  yield* forks(history);
  yield* gaps(history, crypto);
  yield* brokenProofLinks(history, crypto);
  yield* missingFailedRuns(history, crypto);
  yield* missingSnapshots(history);
  yield* singleRuns(history);
}

function* aboutHead<Run extends HistoryRun>(history: PlacedHistory<Run>, crypto: Crypto): Findings<Run> {
  const { ended, heads, places, runs, tree } = history;
  const { head, remembered } = heads;
  const following = runsIn(history, "following");
  if (head === "malformed") yield { code: "HEAD_MALFORMED" };
  else if (head === "missing") {
    const isNew = runs.every((run) => run.standing === "failed" || places.get(run) === "unfinished");
    if (!isNew) yield { code: "HEAD_MISSING" };
  } else if (ended !== undefined && ended.standing === "succeeded") {
    if (ended.runId !== head.runId) yield { code: "HEAD_MALFORMED", field: "run_id" };
    else if (!matchesDigest(head.proofHash, ended.proofHash, crypto))
      yield { code: "HEAD_MALFORMED", field: "proof_hash" };
  }
  if (remembered !== undefined) {
    const recalled = tree.bearer(remembered.bundleRoot);
    const place = recalled && places.get(recalled);
    // If HEAD names the same missing bundle, `gaps` reports it.
    const isHead = typeof head !== "string" && matchesDigest(head.bundleRoot, remembered.bundleRoot, crypto);
    const isGone = recalled === undefined ? !isHead : place === "branch" || place === "foreign";
    if (isGone) yield { code: "HISTORY_TRUNCATED", remembered };
  }
  if (following.length > 0) yield { code: "HISTORY_ROLLED_BACK", following };
}

/** A CUT.json that has no effect: then the history ends in a gap, which this explains. */
function* aboutCut<Run extends HistoryRun>({ cut, heads, runs, tree }: PlacedHistory<Run>): Findings<Run> {
  if (heads.cut === undefined || cut !== undefined) return;
  if (!isSigned(heads.cut)) yield { code: "HISTORY_CUT_INVALID", reason: heads.cut.reason };
  else if (runs.length > 0 && tree.bearer(heads.cut.bundleRoot) === undefined)
    yield { code: "HISTORY_CUT_INVALID", reason: "not-in-line" };
}

/** Wherever the history or a part of it goes on in two ways. */
function* forks<Run extends HistoryRun>({
  line,
  lost,
  places,
  runs,
  tree,
}: PlacedHistory<Run>): Findings<Run> {
  const isOurs = (run: Run): boolean => places.get(run) !== "foreign";
  // Each root once: a fork told of for every copy of a bundle would be as many lists as there are copies.
  const isPassed = new Set([...line, ...tree.copies]);
  const points = [...line, ...runs.filter((run) => isOurs(run) && !isPassed.has(run))];
  const roots = [
    ...lost,
    ...points.flatMap(({ bundleRoot }) => (bundleRoot === undefined ? [] : [bundleRoot])),
  ];
  for (const previous of roots) {
    const followers = tree.followers(previous).filter(isOurs);
    if (followers.length > 1) yield { code: "HISTORY_FORK", previous, runs: followers };
  }
}

/** Missing bundles that HEAD, the oldest run of the history, or a run beyond a gap names. */
function* gaps<Run extends HistoryRun>(history: PlacedHistory<Run>, crypto: Crypto): Findings<Run> {
  const { ended, heads, line, lost, missing, tree } = history;
  const beyond = runsIn(history, "beyond");
  const parts = beyond.length === 0 ? [] : [line, ...partsBeyond(history.places, crypto)];
  /** The newest run of the next part that does not begin with the same gap. */
  const olderThan = (run: Run | undefined, gap: HexDigest): Run | undefined => {
    const at = parts.findIndex((part) => run !== undefined && part.includes(run));
    const next = parts
      .slice(at + 1)
      .find(([first]) => !matchesDigest(gap, first?.previousBundleRoot, crypto));
    return next?.at(-1);
  };
  const gap = (previous: HexDigest, by: Run | undefined): HistoryFinding<Run> => ({
    code: "HISTORY_GAP",
    previous,
    by,
    older: by === undefined ? line.at(-1) : olderThan(by, previous),
  });
  if (typeof heads.head !== "string" && ended === undefined) yield gap(heads.head.bundleRoot, undefined);
  if (missing !== undefined) yield gap(missing, line[0]);
  for (const run of beyond) {
    const { previousBundleRoot } = run;
    if (previousBundleRoot === undefined || tree.bearer(previousBundleRoot) !== undefined) continue;
    // What is missing before the cut was forgotten, also where another gap keeps the cut out of the history.
    if (isSigned(heads.cut) && run === tree.bearer(heads.cut.bundleRoot)) continue;
    if (!tree.isAmong(previousBundleRoot, lost)) yield gap(previousBundleRoot, run);
  }
}

/** Each run of the history must name the proof of the previous run, and the first run no proof. */
function* brokenProofLinks<Run extends HistoryRun>(
  { isCut, line, missing }: PlacedHistory<Run>,
  crypto: Crypto,
): Findings<Run> {
  for (const [index, run] of line.entries()) {
    const before = line[index - 1];
    // The proof before a gap or a cut is unknown, and a rejected run has its own finding.
    if (before === undefined && (missing !== undefined || isCut)) continue;
    if (run.standing !== "succeeded" || (before !== undefined && before.standing !== "succeeded")) continue;
    const wanted = before?.proofHash;
    const found = run.previousProofHash;
    const holds = wanted === undefined ? found === undefined : matchesDigest(wanted, found, crypto);
    if (!holds) yield { code: "HISTORY_PROOF_MISMATCH", run };
  }
}

/** The places of this project's own runs, whose lists of failed runs count. */
const LISTING_PLACES: readonly HistoryPlace[] = ["line", "beside", "unfinished", "following"];

/** Listed failed runs whose bundles are missing, each once. */
function* missingFailedRuns<Run extends HistoryRun>(
  { cut, places, runs, tree }: PlacedHistory<Run>,
  crypto: Crypto,
): Findings<Run> {
  const reported = new DigestIndex<true>(crypto);
  for (const { bundleRoot } of cut?.failedRuns ?? []) reported.add(bundleRoot, true);
  for (const run of runs) {
    const { listed } = run.failedRuns;
    const place = places.get(run);
    if (listed.length === 0 || place === undefined || !LISTING_PLACES.includes(place)) continue;
    const missing = listed.filter(({ bundleRoot }) => {
      if (bundleRoot === undefined || tree.bearer(bundleRoot) !== undefined) return false;
      const isNew = reported.at(bundleRoot).length === 0;
      if (isNew) reported.add(bundleRoot, true);
      return isNew;
    });
    if (missing.length > 0) yield { code: "HISTORY_FAILED_RUN_MISSING", run, missing };
  }
}

/** Where the snapshots of this project's own runs are. Beyond a gap may be one of them. */
const SNAPSHOT_PLACES: readonly HistoryPlace[] = ["line", "unfinished", "following", "forgotten", "beyond"];

/**
 * Guarded runs whose snapshots are missing, or are not in the history: a revert of them would find another state, or none. After a cut, one
 * that no bundle has was forgotten: taken from the history that is there, it would leave a gap.
 */
function* missingSnapshots<Run extends HistoryRun>({
  isCut,
  places,
  runs,
  tree,
}: PlacedHistory<Run>): Findings<Run> {
  for (const run of runs) {
    const place = places.get(run);
    if (run.guard === undefined || place === undefined || !LISTING_PLACES.includes(place)) continue;
    const { after, before } = run.guard;
    const missing = (
      after === undefined || tree.isAmong(after, [before]) ? [before] : [before, after]
    ).filter((root) => {
      const snapshot = tree.bearer(root);
      if (snapshot === undefined) return !isCut;
      const where = places.get(snapshot);
      return where === undefined || !SNAPSHOT_PLACES.includes(where);
    });
    if (missing.length > 0) yield { code: "HISTORY_GUARD_MISSING", run, missing };
  }
}

function* singleRuns<Run extends HistoryRun>({ places, runs }: PlacedHistory<Run>): Findings<Run> {
  for (const run of runs) {
    const isFailedInHistory = run.standing === "failed" && places.get(run) === "line";
    if (run.standing === "rejected" || isFailedInHistory) yield { code: "RUN_REJECTED", run };
  }
  for (const run of runs) if (places.get(run) === "foreign") yield { code: "HISTORY_FOREIGN", run };
}

function runsIn<Run extends HistoryRun>(
  { places }: PlacedHistory<Run>,
  wanted: HistoryPlace,
): readonly Run[] {
  return [...places].filter(([, place]) => place === wanted).map(([run]) => run);
}
