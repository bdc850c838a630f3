/**
 * How a restore ends (PROTOCOL 13.2).
 *
 * @module
 */

import type {
  HexDigest,
  RestoreCode,
  RestoreDetails,
  RestoreFault,
  RestorePhase,
  SignerIdentity,
  TrustDecision,
} from "../../core/index.ts";

/** All is in place, or, after a dry run, would have been. */
export interface RestoreSuccess {
  readonly ok: true;
  readonly code: null;
  /** PLAN after a dry run. */
  readonly phase: RestorePhase;
  readonly cause_code: null;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  readonly trust: TrustDecision | undefined;
  readonly paths: readonly string[];
  readonly bytes: number;
}

/** Nothing is in place; or, with RESTORE_ROLLBACK_FAILED, perhaps something. */
export interface RestoreFailure {
  readonly ok: false;
  readonly code: RestoreCode;
  readonly phase: RestorePhase;
  /** The failure that led to a rollback that failed too; else null. */
  readonly cause_code: RestoreCode | null;
  readonly details: RestoreDetails;
  /** Whether anything was written before it failed (and then undone). */
  readonly wrote: boolean;
  /** The decision, where it was the signer that was refused. */
  readonly trust?: TrustDecision;
}

/** One of the two. */
export type RestoreOutcome = RestoreSuccess | RestoreFailure;

/** A restore that was refused before anything was written. */
export function refused(fault: RestoreFault): RestoreFailure {
  return { ...fault, cause_code: null, wrote: false };
}

/** A restore that failed and was undone, or could not be undone. */
export function undone(fault: RestoreFault, clean: boolean): RestoreFailure {
  if (clean) return { ...fault, cause_code: null, wrote: true };
  return { ...fault, code: "RESTORE_ROLLBACK_FAILED", cause_code: fault.code, wrote: true };
}
