/** The words of a history: heads, places of runs, findings (PROTOCOL 11, 18). @module */

import type { FailedRun } from "../artifacts/failed-runs.ts";
import type { HexDigest } from "../bytes/hex.ts";

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
