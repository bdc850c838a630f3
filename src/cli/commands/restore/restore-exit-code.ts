/** The exit codes of restores, undos and recoveries that failed. @module */

import { failedToRecover, type RestoreFailure } from "../../../node/back/transaction/restore-failure.ts";
import { exitCodeOf } from "../../codes/all-codes.ts";
import type { ExitCode } from "../../codes/exit-code.ts";

/** Codes that have their record's exit code, whatever became of the target. */
const OWN_EXIT_CODE: ReadonlySet<RestoreFailure["code"]> = new Set([
  "EXPECTATION_FAILED",
  "RESTORE_ROLLBACK_FAILED",
  "RESTORE_BUSY",
  "IN_DOUBT",
  "RESTORE_STATE_UNAVAILABLE",
  "RESTORE_TOO_FEW_DESCRIPTORS",
  "RECOVER_FOREIGN_JOURNAL",
  "UNDO_TARGET_CHANGED",
] as const);

/**
 * The exit code of a restore or an undo that failed: an untrusted signer is 3 here as it is for `verify`;
 * else it says what became of the target.
 */
export function restoreExitCode(failure: RestoreFailure): ExitCode {
  const { code, trust, wrote } = failure;
  if (trust !== undefined && !trust.ok) return exitCodeOf(trust.code);
  const exitCode = OWN_EXIT_CODE.has(code) ? exitCodeOf(code) : wrote ? 6 : 5;
  // A recovery that was begun is never rolled back.
  return failedToRecover(failure) && exitCode < 7 ? 7 : exitCode;
}

/** The exit code of a recovery that failed, or would fail: what it can't recover is left in the folder. */
export function recoverExitCode(failure: RestoreFailure): ExitCode {
  return LEAVING.has(failure.code) ? 7 : restoreExitCode(failure);
}

/** Codes of recoveries that leave something, after a dry run too. */
const LEAVING: ReadonlySet<RestoreFailure["code"]> = new Set([
  "RESTORE_UNRESOLVED",
  "UNDO_TARGET_CHANGED",
] as const);
