/** What tells the cases of a code apart, where one code stands for several: `details.reason`. @module */

import type {
  ArchiveFlaw,
  MachineReason,
  ManifestReason,
  ReferencePart,
  TimestampFlaw,
  UnsignedFlaw,
} from "../../core/internal.ts";

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

/** The reasons of each code that always has one. */
export interface FaultReasons {
  readonly AGENT_UNREACHABLE: "not-set" | "no-answer" | "no-permission" | "timeout" | "malformed";
  readonly AMBIGUOUS: "agent-key" | "file" | "key" | "passphrase" | "run";
  readonly ARGUMENT_MALFORMED: "certificate" | ReferencePart;
  readonly BUNDLE_UNSUITABLE: "no-tree" | "unbound";
  readonly CARRIED_RUN_MALFORMED: ArchiveFlaw | "manifest";
  readonly ENTRIES_REFUSED:
    | "special"
    | "link-target"
    | "links-leave-root"
    | "names-not-portable"
    | "names-unlawful";
  readonly EXPORT_REFUSED: "empty" | "own-folder" | "names" | "name-too-long" | "no-command";
  readonly FILE_EXISTS: "archive" | "export" | "report";
  readonly INPUT_MALFORMED: "patterns" | "task" | "task-too-large";
  readonly KEY_FILE_UNUSABLE: "form" | "empty" | "exposed" | "import" | "public" | "unfinished";
  readonly KEY_NOT_FOUND: "agent" | "agent-empty" | "agent-no-ed25519" | "stored";
  readonly LOCKED: "file" | "project" | "unavailable";
  readonly NAME_INVALID: "key" | "run";
  readonly NOTHING_TO_ADD: "countersigned" | "timestamps";
  readonly PASSPHRASE_UNUSABLE: "missing" | "empty" | "too-long" | "mismatch" | "unreadable" | "wrong";
  readonly PATH_REFUSED: "outside" | "scratch-overlaps";
  readonly REGISTRY_DENIED: "unauthorized" | "forbidden";
  readonly REGISTRY_MALFORMED: RegistryBreach;
  readonly REGISTRY_NOT_FOUND: "content" | "layout";
  readonly REGISTRY_REDIRECT_REFUSED: "realm" | "redirect";
  readonly REGISTRY_STATUS: "status" | "rate-limit";
  readonly REGISTRY_UNREACHABLE: "lost" | "refused" | "no-host" | "proxy" | "tls" | "plain-http" | "timeout";
  readonly RUN_NOT_FOUND: "id" | "none" | "not-a-run" | "unsigned";
  readonly SIGNER_FAILED:
    | "agent-refused"
    | "agent-too-large"
    | "command"
    | "command-not-started"
    | "command-short"
    | "command-long"
    | "command-timeout"
    | "signature-wrong";
  readonly SNAPSHOT_REFUSED: "too-large" | "unreadable";
  readonly STORE_DAMAGED: "object" | "pack";
  readonly STORE_UNUSABLE: "folder" | "bundle";
  readonly TIMESTAMP_INVALID: TimestampFlaw | "before-seal";
  readonly TRUST_LINE_REFUSED: "exists" | "required";
  readonly TSA_ANSWER_MALFORMED: "redirect" | "status" | "content-type" | "too-large" | "form";
  readonly TSA_UNREACHABLE: "lost" | "proxy" | "tls" | "timeout" | "interrupted";
  readonly UNSIGNED_INVALID: UnsignedFlaw | "from-later";
}

/** A reason of any code: its own, or what the system said. */
export type FaultReason =
  | MachineReason
  | FaultReasons[keyof FaultReasons]
  | "folder"
  | "inside"
  | "key-encryption";
