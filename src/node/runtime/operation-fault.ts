/**
 * How an operation fails where no bundle is to blame: a file that can't be read, a key that others can
 * read, a name that can't be sealed. Codes and facts; the words are the command line's.
 *
 * @module
 */

import {
  faultWords,
  type MachineReason,
  type NameBreach,
  type PathBreach,
  TIMESTAMP_CODES,
  type TimestampCode,
  type UnmetExpectation,
} from "../../core/internal.ts";

/** Those that only operations have. */
const OWN_CODES = [
  "READ_FAILED",
  "WRITE_FAILED",
  "WRITE_IN_DOUBT",
  "CHANGED_WHILE_READ",
  "FILE_LOCKED",
  "PATH_NOT_FOUND",
  "NOT_A_FILE",
  "PATH_OUTSIDE_ROOT",
  "ROOT_NOT_FOUND",
  "IGNORE_MALFORMED",
  "SPECIAL_FILES",
  "LINK_TARGET_NOT_TEXT",
  "LINKS_LEAVE_ROOT",
  "NAMES_NOT_PORTABLE",
  "NAMES_UNLAWFUL",
  "NOTHING_TO_SEAL",
  "RUN_ID_INVALID",
  "RUN_EXISTS",
  "TASK_MALFORMED",
  "SCRATCH_CHANGED",
  "UNSIGNED_NOT_FOUND",
  "UNSIGNED_ARTIFACT_MISSING",
  "UNSIGNED_ARTIFACT_EXTRA",
  "UNSIGNED_ARTIFACT_MALFORMED",
  "UNSIGNED_MISMATCH",
  "UNSIGNED_RUN_FAILED",
  "UNSIGNED_FROM_LATER",
  "SIGNING_UNCONFIRMED",
  "DECLINED",
  "REPORT_EXISTS",
  "KEY_NOT_FOUND",
  "KEY_AMBIGUOUS",
  "KEY_IS_PUBLIC",
  "KEY_EXPOSED",
  "KEY_FILE_MALFORMED",
  "KEY_EXISTS",
  "KEY_UNFINISHED",
  "KEY_NAME_INVALID",
  "HOME_UNUSABLE",
  "KEY_PASSPHRASE_WRONG",
  "KEY_ENCRYPTION_UNAVAILABLE",
  "KEY_IMPORT_UNSUPPORTED",
  "PASSPHRASE_MISSING",
  "PASSPHRASE_EMPTY",
  "PASSPHRASE_TOO_LONG",
  "PASSPHRASE_AMBIGUOUS",
  "PASSPHRASE_MISMATCH",
  "PASSPHRASE_UNREADABLE",
  "AGENT_NOT_SET",
  "AGENT_UNREACHABLE",
  "AGENT_TIMEOUT",
  "AGENT_MALFORMED",
  "AGENT_EMPTY",
  "AGENT_NO_ED25519",
  "AGENT_KEY_NOT_FOUND",
  "AGENT_KEY_AMBIGUOUS",
  "AGENT_REFUSED",
  "AGENT_MESSAGE_TOO_LARGE",
  "SIGNER_COMMAND_FAILED",
  "SIGNER_COMMAND_SHORT",
  "SIGNER_COMMAND_LONG",
  "SIGNER_COMMAND_TIMEOUT",
  "SIGNATURE_WRONG",
  "TRUST_LINE_EXISTS",
  "TRUST_LINE_NOT_FOUND",
  "TRUST_LINE_REQUIRED",
  "COUNTERSIGNATURES_MALFORMED",
  "COUNTERSIGNER_IS_SIGNER",
  "ALREADY_COUNTERSIGNED",
  "TIMESTAMPS_FULL",
  "TIMESTAMP_BEFORE_SEAL",
  "TSA_UNREACHABLE",
  "TSA_TLS_FAILED",
  "TSA_TIMEOUT",
  "TSA_REDIRECTED",
  "TSA_HTTP_STATUS",
  "TSA_CONTENT_TYPE",
  "TSA_TOO_LARGE",
  "TSA_MALFORMED",
  "TSA_REFUSED",
  "TSA_INTERRUPTED",
  "TSA_CERTIFICATE_MALFORMED",
  "OBJECT_NOT_FOUND",
  "OBJECT_CORRUPTED",
  "PACK_DAMAGED",
  "STORE_NOT_A_FOLDER",
  "STORE_BUNDLE_UNREADABLE",
  "HEAD_MALFORMED",
  "HEAD_MISSING",
  "EXPECTATION_FAILED",
  "SYSTEM_UNSUPPORTED",
  "EXACT_NEEDS_TREE",
  "UNBOUND_NEEDS_FILE",
  "PROJECT_NOT_FOUND",
  "RUN_NOT_FOUND",
  "RUN_AMBIGUOUS",
  "NO_RUNS",
  "NOT_A_RUN",
  "PROJECT_LOCKED",
  "PROJECT_LOCK_UNAVAILABLE",
  "PROJECT_LOCK_NOT_RELEASED",
  "COMMAND_NOT_FOUND",
  "COMMAND_NOT_EXECUTABLE",
  "COMMAND_FAILED",
  "COMMAND_INTERRUPTED",
  "SCRATCH_NOT_RESTORED",
  "SCRATCH_OVERLAPS",
  "OUTPUT_NOT_MADE",
  "TASK_TOO_LARGE",
  "GUARD_BUSY",
  "GUARD_CANNOT_CONFINE",
  "GUARD_INCOMPLETE",
  "GUARD_NOT_FOUND",
  "GUARD_PLACE_REFUSED",
  "GUARD_ROOT_CHANGED",
  "GUARD_STORE_INSIDE",
  "GUARD_TOO_LARGE",
  "GUARD_UNREADABLE",
  "GUARD_UNRECOVERED",
  "ARCHIVE_MALFORMED",
  "ARCHIVE_TRUNCATED",
  "ARCHIVE_TRAILING_BYTES",
  "ARCHIVE_ENTRY_UNEXPECTED",
  "ARCHIVE_ENTRY_MISSING",
  "ARCHIVE_ENTRY_DIFFERS",
  "ARCHIVE_TOO_LARGE",
  "ARCHIVE_EXISTS",
  "PACK_SOURCE_MISSING",
  "EXPORT_EMPTY",
  "EXPORT_EXISTS",
  "EXPORT_IN_OWN_FOLDER",
  "EXPORT_NAMES_UNSUPPORTED",
  "EXPORT_NAME_TOO_LONG",
  "EXPORT_NEEDS_COMMAND",
  "REFERENCE_MALFORMED",
  "REGISTRY_UNREACHABLE",
  "REGISTRY_TLS_FAILED",
  "REGISTRY_PLAIN_HTTP",
  "REGISTRY_TIMEOUT",
  "REGISTRY_UNAUTHORIZED",
  "REGISTRY_DENIED",
  "REGISTRY_NOT_FOUND",
  "REGISTRY_STATUS",
  "REGISTRY_RATE_LIMITED",
  "REGISTRY_MALFORMED",
  "REGISTRY_DIGEST_WRONG",
  "REGISTRY_TOO_LARGE",
  "REGISTRY_REDIRECT_REFUSED",
  "REGISTRY_REALM_REFUSED",
  "CREDENTIALS_MALFORMED",
  "CREDENTIAL_HELPER_FAILED",
  "LAYOUT_NOT_FOUND",
  "LAYOUT_MALFORMED",
  "PUSH_TOO_MANY_BLOBS",
  "CARRIED_RUN_MALFORMED",
] as const;

