/**
 * Why evidence of another tool is rejected. The codes are the verifier's own wherever one says the same.
 *
 * @module
 */

import type { Case, FaultOf, MadeFault, None } from "../../../system/codes/facts.ts";
import type { StrictJsonReason } from "../../../system/json/strict-json.ts";

/** What is wrong with bytes that are of a known format in every other way. */
type MalformedReason =
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
  | "key";

/** A lawful variant of a format that runseal does not judge. */
type UnsupportedReason =
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
  | "ssh-hash"
  | "ssh-reserved"
  | "minisign-legacy"
  | "minisign-algorithm"
  | "verdict"
  /** Of none of the formats that are judged. */
  | "unknown"
  /** A list of digests alone. */
  | "unsigned";

/** Where in the evidence it is. A path is a subject's name. */
export interface EvidencePlace {
  readonly path?: string;
  /** The line of a list, from 1. */
  readonly line?: number;
  /** The subject of a statement or the resource of a predicate, from 1. */
  readonly entry?: number;
}

/** What the evidence says, and what was found instead. */
type Differs = { readonly expected: string; readonly actual: string };

/** The facts of each code. Texts are from the evidence: quote them before showing them. */
export interface EvidenceFacts {
  EVIDENCE_MALFORMED:
    | Case<MalformedReason, EvidencePlace>
    | Case<"inconsistent", EvidencePlace & Differs>
    | Case<"too-large", { readonly limit: number; readonly unit: "bytes" | "subjects" }>;
  EVIDENCE_UNSUPPORTED: Case<UnsupportedReason, EvidencePlace> | Case<"ssh-namespace", Differs>;
  EVIDENCE_INCOMPLETE:
    | Case<"list", { readonly path?: string }>
    /** `path`: the run directory. */
    | Case<"run", { readonly path: string }>;
  EVIDENCE_KEY_NEEDED: Case<"none" | "too-many">;
  EVIDENCE_SIGNATURE_INVALID: None;
  /** What is there and was not signed. */
  EVIDENCE_EXTRA: {
    readonly path: string;
    readonly kind: "file" | "link" | "fifo" | "socket" | "device";
  };
}

/** Why evidence of another tool is rejected or not judged, beside what its files are rejected for. */
export type EvidenceCode = keyof EvidenceFacts;

/** Evidence that is rejected, with the facts of its code. */
export type EvidenceFault<Code extends EvidenceCode = EvidenceCode> = FaultOf<EvidenceFacts, Code>;

/** Makes a fault. */
export function evidenceFault<Code extends EvidenceCode>(
  code: Code,
  details: EvidenceFacts[Code],
): MadeFault<EvidenceFacts, Code> {
  return { ok: false, code, details };
}

/** Evidence that is not of the exact form of its format: EVIDENCE_MALFORMED. */
export function malformed(
  reason: MalformedReason,
  where: EvidencePlace = {},
): EvidenceFault<"EVIDENCE_MALFORMED"> {
  return evidenceFault("EVIDENCE_MALFORMED", { reason, ...where });
}

/** Evidence beyond a limit: EVIDENCE_MALFORMED. */
export function tooLarge(limit: number, unit: "bytes" | "subjects"): EvidenceFault<"EVIDENCE_MALFORMED"> {
  return evidenceFault("EVIDENCE_MALFORMED", { reason: "too-large", limit, unit });
}

/** Evidence of a variant that is not judged: EVIDENCE_UNSUPPORTED. */
export function unsupported(
  reason: UnsupportedReason,
  where: EvidencePlace = {},
): EvidenceFault<"EVIDENCE_UNSUPPORTED"> {
  return evidenceFault("EVIDENCE_UNSUPPORTED", { reason, ...where });
}
