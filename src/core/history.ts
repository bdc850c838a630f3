/**
 * The history of a project: one line of runs that name each other, found whatever the order in which they are
 * read, and everything that does not fit into it (PROTOCOL 11 and 18).
 *
 * Pure: what was read of each bundle, of HEAD and of the head that this user's machine remembers goes in.
 *
 * @module
 */

import type { FailedRun } from "./artifacts/failed-runs.ts";
import type { Crypto } from "./crypto.ts";
import type { HexDigest } from "./hex.ts";
import { findAll } from "./history-findings.ts";
import { placeRuns } from "./history-places.ts";
import { compareRuns, type HistoryRun } from "./history-run.ts";
import { HistoryTree } from "./history-tree.ts";

/** What a head names: the last run of a line. */
export interface HistoryHead {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly proofHash: HexDigest;
}

/** What tells where the line ends. */
export interface HistoryHeads {
  /** HEAD as it stands in the project. */
  readonly head: HistoryHead | "missing" | "malformed";
  /** The head that was written last from this user's account, outside the project; undefined if none is known. */
  readonly remembered: HistoryHead | undefined;
  /** A seal that was cut off after its bundle appeared and before HEAD named it. */
  readonly pending: Pick<HistoryHead, "runId" | "bundleRoot"> | undefined;
}

/** Where a run stands. Each has one place. */
export type HistoryPlace =
  /** In the line that HEAD ends. */
  | "line"
  /** A failed run beside it. */
  | "beside"
  /** Sealed, and cut off before HEAD named it; the next seal takes it in. */
  | "unfinished"
  /** Behind HEAD. */
  | "following"
  /** On another branch. */
  | "branch"
  /** Beyond a gap: nobody can tell whether it belongs to the line. */
  | "beyond"
  /** Nowhere in the line. */
  | "foreign"
  /** Rejected, so that no signature says where it belongs; or a rejected copy of another. */
  | "unknown";

/** Something that does not fit. */
export type HistoryFinding<Run> =
  | { readonly code: "HEAD_MISSING" }
  /** `field` is the member that is not the bundle's; absent where HEAD could not be understood at all. */
  | { readonly code: "HEAD_MALFORMED"; readonly field?: "run_id" | "proof_hash" }
  /** The head that was remembered is not in the line. */
  | { readonly code: "HISTORY_TRUNCATED"; readonly remembered: HistoryHead }
  /** Runs that follow HEAD. */
  | { readonly code: "HISTORY_ROLLED_BACK"; readonly following: readonly Run[] }
  /** Runs that name the same bundle before them. */
  | { readonly code: "HISTORY_FORK"; readonly previous: HexDigest; readonly runs: readonly Run[] }
  /** A bundle that is named and is nowhere; `by` is undefined where HEAD names it. */
  | { readonly code: "HISTORY_GAP"; readonly previous: HexDigest; readonly by: Run | undefined }
  /** A run whose proof does not name the proof of the run before it. */
  | { readonly code: "HISTORY_PROOF_MISMATCH"; readonly run: Run }
  /** Failed runs whose bundles are not here, though a run lists them. */
  | {
      readonly code: "HISTORY_FAILED_RUN_MISSING";
      readonly run: Run;
      readonly missing: readonly FailedRun[];
    }
  /** A bundle that no verifier accepts, for the reason that its own verdict gives. */
  | { readonly code: "RUN_REJECTED"; readonly run: Run }
  | { readonly code: "HISTORY_FOREIGN"; readonly run: Run };

/** A history in order. */
export interface History<Run> {
  /** Oldest first: from the beginning, or from a gap, to HEAD; without one, to the end of the longest line. */
  readonly line: readonly Run[];
  readonly places: ReadonlyMap<Run, HistoryPlace>;
  /** Nothing where all is well. What concerns HEAD comes first, then forks and gaps, then single runs. */
  readonly findings: readonly HistoryFinding<Run>[];
}

/**
 * Orders runs by their links and says what does not fit. The order in which they are given does not matter. Takes
 * time and memory in proportion to them, and never throws, whatever they name.
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
  const { line, missing } = end === undefined ? { line: [], missing: undefined } : tree.lineage(end);
  const lost = lostRoots(tree, [missing, head?.bundleRoot, heads.remembered?.bundleRoot]);
  const isBroken = missing !== undefined || (head !== undefined && ended === undefined);
  const known = { line, ended, started, lost, isBroken };
  const places = placeRuns(runs, tree, known);
  const placed = { ...known, runs: runs.toSorted(compareRuns), tree, places, heads, missing };
  return { line, places, findings: [...findAll(placed, crypto)] };
}

/** A bundle that a killed seal put there, and that HEAD does not name yet: the only one behind HEAD. */
function findStarted<Run extends HistoryRun>(
  tree: HistoryTree<Run>,
  { head, pending }: HistoryHeads,
  ended: Run | undefined,
): Run | undefined {
  if (pending === undefined || (head !== "missing" && ended?.bundleRoot === undefined)) return undefined;
  const behind = ended?.bundleRoot === undefined ? tree.linked : tree.descendants([ended.bundleRoot]);
  const [next] = behind;
  const isNamed =
    next !== undefined && next === tree.bearer(pending.bundleRoot) && next.runId === pending.runId;
  const isNext = isNamed && behind.length === 1 && tree.before(next) === ended;
  return isNext && next.standing === "succeeded" ? next : undefined;
}

/** Where the line ends if HEAD does not say so: behind what was remembered, else the longest there is. */
function guessEnd<Run extends HistoryRun>(
  tree: HistoryTree<Run>,
  { remembered }: HistoryHeads,
): Run | undefined {
  const recalled = remembered === undefined ? undefined : tree.bearer(remembered.bundleRoot);
  return tree.longestEnd(recalled === undefined ? undefined : [recalled]);
}

/** Which roots no bundle bears, each once. */
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
