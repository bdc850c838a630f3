/**
 * One bundle as a member of a history: its name, its links, and how its run ended.
 *
 * @module
 */

import type { FailedRuns } from "../artifacts/failed-runs.ts";
import type { HexDigest } from "../bytes/hex.ts";

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
}

/**
 * The standing of a bundle. `failed`: the bundle is as signed and says that its run failed. No verifier accepts it,
 * and its place is beside the line. `rejected`: not accepted for any other reason.
 */
export type RunStanding = "succeeded" | "failed" | "rejected";

/** Orders runs that no link orders: by time, then by name. */
export function compareRuns(left: HistoryRun, right: HistoryRun): number {
  return compare(left.sealedAt ?? "", right.sealedAt ?? "") || compare(left.runId, right.runId);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
