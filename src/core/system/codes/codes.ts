/**
 * The closed unions of codes. Every failure has exactly one; an exhaustive `switch` turns it into words
 * and exit codes.
 *
 * @module
 */

/** Codes of the verifier: why a bundle or a chain is rejected (PROTOCOL 8 and 9). */
export const VERIFIER_CODES = [
  "ARTIFACT_MISSING",
  "ARTIFACT_MALFORMED",
  "ARTIFACT_EXTRA",
  "FIELD_MISSING",
  "FIELD_EXTRA",
  "ALGORITHM_UNSUPPORTED",
  "KEY_INVALID",
  "IDENTITY_INVALID",
  "IDENTITY_MISMATCH",
  "SERIALIZATION_INVALID",
  "BUNDLE_ROOT_MISMATCH",
  "DECISION_INVALID",
  "SIGNATURE_INCOMPLETE",
  "SIGNATURE_MALFORMED",
  "SIGNATURE_INVALID",
  "RESTORATION_FAILED",
  "FORBIDDEN_ARTIFACT",
  "OUTPUT_MISSING",
  "HASH_MISMATCH",
  "PAYLOAD_MISMATCH",
  "CHAIN_EMPTY",
  "CHAIN_DUPLICATE_RUN",
  "CHAIN_ROOT_MISMATCH",
] as const;

/** One code of the verifier. */
export type VerifierCode = (typeof VERIFIER_CODES)[number];

/** Reasons why verification came to no verdict: an output was there, but could not be read as it stood. */
export const READING_CODES = ["READ_FAILED", "CHANGED_WHILE_READ"] as const;

/** One reason for no verdict. */
export type ReadingCode = (typeof READING_CODES)[number];

/** What a verifier of chains and histories reports without judging it (PROTOCOL 9, 18). */
export type NoteCode =
  | "INVALID_CHAIN_REFERENCE"
  | "VALIDATOR_UNSUPPORTED"
  | "HISTORY_CUT"
  | "HISTORY_BYTES_DROPPED";

/** Decisions of the trust policy that are no trust (PROTOCOL 12). */
export type TrustCode =
  | "SIGNER_UNKNOWN"
  | "SIGNER_REVOKED"
  | "SIGNER_NOT_YET_VALID"
  | "SIGNER_EXPIRED"
  | "SIGNER_THRESHOLD_UNMET"
  | "TIME_CONTRADICTS"
  | "TIMESTAMP_REQUIRED"
  | "TRUST_POLICY_MISSING"
  | "TRUST_FILE_MALFORMED";

/** Why a countersignature does not count (PROTOCOL 12). None of them touches the verdict. */
export type CountersignatureCode = "COUNTERSIGNATURES_MALFORMED" | "COUNTERSIGNATURE_INVALID";

/** Why a token of TIMESTAMPS.json does not hold (PROTOCOL 17): the code is TIMESTAMP_INVALID. None touches the verdict. */
export type TimestampFlaw =
  | "form"
  | "imprint"
  | "nonce"
  | "signer-count"
  | "certificate-missing"
  | "certificate-mismatch"
  | "attributes"
  | "algorithm"
  | "signature"
  | "usage"
  | "chain"
  | "expired"
  | "authority-unknown";

/** Why files of a bundle are not proven, and why a proof of files is a no (PROTOCOL 18). */
export const FILE_PROOF_CODES = [
  "OUTPUTS_ROOT_MISSING",
  "OUTPUTS_ROOT_INVALID",
  "FILE_NOT_IN_BUNDLE",
  "FILE_PROOF_TOO_LARGE",
  "FILE_PROOF_MALFORMED",
  "FILE_PROOF_INVALID",
  "FILE_NOT_PROVEN",
  "AMBIGUOUS",
  "FILE_DIFFERS",
] as const;

/** One code of a proof of files. */
export type FileProofCode = (typeof FILE_PROOF_CODES)[number];

/** Codes of a restore (PROTOCOL 13). */
export const RESTORE_CODES = [
  "RESTORE_VERIFY_STRICT_FAILED",
  "RESTORE_CHAIN_RUN_ID_DUPLICATE",
  "RESTORE_PROOF_MISSING",
  "RESTORE_PROOF_MALFORMED",
  "RESTORE_PROOF_RESTORATION_RESULT_MISSING",
  "RESTORE_PROOF_NOT_VERIFIED",
  "RESTORE_OUTPUT_HASHES_MISSING",
  "RESTORE_OUTPUT_HASHES_MALFORMED",
  "RESTORE_OUTPUT_HASHES_HASHES_MISSING",
  "RESTORE_OUTPUT_HASHES_HASHES_EMPTY",
  "RESTORE_TARGET_MISSING",
  "RESTORE_TARGET_NOT_ABSOLUTE",
  "RESTORE_TARGET_NOT_EXIST",
  "RESTORE_TARGET_NOT_DIRECTORY",
  "RESTORE_TARGET_NOT_WRITABLE",
  "RESTORE_PATH_TRAVERSAL_DETECTED",
  "RESTORE_PATH_NULL_BYTE_DETECTED",
  "RESTORE_SYMLINK_ESCAPE_DETECTED",
  "RESTORE_CHAIN_TARGET_DIR_EXISTS",
  "RESTORE_SOURCE_MISSING",
  "RESTORE_SOURCE_NOT_REGULAR_FILE",
  "RESTORE_TARGET_PATH_EXISTS",
  "RESTORE_STAGING_HASH_MISMATCH",
  "RESTORE_FINALIZE_FAILED",
  "RESTORE_OUTPUT_MISSING_AFTER_RESTORE",
  "RESTORE_HASH_MISMATCH_AFTER_RESTORE",
  "RESTORE_RESULT_ARTIFACT_WRITE_FAILED",
  "RESTORE_ROLLBACK_FAILED",
  "RESTORE_INTERNAL_ERROR",
] as const;

/** runseal's own codes of a restore, for what PROTOCOL 13.9 and 17 ask and leave without a code. */
export const TRANSACTION_CODES = [
  "EXPECTATION_FAILED",
  "RESTORE_SELECTION_NOT_FOUND",
  "RESTORE_LINK_LEAVES_ROOT",
  "RESTORE_BUSY",
  "RESTORE_UNRESOLVED",
  "IN_DOUBT",
  "RESTORE_STATE_UNAVAILABLE",
  "RESTORE_TOO_FEW_DESCRIPTORS",
  "RESTORE_PARENT_SHARED",
  "RECOVER_FOREIGN_JOURNAL",
  "UNDO_LIST_INVALID",
  "UNDO_TARGET_CHANGED",
] as const;

/** Why an undo of a run is refused before anything is changed. */
export type RevertCode = "UNDO_NO_AFTER" | "UNDO_BLOCKED" | "UNDO_FILES_OPEN";

/** One code of a restore. */
export type RestoreCode = (typeof RESTORE_CODES)[number] | (typeof TRANSACTION_CODES)[number] | RevertCode;
