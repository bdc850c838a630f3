/**
 * What the program's exit code says: one exhaustive switch over all codes.
 *
 * @module
 */

import type { RestoreFailure } from "../../node/index.ts";
import type { AnyCode } from "./codes.ts";

/** The exit codes, with the words that `--help` has for them. */
export const EXIT_CODES = {
  0: "accepted, or done",
  1: "rejected",
  2: "wrong usage",
  3: "sound, but the signer is not trusted, or no trust policy was given",
  4: "could not read, write or sign",
  5: "restore or undo refused before anything was written",
  6: "restore or undo failed and was rolled back",
  7: "something is left that could be neither rolled back nor recovered",
  8: "somebody else is restoring, undoing or recovering there",
  9: "done, but a restore's durability is in doubt, or a project's lock could not be removed",
  10: "the command of a run did well, but its scratch folders or outputs are not as they should be",
  70: "internal error",
  126: "the command of a run can't be run; 127 where there is none of that name",
  130: "interrupted (SIGINT); 143 for SIGTERM",
} as const;

/** One of the exit codes. */
export type ExitCode = keyof typeof EXIT_CODES | 127 | 143;

declare const commandExitCode: unique symbol;

/** The exit code of the command that `run` ran, which is then runseal's own. */
export type CommandExitCode = number & { readonly [commandExitCode]: true };

/** Any exit code that a report may have. */
export type ReportExitCode = ExitCode | CommandExitCode;

/** Takes over the exit code of a command, 0 to 255. */
export function exitCodeOfCommand(exitCode: number): CommandExitCode {
  return exitCode as CommandExitCode;
}

