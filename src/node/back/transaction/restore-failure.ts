/**
 * How a transaction or a recovery fails (PROTOCOL 13.2 and 13.9).
 *
 * @module
 */

import {
  type Astray,
  type RestoreCode,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
  type TrustDecision,
  withOutcome,
} from "../../../core/internal.ts";
import type { CarrierName } from "../../judge/source/bundle-source.ts";
import { canAnchor } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { pathOfComponents } from "../../system/files/path-components.ts";
import { findSharedFolder, showsPermissions } from "../../system/files/shared-above.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { Act, RestoreOrigin } from "./journal/journal.ts";

/** Nothing is in place; or, with RESTORE_ROLLBACK_FAILED, perhaps something; or, with IN_DOUBT, all. */
export interface RestoreFailure extends RestoreFault {
  /** The failure that led to a rollback that failed too; else null. */
  readonly cause_code: RestoreCode | null;
  /** Whether anything was written before it failed (and then rolled back). */
  readonly wrote: boolean;
  /** The decision, if the signer was refused. */
  readonly trust?: TrustDecision;
  /** Where outputs were looked for, if an output was wrong. */
  readonly source?: CarrierName;
  /** What became of an archive or registry, where that and no bundle is to blame. */
  readonly operation?: OperationFault;
  /** Earlier restores into the same root that were killed, and what became of them. */
  readonly recovered?: readonly Recovery[];
}

/** A restore that was refused before anything was written. */
export function refused(
  fault: RestoreFault & Pick<RestoreFailure, "operation" | "source" | "trust">,
): RestoreFailure {
  return { ...fault, cause_code: null, wrote: false };
}

/**
 * Keeps other users from leading a transaction in an existing root elsewhere, where folders are reached by path (H-04). Fails with
 * RESTORE_PARENT_SHARED if another user could exchange an entry of the root, or a folder on the way to it; with RESTORE_INTERNAL_ERROR if
 * the system does not show them.
 */
export function keepOthersOut({ dir, real }: AnchoredRoot, fs: FileSystem): RestoreFault | undefined {
  if (canAnchor() || !showsPermissions()) return undefined;
  dir.keepOthersOut();
  try {
    const path = findSharedFolder(pathOfComponents(real), fs);
    return path === undefined ? undefined : restoreFault("PREFLIGHT", "RESTORE_PARENT_SHARED", { path });
  } catch (thrown) {
    return systemFault(thrown);
  }
}

/** The fault for a system error before anything was written, as with a folder that is closed. Throws bugs on. */
export function systemFault(thrown: unknown, phase: RestorePhase = "PREFLIGHT"): RestoreFault {
  return restoreFault(phase, "RESTORE_INTERNAL_ERROR", { reason: reasonOf(thrown) });
}

/** Whether the recovery of an earlier restore or undo changed something, and failed. Without a recovery, PREFLIGHT writes nothing. */
export function failedToRecover({ phase, wrote }: RestoreFailure): boolean {
  return wrote && phase === "PREFLIGHT";
}

/** A restore that failed and was rolled back, or whose rollback failed. */
export function rolledBack(fault: RestoreFault, clean: boolean): RestoreFailure {
  if (clean) return { ...fault, cause_code: null, wrote: true };
  return { ...withOutcome(fault, "RESTORE_ROLLBACK_FAILED"), cause_code: fault.code, wrote: true };
}

/** A killed restore or undo that was found, and what became of it (PROTOCOL 13.9). */
export interface Recovery extends Astray {
  /** The name of its staging folder: in the root, or beside a new root. */
  readonly staging: string;
  /** Undefined if its journal was not written yet. */
  readonly act: Act | undefined;
  readonly origin: RestoreOrigin | undefined;
  /** How many of its files are in their places, and of how many; 0 of 0 for a new root. */
  readonly placed: number;
  readonly files: number;
  /** How it ended; after a dry run, how it would end. */
  readonly end: RecoveryEnd;
}

/** How a recovery ends: in a good state, or not. */
export type RecoveryEnd =
  | "everything"
  | "nothing"
  /** Neither journal nor marker was left: it had not begun, or it is complete. No working files are left. */
  | "unknown-clean"
  | "in-doubt"
  | "unresolved"
  /** Unresolved for nothing but files that were edited in their places since. */
  | "changed"
  /** Its journal has no valid MAC, or an unknown version. */
  | "foreign"
  | "alive";

const GOOD: readonly RecoveryEnd[] = ["everything", "nothing", "unknown-clean"];

/** Whether the folder is in a good state: each recovery ended well. */
export function isRecovered(recoveries: readonly Recovery[]): boolean {
  return recoveries.every(({ end }) => GOOD.includes(end));
}