/** One of runseal's own codes. */
export type OperationCode = (typeof OWN_CODES)[number] | TimestampCode;

/** runseal's own codes, beside the protocol's. */
export const OPERATION_CODES: readonly OperationCode[] = [...OWN_CODES, ...TIMESTAMP_CODES];

/** Something in the tree that can't be sealed, and why. */
export interface RefusedEntry {
  /** Relative to the root, as far as it is text: quote it before showing it. */
  readonly path: string;
  /** Absent for a link that leads outside: the code is the reason. */
  readonly reason?: RefusalReason;
  /** The other path, where two collide. */
  readonly other?: string;
  /** The target of a link that is refused for it. */
  readonly target?: string;
}

/** A refused path with the reason. */
export interface RefusedPath extends RefusedEntry {
  readonly reason: RefusalReason;
}

/** Why a path is refused, or left out. */
export type RefusalReason =
  | NameBreach
  | PathBreach
  | SpecialKind
  | CollisionKind
  | "restore-name"
  | "own-folder"
  | "scratch-name"
  | "version-control";

/** What stands in a file's place. */
export type SpecialKind =
  | "link"
  /** A folder on the way to a path that the caller named is a link. */
  | "link-on-the-way"
  | "fifo"
  | "socket"
  | "device"
  | "unknown"
  | "not-utf8";