/** The exit code for a code that decided a command. Restores ask `restoreExitCode`. */
export function exitCodeOf(code: AnyCode): ExitCode {
  switch (code) {
    case "OK":
    case "ANY_SIGNER":
    case "INVALID_CHAIN_REFERENCE":
    case "VALIDATOR_UNSUPPORTED":
    case "COUNTERSIGNATURE_MALFORMED":
    case "COUNTERSIGNATURE_INVALID":
      return 0;
    case "ARTIFACT_MISSING":
    case "ARTIFACT_MALFORMED":
    case "ARTIFACT_EXTRA":
    case "FIELD_MISSING":
    case "FIELD_EXTRA":
    case "ALGORITHM_UNSUPPORTED":
    case "KEY_INVALID":
    case "IDENTITY_INVALID":
    case "IDENTITY_MISMATCH":
    case "IDENTITY_MULTIPLE":
    case "SERIALIZATION_INVALID":
    case "BUNDLE_ROOT_MISMATCH":
    case "DECISION_INVALID":
    case "SIGNATURE_INCOMPLETE":
    case "SIGNATURE_MALFORMED":
    case "SIGNATURE_INVALID":
    case "SIGNATURE_MULTIPLE":
    case "RESTORATION_FAILED":
    case "FORBIDDEN_ARTIFACT":
    case "OUTPUT_MISSING":
    case "HASH_MISMATCH":
    case "PAYLOAD_MISMATCH":
    case "CHAIN_EMPTY":
    case "CHAIN_DUPLICATE_RUN":
    case "CHAIN_ROOT_MISMATCH":
    case "EXPECTATION_FAILED":
    case "HISTORY_TRUNCATED":
    case "HISTORY_ROLLED_BACK":
    case "HISTORY_FORK":
    case "HISTORY_GAP":
    case "HISTORY_PROOF_MISMATCH":
    case "HISTORY_FOREIGN":
    case "HISTORY_FAILED_RUN_MISSING":
    case "IGNORE_MALFORMED":
    case "SPECIAL_FILES":
    case "NAMES_NOT_PORTABLE":
    case "NAMES_UNLAWFUL":
    case "NOTHING_TO_SEAL":
    case "TASK_MALFORMED":
    case "SCRATCH_CHANGED":
    case "COUNTERSIGNATURES_MALFORMED":
    case "OUTPUTS_ROOT_MISSING":
    case "OUTPUTS_ROOT_MALFORMED":
    case "OUTPUTS_ROOT_MISMATCH":
    case "OUTPUTS_ROOT_INVALID":
    case "FILE_NOT_IN_BUNDLE":
    case "FILE_PROOF_MALFORMED":
    case "FILE_PROOF_KEY_INVALID":
    case "FILE_PROOF_IDENTITY_INVALID":
    case "FILE_PROOF_SIGNATURE_INVALID":
    case "FILE_PROOF_NOT_MEMBER":
    case "FILE_NOT_PROVEN":
    case "FILE_DIFFERS":
    case "OBJECT_CORRUPTED":
    case "HEAD_MALFORMED":
    case "HEAD_MISSING":
    case "COMMAND_FAILED":
    case "TASK_TOO_LARGE":
      return 1;
    case "USAGE":
    case "SIGNER_NOT_A_KEY":
    case "PATH_OUTSIDE_ROOT":
    case "RUN_ID_INVALID":
    case "KEY_NAME_INVALID":
    case "KEY_AMBIGUOUS":
    case "AGENT_KEY_AMBIGUOUS":
    case "PASSPHRASE_AMBIGUOUS":
    case "COUNTERSIGNER_IS_SIGNER":
    case "SCRATCH_OVERLAPS":
    case "FILE_AMBIGUOUS":
    case "FILE_PROOF_TOO_LARGE":
      return 2;
    case "SIGNER_UNKNOWN":
    case "SIGNER_REVOKED":
    case "SIGNER_NOT_YET_VALID":
    case "SIGNER_EXPIRED":
    case "SIGNER_THRESHOLD_UNMET":
    case "TRUST_POLICY_MISSING":
    case "TRUST_FILE_MALFORMED":
      return 3;
    case "READ_FAILED":
    case "WRITE_FAILED":
    case "CHANGED_WHILE_READ":
    case "FILE_LOCKED":
    case "PATH_NOT_FOUND":
    case "NOT_A_FILE":
    case "ROOT_NOT_FOUND":
    case "RUN_EXISTS":
    case "KEY_NOT_FOUND":
    case "KEY_IS_PUBLIC":
    case "KEY_EXPOSED":
    case "KEY_FILE_MALFORMED":
    case "KEY_EXISTS":
    case "HOME_UNUSABLE":
    case "KEY_UNFINISHED":
    case "KEY_PASSPHRASE_WRONG":
    case "KEY_ENCRYPTION_UNAVAILABLE":
    case "KEY_IMPORT_UNSUPPORTED":
    case "PASSPHRASE_MISSING":
    case "PASSPHRASE_EMPTY":
    case "PASSPHRASE_TOO_LONG":
    case "PASSPHRASE_MISMATCH":
    case "PASSPHRASE_UNREADABLE":
    case "AGENT_NOT_SET":
    case "AGENT_UNREACHABLE":
    case "AGENT_TIMEOUT":
    case "AGENT_MALFORMED":
    case "AGENT_EMPTY":
    case "AGENT_NO_ED25519":
    case "AGENT_KEY_NOT_FOUND":
    case "AGENT_REFUSED":
    case "SIGNER_COMMAND_FAILED":
    case "SIGNER_COMMAND_SHORT":
    case "SIGNER_COMMAND_LONG":
    case "SIGNER_COMMAND_TIMEOUT":
    case "SIGNATURE_WRONG":
    case "TRUST_FILE_UNREADABLE":
    case "TRUST_LINE_EXISTS":
    case "TRUST_LINE_NOT_FOUND":
    case "TRUST_LINE_REQUIRED":
    case "ALREADY_COUNTERSIGNED":
    case "STORE_NOT_A_FOLDER":
    case "STORE_BUNDLE_UNREADABLE":
    case "PROJECT_NOT_FOUND":
    case "RUN_NOT_FOUND":
    case "NOT_A_RUN":
    case "PROJECT_LOCKED":
    case "PROJECT_LOCK_UNAVAILABLE":
      return 4;
    case "RESTORE_VERIFY_STRICT_FAILED":
    case "RESTORE_CHAIN_RUN_ID_DUPLICATE":
    case "RESTORE_PROOF_MISSING":
    case "RESTORE_PROOF_MALFORMED":
    case "RESTORE_PROOF_RESTORATION_RESULT_MISSING":
    case "RESTORE_PROOF_NOT_VERIFIED":
    case "RESTORE_OUTPUT_HASHES_MISSING":
    case "RESTORE_OUTPUT_HASHES_MALFORMED":
    case "RESTORE_OUTPUT_HASHES_HASHES_MISSING":
    case "RESTORE_OUTPUT_HASHES_HASHES_EMPTY":
    case "RESTORE_TARGET_MISSING":
    case "RESTORE_TARGET_NOT_ABSOLUTE":
    case "RESTORE_TARGET_NOT_EXIST":
    case "RESTORE_TARGET_NOT_DIRECTORY":
    case "RESTORE_TARGET_NOT_WRITABLE":
    case "RESTORE_PATH_TRAVERSAL_DETECTED":
    case "RESTORE_PATH_NULL_BYTE_DETECTED":
    case "RESTORE_SYMLINK_ESCAPE_DETECTED":
    case "RESTORE_CHAIN_TARGET_DIR_EXISTS":
    case "RESTORE_SOURCE_MISSING":
    case "RESTORE_SOURCE_NOT_REGULAR_FILE":
    case "RESTORE_TARGET_PATH_EXISTS":
    case "RESTORE_SELECTION_NOT_FOUND":
    case "RESTORE_STATE_UNAVAILABLE":
    case "RESTORE_TOO_FEW_DESCRIPTORS":
    case "UNDO_MANIFEST_MISSING":
    case "UNDO_MANIFEST_MALFORMED":
    case "UNDO_AMBIGUOUS":
    case "UNDO_TARGET_CHANGED":
      return 5;
    case "RESTORE_STAGING_HASH_MISMATCH":
    case "RESTORE_FINALIZE_FAILED":
    case "RESTORE_OUTPUT_MISSING_AFTER_RESTORE":
    case "RESTORE_HASH_MISMATCH_AFTER_RESTORE":
    case "RESTORE_RESULT_ARTIFACT_WRITE_FAILED":
    case "RESTORE_INTERNAL_ERROR":
      return 6;
    case "RESTORE_ROLLBACK_FAILED":
    case "RESTORE_UNRESOLVED":
    case "RECOVER_FOREIGN_JOURNAL":
      return 7;
    case "RESTORE_BUSY":
      return 8;
    case "RESTORE_IN_DOUBT":
    case "WRITE_IN_DOUBT":
    case "PROJECT_LOCK_NOT_RELEASED":
      return 9;
    case "SCRATCH_NOT_RESTORED":
    case "OUTPUT_NOT_MADE":
      return 10;
    case "INTERNAL_ERROR":
      return 70;
    case "COMMAND_NOT_EXECUTABLE":
      return 126;
    case "COMMAND_NOT_FOUND":
      return 127;
    case "INTERRUPTED":
    case "COMMAND_INTERRUPTED":
      return 130;
  }
}

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
