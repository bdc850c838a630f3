/**
 * How an operation fails where no bundle is to blame: a file that can't be read, a key that others can
 * read, a name that can't be sealed. Codes and facts; the words are the command line's.
 *
 * @module
 */

import { faultWords, type NameBreach, type PathBreach, type UnmetExpectation } from "../../core/internal.ts";
import type { FaultReason, FaultReasons } from "./fault-reasons.ts";

/** runseal's own codes, beside the protocol's. */
export const OPERATION_CODES = [
  "READ_FAILED",
  "WRITE_FAILED",
  "IN_DOUBT",
  "CHANGED_WHILE_READ",
  "LOCKED",
  "PATH_NOT_FOUND",
  "NOT_A_FILE",
  "PATH_REFUSED",
  "INPUT_MALFORMED",
  "ENTRIES_REFUSED",
  "NOTHING_TO_SEAL",
  "NAME_INVALID",
  "RUN_EXISTS",
  "SCRATCH_CHANGED",
  "RUN_NOT_FOUND",
  "UNSIGNED_INVALID",
  "SIGNING_UNCONFIRMED",
  "DECLINED",
  "FILE_EXISTS",
  "KEY_NOT_FOUND",
  "AMBIGUOUS",
  "KEY_FILE_UNUSABLE",
  "KEY_EXISTS",
  "HOME_UNUSABLE",
  "PASSPHRASE_UNUSABLE",
  "SYSTEM_UNSUPPORTED",
  "AGENT_UNREACHABLE",
  "SIGNER_FAILED",
  "TRUST_LINE_REFUSED",
  "TRUST_LINE_NOT_FOUND",
  "COUNTERSIGNATURES_MALFORMED",
  "COUNTERSIGNER_IS_SIGNER",
  "NOTHING_TO_ADD",
  "TIMESTAMP_INVALID",
  "TSA_UNREACHABLE",
  "TSA_ANSWER_MALFORMED",
  "TSA_REFUSED",
  "ARGUMENT_MALFORMED",
  "OBJECT_NOT_FOUND",
  "STORE_DAMAGED",
  "STORE_UNUSABLE",
  "HEAD_MALFORMED",
  "HEAD_MISSING",
  "EXPECTATION_FAILED",
  "BUNDLE_UNSUITABLE",
  "PROJECT_NOT_FOUND",
  "PROJECT_LOCK_NOT_RELEASED",
  "COMMAND_NOT_FOUND",
  "COMMAND_NOT_EXECUTABLE",
  "COMMAND_FAILED",
  "COMMAND_INTERRUPTED",
  "SCRATCH_NOT_RESTORED",
  "OUTPUT_NOT_MADE",
  "GUARD_BUSY",
  "GUARD_CANNOT_CONFINE",
  "GUARD_INCOMPLETE",
  "GUARD_NOT_FOUND",
  "GUARD_PLACE_REFUSED",
  "GUARD_ROOT_CHANGED",
  "SNAPSHOT_REFUSED",
  "GUARD_UNRECOVERED",
  "CARRIED_RUN_MALFORMED",
  "PACK_SOURCE_MISSING",
  "EXPORT_REFUSED",
  "REGISTRY_UNREACHABLE",
  "REGISTRY_DENIED",
  "REGISTRY_NOT_FOUND",
  "REGISTRY_STATUS",
  "REGISTRY_MALFORMED",
  "REGISTRY_REDIRECT_REFUSED",
  "CREDENTIALS_UNUSABLE",
  "PUSH_TOO_MANY_BLOBS",
  "TIMESTAMPS_MALFORMED",
] as const;

/** One of runseal's own codes. */
export type OperationCode = (typeof OPERATION_CODES)[number];

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

/** Why the folder of a guard is refused: it must be a folder of this user, closed to others, made for the guarded folder and outside of it. */
export type PlaceRefusal = "link" | "owner" | "mode" | "malformed" | "other-folder" | "inside";

/** How two names collide elsewhere. */
export type CollisionKind = "duplicate" | "file-dir-conflict" | "collision";

/** The facts of a failed operation. Paths are as the caller gave them, or relative to the root. */
export interface OperationDetails {
  readonly path?: string;
  /** Which case of the code it is, or what the system said. */
  readonly reason?: FaultReason;
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

/** What a fault of a code is made with: its reason too, where the code stands for several cases. */
type Facts<Code extends OperationCode> = [Code] extends [keyof FaultReasons]
  ? [details: OperationDetails & { readonly reason: FaultReasons[Code] }]
  : [details?: OperationDetails];

/** Makes a fault. */
export function operationFault<Code extends OperationCode>(
  code: Code,
  ...[details = {}]: Facts<Code>
): OperationFault {
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
