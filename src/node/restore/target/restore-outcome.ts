/**
 * How a restore ends (PROTOCOL 13.2).
 *
 * @module
 */

import {
  type HexDigest,
  type RestoreCode,
  type RestoreDetails,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
  type SignerIdentity,
  type TrustDecision,
} from "../../../core/internal.ts";
import { canAnchor } from "../../files/anchored-dir.ts";
import { reasonOf } from "../../runtime/machine-reason.ts";
import type { SourceName } from "../../store/output-source.ts";
import type { Durability } from "../journal/durability.ts";
import type { Recovery } from "./recovery.ts";

/** All is in place, or, after a dry run, would have been. */
export interface RestoreSuccess {
  readonly ok: true;
  readonly code: null;
  /** PLAN after a dry run. */
  readonly phase: RestorePhase;
  readonly cause_code: null;
  /** One, or those of a chain in order, each with what was restored of it. */
  readonly runs: readonly RestoredBundle[];
  /** Undefined outside a chain. */
  readonly chainRoot: HexDigest | undefined;
  /** Relative to the restore root. Of a million files a long list, which is made when it is first asked for. */
  readonly paths: readonly string[];
  readonly bytes: number;
  /** Whether it is there for good, a power cut or not. */
  readonly durability: Durability;
  /** Whether the staging folder is gone too; `runseal recover` removes what is left of it. */
  readonly isClean: boolean;
  /** Earlier restores into the same root that were killed, and brought to an end before this one. */
  readonly recovered: readonly Recovery[];
  /** Names of staging folders beside a new root that were left alone: nothing tells whether their owners live. */
  readonly left: readonly string[];
}

/** One bundle that was restored. */
export interface RestoredBundle {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  readonly trust: TrustDecision | undefined;
  /** Where its outputs came from. */
  readonly source: SourceName;
  readonly files: number;
  readonly bytes: number;
  /** Why the run failed, as its bundle says; undefined where it succeeded. */
  readonly failure: { readonly code: string | undefined; readonly message: string | undefined } | undefined;
}

/** Nothing is in place; or, with RESTORE_ROLLBACK_FAILED, perhaps something; or, with RESTORE_IN_DOUBT, all. */
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
  /** Where outputs were looked for, where it was an output that was not as it should be. */
  readonly source?: SourceName;
  /** Earlier restores into the same root that were killed, and what became of them. */
  readonly recovered?: readonly Recovery[];
}

/** One of the two. */
export type RestoreOutcome = RestoreSuccess | RestoreFailure;

/** A restore that was refused before anything was written. */
export function refused(fault: RestoreFault & Pick<RestoreFailure, "source" | "trust">): RestoreFailure {
  return { ...fault, cause_code: null, wrote: false };
}

/** Without folders held by descriptor, a restore could be led astray: it is refused, not weakened (H-04). */
export function refusedByPlatform(): RestoreFailure | undefined {
  const reason = "unsupported-platform";
  return canAnchor() ? undefined : refused(restoreFault("PREFLIGHT", "RESTORE_INTERNAL_ERROR", { reason }));
}

/** Looking may fail too, as with a folder that is closed to us: nothing was written yet. Throws what is no system error. */
export function cannotLook(thrown: unknown, phase: RestorePhase = "PREFLIGHT"): RestoreFault {
  return restoreFault(phase, "RESTORE_INTERNAL_ERROR", { reason: reasonOf(thrown) });
}

/** A restore that failed and was undone, or could not be undone. */
export function undone(fault: RestoreFault, clean: boolean): RestoreFailure {
  if (clean) return { ...fault, cause_code: null, wrote: true };
  return { ...fault, code: "RESTORE_ROLLBACK_FAILED", cause_code: fault.code, wrote: true };
}
