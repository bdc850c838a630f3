/**
 * How an operation fails where no bundle is to blame: a file that can't be read, a key that others can
 * read, a name that can't be sealed. Codes and facts; the words are the command line's.
 *
 * @module
 */

import {
  type AnyFacts,
  type ArchiveFlaw,
  type Case,
  type FaultOf,
  faultWords,
  type MachineReason,
  type MadeFault,
  type ManifestReason,
  type NameBreach,
  type None,
  type PathBreach,
  type ReferencePart,
  type TimestampFlaw,
  type UnmetExpectation,
  type UnsignedFlaw,
  type Worded,
} from "../../../core/internal.ts";

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

/** Why a command can't be confined. */
export type ConfineHindrance =
  /** There is no program `setpriv`. */
  | "setpriv-missing"
  /** It has no options for Landlock: it is older than util-linux 2.41. */
  | "setpriv-too-old"
  /** The kernel has no Landlock, or not all rights that are named. */
  | "kernel"
  /** The command would run as root. */
  | "root"
  /** What the command must not change lies within a folder where it may write. */
  | "kept-within";

/** What of an answer of a registry, of a manifest, an index or a layout breaks the specification. */
export type RegistryBreach =
  | ManifestReason
  | "blob"
  | "blobs"
  | "challenge"
  | "content-encoding"
  | "content-range"
  | "content-type"
  | "digest"
  | "digest-of-answer"
  | "http"
  | "index"
  | "link"
  | "location"
  | "media-type"
  | "size"
  | "tag"
  | "tags"
  | "token"
  | "too-large"
  | "upload-range"
  | "version";

/** A path as the caller gave it, or relative to the root. */
type At = { readonly path: string };
type MayBeAt = { readonly path?: string | undefined };
/** What the system said; absent where it was not asked. */
type Said = { readonly reason?: MachineReason | undefined };
type Names = { readonly names: readonly string[] };
/** An object of the store: `sha256:` and 64 hex. */
type OfObject = { readonly object?: string | undefined };
/** A repository of a registry, a layout, or a manifest in one, as the caller gave it. */
type Refers = { readonly reference: string };
/** How long a signer or an authority was waited for. */
type Waited = { readonly seconds: number };
/** The address of a timestamp authority, as the caller gave it. */
type Asked = { readonly url: string };
/** How many others there are beside `names`. */
type More = { readonly more: number };
/** What was taken for a run id; `here` if a file or folder here has that name. */
type AskedRun = { readonly run_id: string; readonly why?: "here" | undefined };
/** The ids of the project's runs that wait for a signer. */
type Waiting = { readonly waiting: readonly string[] };
/** What is too large for a snapshot: nothing where the folder is too wide to be guarded without being asked for. */
type TooLarge = {
  /** Files, links and folders, where they are more than a tree may have. */
  readonly entries?: number;
  /** Bytes that a snapshot would add, or would read in holes of files. */
  readonly bytes?: number;
  /** Bytes that are free; absent where holes are too large. */
  readonly free?: number | undefined;
  /** The largest files and folders. */
  readonly largest?: readonly (At & { readonly bytes: number })[];
};

