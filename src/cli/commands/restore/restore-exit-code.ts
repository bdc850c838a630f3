/** The exit codes of restores, undos and recoveries that failed. @module */

import type { RestoreFailure } from "../../../node/index.ts";
import { exitCodeOf } from "../../codes/codes.ts";
import type { ExitCode } from "../../codes/exit-code.ts";

/**
 * The exit code of a restore or an undo that failed: an untrusted signer is 3 here as it is for `verify`;
 * else it says what became of the target.
 */
export function restoreExitCode({ code, trust, wrote }: RestoreFailure): ExitCode {
  if (trust !== undefined && !trust.ok) return exitCodeOf(trust.code);
  switch (code) {
    case "EXPECTATION_FAILED":
    case "RESTORE_ROLLBACK_FAILED":
    case "RESTORE_BUSY":
    case "RESTORE_IN_DOUBT":
    case "RESTORE_STATE_UNAVAILABLE":
    case "RESTORE_TOO_FEW_DESCRIPTORS":
    case "RECOVER_FOREIGN_JOURNAL":
    case "UNDO_TARGET_CHANGED":
      return exitCodeOf(code);
    default:
      return wrote ? 6 : 5;
  }
}

/** The exit code of a recovery that failed: what it could not bring to an end is left in the folder. */
export function recoverExitCode(failure: RestoreFailure): ExitCode {
  const exitCode = restoreExitCode(failure);
  // A recovery that was begun is never rolled back.
  return failure.code === "RESTORE_UNRESOLVED" || exitCode === 6 ? 7 : exitCode;
}
