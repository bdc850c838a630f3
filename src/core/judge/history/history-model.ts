/** What a history is made of: runs, heads, places of runs, findings (PROTOCOL 11, 18). @module */

import type { BoundGuard } from "../../records/artifacts/bound-guard.ts";
import type { FailedRun, FailedRuns } from "../../records/artifacts/failed-runs.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import type { HistoryCut } from "./cut.ts";
import type { SignedFault } from "./signed-file.ts";

/** The facts of a bundle that a history uses. */
export interface HistoryRun {
  /** The name of its folder. */
  readonly runId: string;
  /** Undefined if no signature holds that covers a root. */
  readonly bundleRoot: HexDigest | undefined;
  /** The root of the previous bundle, as the signer claims (PROTOCOL 11); undefined if the bundle names none. */
  readonly previousBundleRoot: HexDigest | undefined;
  /** The time that the signer claims; undefined if there is none. */
  readonly sealedAt: string | undefined;
  /** `proof_hash` of its proof; undefined if it has none. */
  readonly proofHash: HexDigest | undefined;
  /** `previous_proof_hash` as written, correct or not; undefined if it is absent or null. */
  readonly previousProofHash: string | undefined;
  /** The failed and killed runs that it lists (PROTOCOL 11). */
  readonly failedRuns: FailedRuns;
  readonly standing: RunStanding;
  /** The snapshots that a guarded run names; undefined for other runs. */
  readonly guard?: BoundGuard | undefined;
}

/**
 * The standing of a bundle. `failed`: the bundle is as signed and says that its run failed. No verifier accepts it,
 * and its place is beside the history. `rejected`: not accepted for any other reason.
 */
export type RunStanding = "succeeded" | "failed" | "rejected";

/** Orders runs that no link orders: by time, then by name. */
export function compareRuns(left: HistoryRun, right: HistoryRun): number {
  return compare(left.sealedAt ?? "", right.sealedAt ?? "") || compare(left.runId, right.runId);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A head, which names the last run of a history. */
export interface HistoryHead {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly proofHash: HexDigest;
}

/** The heads that show where the history ends. */
export interface HistoryHeads {
  /** HEAD of the project. */
  readonly head: HistoryHead | "missing" | "malformed";
  /** The last head that this user wrote, kept outside the project; undefined if there is none. */
  readonly remembered: HistoryHead | undefined;
  /** A seal that was killed after it placed its bundle and before HEAD named it. */
  readonly pending: Pick<HistoryHead, "runId" | "bundleRoot"> | undefined;
  /** Where the history begins after older runs were forgotten; undefined if none were. A fault where CUT.json does not hold. */
  readonly cut?: HistoryCut | SignedFault | undefined;
}

/** The place of a run. Each run has one. */
export type HistoryPlace =
  /** In the history that ends at HEAD. */
  | "line"
  /** A failed run beside the history. */
  | "beside"
  /** Sealed by a killed process before HEAD named it. The next seal adds it to the history. */
  | "unfinished"
  /** After HEAD. */
  | "following"
  /** On another branch. */
  | "branch"
  /** Before the cut: `prune` was killed before it removed the bundle. */
  | "forgotten"
  /** Beyond a gap, so that it is unknown whether it belongs to the history. */
  | "beyond"
  /** Not of this history. */
  | "foreign"
  /** Rejected, so that no signature shows its place; or a rejected copy of another bundle. */
  | "unknown";

/** A fault of a history. */
export type HistoryFinding<Run> =
  | { readonly code: "HEAD_MISSING" }
  /** `field` is the member that differs from the bundle; absent if HEAD could not be parsed. */
  | { readonly code: "HEAD_MALFORMED"; readonly field?: "run_id" | "proof_hash" }
  /** The remembered head is not in the history. */
  | { readonly code: "HISTORY_TRUNCATED"; readonly remembered: HistoryHead }
  /** Runs that follow HEAD. */
  | { readonly code: "HISTORY_ROLLED_BACK"; readonly following: readonly Run[] }
  /** Runs with the same predecessor. */
  | { readonly code: "HISTORY_FORK"; readonly previous: HexDigest; readonly runs: readonly Run[] }
  /**
   * A missing bundle that run `by` names; `by` is undefined if HEAD names it. `older` is the newest run of the part that is below the gap in a
   * list of the history; undefined if there is none.
   */
  | {
      readonly code: "HISTORY_GAP";
      readonly previous: HexDigest;
      readonly by: Run | undefined;
      readonly older: Run | undefined;
    }
  /** A run whose proof does not name the proof of the previous run. */
  | { readonly code: "HISTORY_PROOF_MISMATCH"; readonly run: Run }
  /** Failed runs that a run lists and whose bundles are missing. */
  | {
      readonly code: "HISTORY_FAILED_RUN_MISSING";
      readonly run: Run;
      readonly missing: readonly FailedRun[];
    }
  /** A guarded run that names snapshots that are not in the history. */
  | {
      readonly code: "HISTORY_GUARD_MISSING";
      readonly run: Run;
      readonly missing: readonly HexDigest[];
    }
  /** CUT.json does not hold, or names a bundle that is not in the history. */
  | { readonly code: "HISTORY_CUT_INVALID"; readonly reason: SignedFault["reason"] | "not-in-line" }
  /** A bundle that no verifier accepts. Its own verdict has the reason. */
  | { readonly code: "RUN_REJECTED"; readonly run: Run }
  | { readonly code: "HISTORY_FOREIGN"; readonly run: Run };

/** What does not fit into a project's history (PROTOCOL 11 and 18), beside what its head and its bundles are rejected for. */
export type HistoryCode = Extract<HistoryFinding<never>["code"], `HISTORY_${string}`>;

/** An ordered history. */
export interface History<Run> {
  /** Oldest first: from the first run or a gap to HEAD, or without HEAD to the end of the longest history. */
  readonly line: readonly Run[];
  readonly places: ReadonlyMap<Run, HistoryPlace>;
  /** Empty if there is no fault. First findings about HEAD, then forks and gaps, then single runs. */
  readonly findings: readonly HistoryFinding<Run>[];
  /** The cut at which the history begins; undefined if nothing was forgotten. */
  readonly cut: HistoryCut | undefined;
}
