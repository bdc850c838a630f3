/** The exit codes of restores, undos and recoveries that failed. @module */

import type { RestoreFailure } from "../../../node/back/transaction/restore-failure.ts";
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
export function restoreExitCode({ code, trust, wrote }: RestoreFailure): ExitCode {
  if (trust !== undefined && !trust.ok) return exitCodeOf(trust.code);
  return OWN_EXIT_CODE.has(code) ? exitCodeOf(code) : wrote ? 6 : 5;
}

/** The exit code of a recovery that failed: what it could not recover is left in the folder. */
export function recoverExitCode(failure: RestoreFailure): ExitCode {
  const exitCode = restoreExitCode(failure);
  // A recovery that was begun is never rolled back.
  return failure.code === "RESTORE_UNRESOLVED" || exitCode === 6 ? 7 : exitCode;
}
