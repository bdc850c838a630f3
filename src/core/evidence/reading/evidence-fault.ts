/**
 * Why evidence of another tool is rejected. The codes are the verifier's own wherever one says the same.
 *
 * @module
 */

import type { Fault } from "../../bytes/result.ts";
import type { EvidenceCode } from "../../codes/codes.ts";
import type { StrictJsonReason } from "../../json/strict-json.ts";

/** What is wrong with bytes that are of a known format in every other way. */
export type MalformedReason =
  | StrictJsonReason
  | "not-an-object"
  /** The members of an envelope, a signature or the verification material are not those of the format. */
  | "fields"
  | "payload"
  | "signature"
  | "armor"
  | "blob"
  | "comment"
  | "trailing-lines"
  | "statement"
  | "subject"
  | "digest"
  | "predicate"
  | "inconsistent"
  | "line"
  | "mixed-lines"
  | "last-line"
  | "control-character"
  | "duplicate"
  /** It names no file. */
  | "empty"
  /** No private key can exist for the key that it names. */
  | "key"
  | "too-large";

/** A lawful variant of a format that runseal does not judge. */
export type UnsupportedReason =
  | "certificate"
  | "message-signature"
  | "media-type"
  | "payload-type"
  | "several-signatures"
  | "statement-type"
  | "digest-algorithm"
  | "serialization"
  | "ssh-version"
  | "ssh-key-type"
  | "ssh-namespace"
  | "ssh-hash"
  | "ssh-reserved"
  | "minisign-legacy"
  | "minisign-algorithm"
  | "verdict"
  /** Of none of the formats that are judged. */
  | "unknown"
  /** A list of digests alone. */
  | "unsigned";

/** What is not there, or which keys there are: EVIDENCE_INCOMPLETE, EVIDENCE_KEY_NEEDED. */
export type MissingReason = "list" | "run" | "none" | "too-many";

/** Why evidence has one of the codes that share several causes. */
export type EvidenceReason = MalformedReason | UnsupportedReason | MissingReason;

/** The facts of a rejection. Texts are from the evidence: quote them before showing them. */
export interface EvidenceDetails {
  readonly reason?: EvidenceReason;
  /** The line of a list, from 1. */
  readonly line?: number;
  /** The subject of a statement or the resource of a predicate, from 1. */
  readonly entry?: number;
  /** A subject's name. */
  readonly path?: string;
  /** What is there and was not signed. */
  readonly kind?: "file" | "link" | "fifo" | "socket" | "device";
  /** What the evidence says, and what was found instead. */
  readonly expected?: string | null;
  readonly actual?: string;
  /** The limit that was exceeded, and its unit. */
  readonly limit?: number;
  readonly unit?: "bytes" | "subjects";
}

/** Evidence that is rejected before any file is looked at. */
export interface EvidenceFault extends Fault<EvidenceCode> {
  readonly details: EvidenceDetails;
}

/** Makes a fault. */
export function evidenceFault(code: EvidenceCode, details: EvidenceDetails = {}): EvidenceFault {
  return { ok: false, code, details };
}

/** Evidence that is not of the exact form of its format: EVIDENCE_MALFORMED. */
export function malformed(reason: MalformedReason, where: EvidenceDetails = {}): EvidenceFault {
  return evidenceFault("EVIDENCE_MALFORMED", { reason, ...where });
}

/** Evidence of a variant that is not judged: EVIDENCE_UNSUPPORTED. */
export function unsupported(reason: UnsupportedReason, where: EvidenceDetails = {}): EvidenceFault {
  return evidenceFault("EVIDENCE_UNSUPPORTED", { reason, ...where });
}
