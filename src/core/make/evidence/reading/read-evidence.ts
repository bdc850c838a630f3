/**
 * Recognises a proof of files, or which tool wrote evidence, by the bytes, and reads it. The name of the file decides nothing.
 *
 * @module
 */

import { MAX_EVIDENCE_BYTES, MAX_FILE_PROOF_BYTES } from "../../../system/bytes/limits.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import { decodeUtf8 } from "../../../system/bytes/utf8.ts";
import { isJsonObject } from "../../../system/json/json-value.ts";
import { parseStrictJson } from "../../../system/json/strict-json.ts";
import {
  type FileProof,
  type FileProofFault,
  fileProofFault,
  isFileProof,
  readFileProof,
} from "../../proof/file-proof.ts";
import { type EvidenceFault, malformed, tooLarge, unsupported } from "./evidence-fault.ts";
import { looksLikeDigestList } from "./read-digest-list.ts";
import { type Envelope, readEnvelope } from "./read-dsse.ts";
import {
  type ReadMinisignSignature,
  type ReadSignifySignature,
  readNumberedSignature,
  UNTRUSTED_COMMENT,
} from "./read-minisign.ts";
import { isSigstoreBundle, readSigstoreBundle } from "./read-sigstore-bundle.ts";
import { type ReadSshSignature, readSshSignature, SSH_SIGNATURE_BEGIN } from "./read-ssh-signature.ts";

/** The formats. */
export type EvidenceForm = "sigstore" | "dsse" | "sshsig" | "minisign" | "signify";

/** Evidence as read. No signature was verified yet. */
export type Evidence =
  | { readonly form: "sigstore" | "dsse"; readonly envelope: Envelope }
  | { readonly form: "sshsig"; readonly signature: ReadSshSignature }
  | ReadMinisignSignature
  | ReadSignifySignature;

/** A proof of files as read. No signature was verified yet. */
export interface ReadProof {
  readonly form: "proof";
  readonly proof: FileProof;
}

/** Bytes of an SSH signature: of a certificate too, which has some thousand. Its lines are few and short. */
const MAX_SSH_SIGNATURE_BYTES = 65_536;

/** Enough to tell all formats apart. */
const BEGINNING = 256;

/**
 * Reads a proof of files, or evidence of another tool. `namespace` is the one that an SSH signature must be made for. Fails with
 * EVIDENCE_MALFORMED, or EVIDENCE_UNSUPPORTED, also for a list of digests alone; for a proof with FILE_PROOF_MALFORMED.
 */
export function readEvidence(
  bytes: Uint8Array,
  namespace: string,
): Result<Evidence | ReadProof, EvidenceFault | FileProofFault> {
  if (bytes.length > MAX_EVIDENCE_BYTES) return tooLarge(MAX_EVIDENCE_BYTES, "bytes");
  const beginning = String.fromCharCode(...bytes.subarray(0, BEGINNING));
  if (/^[ \t\r\n]*\{/.test(beginning)) return readJson(bytes);
  if (beginning.startsWith(UNTRUSTED_COMMENT)) return readNumberedSignature(bytes);
  if (beginning.startsWith(SSH_SIGNATURE_BEGIN)) {
    if (bytes.length > MAX_SSH_SIGNATURE_BYTES) return tooLarge(MAX_SSH_SIGNATURE_BYTES, "bytes");
    const text = decodeUtf8(bytes);
    const signature = text === undefined ? malformed("not-utf8") : readSshSignature(text, namespace);
    return signature.ok ? ok({ form: "sshsig", signature: signature.value }) : signature;
  }
  return unsupported(looksLikeDigestList(beginning) ? "unsigned" : "unknown");
}

/** Whether the signed list stands in another file. */
export function isDetached(evidence: Evidence): boolean {
  if (evidence.form === "signify") return evidence.message === undefined;
  return evidence.form === "minisign" || evidence.form === "sshsig";
}

function readJson(bytes: Uint8Array): Result<Evidence | ReadProof, EvidenceFault | FileProofFault> {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok) return malformed(parsed.reason);
  if (!isJsonObject(parsed.value)) return malformed("not-an-object");
  if (isFileProof(parsed.value)) {
    if (bytes.length > MAX_FILE_PROOF_BYTES)
      return fileProofFault("FILE_PROOF_MALFORMED", { reason: "too-large" });
    const proof = readFileProof(parsed.value);
    return proof.ok ? ok({ form: "proof", proof: proof.value }) : proof;
  }
  const isBundle = isSigstoreBundle(parsed.value);
  const envelope = isBundle ? readSigstoreBundle(parsed.value) : readEnvelope(parsed.value);
  return envelope.ok ? ok({ form: isBundle ? "sigstore" : "dsse", envelope: envelope.value }) : envelope;
}