/** runseal's own codes, beside the protocol's, and the facts of each. */
export interface FaultFacts {
  READ_FAILED: At & Said & OfObject;
  WRITE_FAILED: At & Said;
  IN_DOUBT: At;
  CHANGED_WHILE_READ: At & OfObject;
  LOCKED: Case<"file" | "project" | "unavailable", At>;
  PATH_NOT_FOUND: At & { readonly reason?: MachineReason | "folder" };
  NOT_A_FILE: At;
  PATH_REFUSED: Case<"outside", At> | Case<"scratch-overlaps", At & Names>;
  INPUT_MALFORMED:
    | Case<"patterns", MayBeAt & { readonly line?: number | undefined }>
    | Case<"keep" | "task" | "settings", At>
    | Case<"task-too-large">;
  ENTRIES_REFUSED: Case<
    "special" | "link-target" | "links-leave-root" | "names-not-portable" | "names-unlawful",
    { readonly refused: readonly RefusedEntry[] }
  >;
  NOTHING_TO_SEAL: None;
  RUN_EXISTS: At;
  SCRATCH_CHANGED: At;
  RUN_NOT_FOUND:
    | Case<"id", At & AskedRun & Names & More & Waiting>
    | Case<"none", At & Waiting>
    | Case<"not-a-run" | "unsigned", At>;
  /** `artifact`: a file of the unsigned bundle as it is named there: quote it before showing it. */
  UNSIGNED_INVALID:
    | Case<UnsignedFlaw, MayBeAt & { readonly artifact: string; readonly field?: string | undefined }>
    | Case<"from-later", { readonly run_id: string }>;
  SIGNING_UNCONFIRMED: None;
  DECLINED: None;
  FILE_EXISTS: Case<"archive" | "export" | "report", At>;
  KEY_NOT_FOUND: /** `key`: as the caller asked for it, or its fingerprint. */
    | Case<"agent", Names & { readonly key: string }>
    | Case<"agent-empty" | "agent-no-ed25519">
    /** A name, a file, or no key at all. */
    | Case<"stored", Partial<At & Names>>;
  AMBIGUOUS: Case<"agent-key" | "file" | "key" | "passphrase", Names> | Case<"run", Names & More>;
  KEY_FILE_UNUSABLE: Case<"form" | "empty" | "exposed" | "import" | "public" | "unfinished", At>;
  KEY_EXISTS: At;
  HOME_UNUSABLE: Names;
  PASSPHRASE_UNUSABLE:
    | Case<"missing" | "mismatch">
    /** `names`: the variables that gave it. */
    | Case<"empty" | "too-long" | "unreadable", Names>
    | Case<"wrong", At>;
  SYSTEM_UNSUPPORTED: Partial<At & Names> | Case<"key-encryption", MayBeAt>;
  AGENT_UNREACHABLE: Case<"not-set" | "no-answer" | "no-permission" | "malformed"> | Case<"timeout", Waited>;
  SIGNER_FAILED:
    | Case<"agent-refused" | "agent-too-large" | "command-not-started">
    | Case<"command-short" | "command-long" | "signature-wrong">
    | Case<"command", { readonly status?: number | undefined }>
    | Case<"command-timeout", Waited>;
  TRUST_LINE_REFUSED: Case<"exists", At & Names & { readonly line: number }> | Case<"required", At>;
  TRUST_LINE_NOT_FOUND: At;
  COUNTERSIGNATURES_MALFORMED: At;
  COUNTERSIGNER_IS_SIGNER: At;
  NOTHING_TO_ADD: Case<"countersigned" | "timestamps", At>;
  TIMESTAMP_INVALID: Case<TimestampFlaw, Asked & { readonly why: string }> | Case<"before-seal", Asked>;
  TSA_UNREACHABLE:
    | Case<"lost" | "tls" | "interrupted", Asked>
    | Case<"proxy", Asked & { readonly status?: number | undefined }>
    | Case<"timeout", Asked & Waited>;
  TSA_ANSWER_MALFORMED:
    | Case<"redirect" | "content-type" | "too-large" | "form", Asked>
    | Case<"status", Asked & { readonly status: number | undefined }>;
  TSA_REFUSED: Asked & { readonly status: number };
  ARGUMENT_MALFORMED: Case<"certificate" | "key" | "run", At> | Case<ReferencePart, Refers>;
  OBJECT_NOT_FOUND: { readonly object: string };
  STORE_DAMAGED: Case<"object", At & OfObject & { readonly actual?: string }> | Case<"pack", At>;
  STORE_UNUSABLE: Case<"folder" | "bundle", At>;
  HEAD_MALFORMED: At;
  /** `remembered`: the head that was seen last, as a file of the user's, below a variable of the environment. */
  HEAD_MISSING: At & Names & { readonly remembered?: string | undefined; readonly why?: "removed" };
  EXPECTATION_FAILED: UnmetExpectation;
  BUNDLE_UNSUITABLE: Case<"no-tree" | "no-parts"> | Case<"unbound", { readonly run_id: string }>;
  PROJECT_NOT_FOUND: MayBeAt & Partial<AskedRun>;
  PROJECT_LOCK_NOT_RELEASED: At & Said;
  COMMAND_NOT_FOUND: At;
  COMMAND_NOT_EXECUTABLE: At & Said;
  COMMAND_FAILED: { readonly status: number; readonly signal: string | undefined };
  COMMAND_INTERRUPTED: { readonly status: number; readonly signal: string };
  SCRATCH_NOT_RESTORED: None;
  OUTPUT_NOT_MADE: Names;
  GUARD_BUSY: { readonly run_id: string };
  GUARD_CANNOT_CONFINE: MayBeAt & { readonly why: ConfineHindrance };
  GUARD_INCOMPLETE: Names | Said | Case<"too-large", TooLarge>;
  GUARD_NOT_FOUND: None;
  GUARD_PLACE_REFUSED: At & { readonly refusal: PlaceRefusal };
  GUARD_ROOT_CHANGED: Case<"not-a-folder", At>;
  SNAPSHOT_REFUSED: Case<"too-large", TooLarge> | Case<"unreadable", Names>;
  /** `why`: the code of the failed recovery. */
  GUARD_UNRECOVERED: At & { readonly why: string };
  /** `member`: an entry as the archive names it: quote it before showing it. `offset`: in bytes from the archive's beginning. */
  CARRIED_RUN_MALFORMED:
    | Case<ArchiveFlaw, { readonly member?: string | undefined; readonly offset?: number | undefined }>
    | Case<"manifest", Refers & { readonly why: string }>;
  PACK_SOURCE_MISSING: Names & More & { readonly run_id: string };
  EXPORT_REFUSED:
    | Case<"empty" | "no-command">
    | Case<"own-folder", At>
    | Case<"names", Names & More & { readonly format: string }>
    /** Without a format, the folder to make has too long a name. */
    | Case<"name-too-long", At & { readonly format?: string }>;
  REGISTRY_UNREACHABLE:
    | Case<"lost" | "refused" | "no-host" | "tls" | "plain-http", Refers>
    | Case<"proxy", Refers & { readonly status?: number | undefined }>
    | Case<"timeout", Refers & Waited>;
  REGISTRY_DENIED: Case<"unauthorized" | "forbidden", Refers>;
  REGISTRY_NOT_FOUND: Case<"content", Refers & OfObject> | Case<"layout", Refers>;
  REGISTRY_STATUS: /** `why`: the error that the registry names. */
    | Case<"status", Refers & { readonly status: number; readonly why?: string | undefined }>
    | Case<"rate-limit", Refers & { readonly seconds: number | undefined }>;
  REGISTRY_MALFORMED: Case<RegistryBreach, Refers & OfObject>;
  REGISTRY_REDIRECT_REFUSED: Case<"realm" | "redirect", Refers>;
  CREDENTIALS_UNUSABLE: Said & Partial<At & Names>;
  PUSH_TOO_MANY_BLOBS: { readonly entries: number };
  TIMESTAMPS_MALFORMED: At;
}

