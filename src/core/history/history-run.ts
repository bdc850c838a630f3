/**
 * One bundle as a member of a history: what it is called, what it names before it, how its run ended.
 *
 * @module
 */

import type { FailedRuns } from "../artifacts/failed-runs.ts";
import type { HexDigest } from "../bytes/hex.ts";

/** What a history knows of one bundle. */
export interface HistoryRun {
  /** The name of its folder. */
  readonly runId: string;
  /** Undefined where no signature holds that would vouch for one. */
  readonly bundleRoot: HexDigest | undefined;
  /** The bundle before it, as its signer says (PROTOCOL 11); undefined where it names none. */
  readonly previousBundleRoot: HexDigest | undefined;
  /** The signer's own word; undefined where there is none. */
  readonly sealedAt: string | undefined;
  /** `proof_hash` of its proof; undefined where it has none. */
  readonly proofHash: HexDigest | undefined;
  /** `previous_proof_hash` as it stands there, right or not; undefined where it is absent or null. */
  readonly previousProofHash: string | undefined;
  /** The failed and killed runs that it lists (PROTOCOL 11). */
  readonly failedRuns: FailedRuns;
  readonly standing: RunStanding;
}

/**
 * How a bundle stands. `failed`: it is as it was signed, and says that its run failed, so no verifier accepts
 * it; it stands beside the line. `rejected`: not accepted, for any other reason.
 */
export type RunStanding = "succeeded" | "failed" | "rejected";

/** The order in which runs are looked at where no link orders them: by time, then by name. */
export function compareRuns(left: HistoryRun, right: HistoryRun): number {
  return compare(left.sealedAt ?? "", right.sealedAt ?? "") || compare(left.runId, right.runId);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