/** Why the folder of a guard is refused: it must be a folder of this user, closed to others, made for the guarded folder. */
export type PlaceRefusal = "link" | "owner" | "mode" | "malformed" | "other-folder";

/** How two names collide elsewhere. */
export type CollisionKind = "duplicate" | "file-dir-conflict" | "collision";

/** The facts of a failed operation. Paths are as the caller gave them, or relative to the root. */
export interface OperationDetails {
  readonly path?: string;
  readonly reason?: MachineReason;
  readonly refused?: readonly RefusedEntry[];
  readonly names?: readonly string[];
  /** What is not as the caller expects, what that is to be, and what it is. */
  readonly what?: UnmetExpectation["what"];
  readonly expected?: string;
  readonly actual?: string;
  /** How many others there are beside `names`. */
  readonly more?: number;
  /** The format of evidence that can't express a name. */
  readonly format?: string;
  /** An object of the store: `sha256:` and 64 hex. */
  readonly object?: string;
  /** A run id as the caller gave it. */
  readonly run_id?: string;
  /** The ids of the project's runs that wait for a signer, where a signed one was not found. */
  readonly waiting?: readonly string[];
  /** A file of an unsigned bundle, as it is named there: quote it before showing it. */
  readonly artifact?: string;
  /** A member of that file. */
  readonly field?: string;
  /** A line of a trust file, from 1. */
  readonly line?: number;
  /** A key as the caller asked for it, or its fingerprint. */
  readonly key?: string;
  /** How long a signer or an authority was waited for. */
  readonly seconds?: number;
  /** The exit code of a program that was run, or the status of a server or authority. */
  readonly status?: number;
  /** The address of a timestamp authority, as the caller gave it. */
  readonly url?: string;
  /** A repository of a registry, a layout, or a manifest in one, as the caller gave it. */
  readonly reference?: string;
  /**
   * Why its token does not hold, why a command can't be confined, what is wrong with an archive, or the code for why a folder can't be
   * recovered; what part of a reference or of an answer is not as it should be, or the error that a registry names.
   */
  readonly why?: string;
  /** The head that was seen last, as a file of the user's, below a variable of the environment. */
  readonly remembered?: string;
  /** Why the folder of a guard is refused. */
  readonly refusal?: PlaceRefusal;
  /** Files, links and folders, where they are more than a tree may have; blobs, where they are more than a manifest carries. */
  readonly entries?: number;
  /** Bytes that a snapshot would add, and bytes that are free. */
  readonly bytes?: number;
  readonly free?: number;
  /** The largest files and folders. */
  readonly largest?: readonly { readonly path: string; readonly bytes: number }[];
  /** An entry of an archive, as the archive names it: quote it before showing it. */
  readonly member?: string;
  /** A place in an archive, in bytes from its beginning. */
  readonly offset?: number;
  /** The signal that ended it, or that it was sent. */
  readonly signal?: string;
}

/** A failed operation. */
export interface OperationFault {
  readonly ok: false;
  readonly code: OperationCode;
  /** What failed, and on what, in printable characters. The command has a whole sentence for each code. */
  readonly message: string;
  readonly details: OperationDetails;
}

/** Makes a fault. */
export function operationFault(code: OperationCode, details: OperationDetails = {}): OperationFault {
  return { ok: false, code, message: faultMessage(code, details), details };
}

/** The code's own words, and the facts: `read failed: "a.txt": no permission`. */
function faultMessage(
  code: OperationCode,
  { names = [], path, reason, refused = [] }: OperationDetails,
): string {
  const things = path === undefined ? [...names, ...refused.map((one) => one.path)] : [path];
  return faultWords(code, things, reason);
}