/** One of runseal's own codes. */
export type OperationCode = keyof FaultFacts;

/** A failed operation: one of some codes, with its facts. */
export type OperationFault<Code extends OperationCode = OperationCode> = FaultOf<FaultFacts, Code> & Worded;

/** The facts of any failed operation, each where it applies. */
export type OperationDetails = AnyFacts<FaultFacts[OperationCode]>;

/** Makes a fault. A code that is one of several takes facts that each of them has. */
export function operationFault<Code extends OperationCode>(
  code: Code,
  ...[details]: None extends FaultFacts[Code] ? [details?: FaultFacts[Code]] : [details: FaultFacts[Code]]
): MadeFault<FaultFacts, Code> & Worded {
  const facts: OperationDetails = details ?? {};
  return { ok: false, code, message: faultMessage(code, facts), details: facts as FaultFacts[Code] };
}

/** A refusal of entries, each with its reason. */
export type RefusedEntries = OperationFault<"ENTRIES_REFUSED">;

/** ENTRIES_REFUSED, if there is an entry to refuse. */
export function refuseEntries(
  reason: RefusedEntries["details"]["reason"],
  refused: readonly RefusedEntry[],
): RefusedEntries | undefined {
  return refused.length > 0 ? operationFault("ENTRIES_REFUSED", { reason, refused }) : undefined;
}

/** Refuses one name that no rule makes lawful, as ENTRIES_REFUSED. */
export function refuseName(path: string, reason: RefusalReason): RefusedEntries {
  return operationFault("ENTRIES_REFUSED", { reason: "names-unlawful", refused: [{ path, reason }] });
}

/** The same fault with other facts of its code, as paths that the caller knows. */
export function withDetails<Fault extends OperationFault>(fault: Fault, details: OperationDetails): Fault {
  return { ...fault, details: { ...fault.details, ...details } };
}

/** The code's own words, and the facts: `read failed: "a.txt": no permission`. */
function faultMessage(
  code: OperationCode,
  { names = [], path, reason, refused = [] }: OperationDetails,
): string {
  const things = path === undefined ? [...names, ...refused.map((one) => one.path)] : [path];
  return faultWords(code, things, reason);
}
