/**
 * Judges evidence: first whether its signature holds with a key that the caller believes, and only then what it says.
 *
 * @module
 */

import type { OutputTable } from "../../../records/artifacts/output-table.ts";
import { verifyStrictly } from "../../../system/bytes/ed25519-rule.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import { IN_TOTO_PAYLOAD_TYPE, preAuthEncoding } from "../dsse.ts";
import { encodeSshSignedData } from "../ssh-signature.ts";
import type { EvidenceCrypto } from "./evidence-crypto.ts";
import { type EvidenceFault, evidenceFault, malformed } from "./evidence-fault.ts";
import { type EvidenceKey, ed25519Key } from "./public-key.ts";
import { readDigestList } from "./read-digest-list.ts";
import type { Evidence } from "./read-evidence.ts";
import { MODEL_SIGNING_TYPE, readModelSigning } from "./read-model-signing.ts";
import { namespacesOf } from "./read-ssh-signature.ts";
import { type ReadStatement, readStatement, tabulateSubjects } from "./read-statement.ts";

/** What evidence says, under a signature that holds. */
export interface JudgedEvidence {
  /** The key with which the signature holds. Whether it is believed is for the caller to decide: see `findKey`. */
  readonly key: EvidenceKey;
  /** The files, each with its digest. */
  readonly files: OutputTable;
  /** Of a statement, else undefined. */
  readonly statement: ReadStatement | undefined;
  /** Paths that the signer left out. */
  readonly ignored: readonly string[];
  /** The namespaces of which a trust line must allow one; undefined for formats without namespaces. */
  readonly namespaces?: readonly string[] | undefined;
}

/**
 * Judges evidence. `list` is the signed list where it stands in another file, and is not looked at otherwise. Fails with
 * EVIDENCE_MALFORMED, EVIDENCE_SIGNATURE_INVALID, or as what the evidence says is read.
 *
 * An SSH signature names its key: it is verified with that one, as a bundle is, and the caller decides about the key. No other
 * format does: it is verified with each of `keys`, all of which the caller named.
 */
export function judgeEvidence(
  evidence: Evidence,
  list: Uint8Array | undefined,
  keys: readonly EvidenceKey[],
  crypto: EvidenceCrypto,
): Result<JudgedEvidence, EvidenceFault> {
  const key = findKey(evidence, list, keys, crypto);
  if (!key.ok) return key;
  if (evidence.form === "dsse" || evidence.form === "sigstore") {
    const said = readSaid(evidence.envelope.payload, crypto);
    return said.ok ? ok({ key: key.value, ...said.value }) : said;
  }
  const files = readDigestList(signedList(evidence, list));
  if (!files.ok) return files;
  const namespaces = evidence.form === "sshsig" ? namespacesOf(evidence.signature) : undefined;
  return ok({ key: key.value, files: files.value, statement: undefined, ignored: [], namespaces });
}

/** The signed list, which the caller has given for a detached signature. */
function signedList(evidence: Evidence, list: Uint8Array | undefined): Uint8Array {
  const own = evidence.form === "signify" ? evidence.message : undefined;
  const signed = own ?? list;
  if (signed === undefined) throw new TypeError("a detached signature comes with its list");
  return signed;
}

function findKey(
  evidence: Evidence,
  list: Uint8Array | undefined,
  keys: readonly EvidenceKey[],
  crypto: EvidenceCrypto,
): Result<EvidenceKey, EvidenceFault> {
  if (evidence.form === "sshsig") {
    const { signature } = evidence;
    const key = ed25519Key(signature.publicKey);
    if (key === undefined) return malformed("key");
    const { hash, namespace } = signature;
    const message = encodeSshSignedData(namespace, crypto.hash(hash, signedList(evidence, list)), hash);
    const holds = verifyStrictly(key.publicKey, message, signature.signature, crypto);
    return holds ? ok(key) : evidenceFault("EVIDENCE_SIGNATURE_INVALID", {});
  }
  const verify = verifierOf(evidence, list, crypto);
  const found = keys.find(verify);
  return found === undefined ? evidenceFault("EVIDENCE_SIGNATURE_INVALID", {}) : ok(found);
}

/** Says of a key whether the signature holds with it. What is signed is computed once for all keys. */
function verifierOf(
  evidence: Exclude<Evidence, { form: "sshsig" }>,
  list: Uint8Array | undefined,
  crypto: EvidenceCrypto,
): (key: EvidenceKey) => boolean {
  switch (evidence.form) {
    case "dsse":
    case "sigstore": {
      const { payload, signature } = evidence.envelope;
      const message = preAuthEncoding(IN_TOTO_PAYLOAD_TYPE, payload);
      return (key) => verifyWith(key, message, signature, crypto);
    }
    case "minisign": {
      const { global, number, signature } = evidence;
      const message = crypto.hash("blake2b512", signedList(evidence, list));
      return (key) =>
        isOfNumber(key, number) &&
        verifyNumbered(key, message, signature, crypto) &&
        verifyNumbered(key, global.message, global.signature, crypto);
    }
    case "signify": {
      const { number, signature } = evidence;
      const message = signedList(evidence, list);
      return (key) => isOfNumber(key, number) && verifyNumbered(key, message, signature, crypto);
    }
  }
}

/** A key that came with its number is not tried where the signature names another, as both tools do. */
function isOfNumber(key: EvidenceKey, number: string): boolean {
  return key.algorithm !== "ed25519" || key.number === undefined || key.number === number;
}

/** minisign and signify sign with Ed25519 alone. */
function verifyNumbered(
  key: EvidenceKey,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: EvidenceCrypto,
): boolean {
  return key.algorithm === "ed25519" && verifyStrictly(key.publicKey, message, signature, crypto);
}

/**
 * Verifies with a key of any kind. ECDSA on P-384 is made over SHA-384 by the specification of Sigstore and by model-signing,
 * and over SHA-256 by cosign 2. Both have no known collisions, so a signer's word is the same with either.
 */
function verifyWith(
  key: EvidenceKey,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: EvidenceCrypto,
): boolean {
  switch (key.algorithm) {
    case "ed25519":
      return verifyStrictly(key.publicKey, message, signature, crypto);
    case "ecdsa-p256":
      return crypto.verifyEcdsa(key.spki, "sha256", message, signature);
    case "ecdsa-p384":
      return (
        crypto.verifyEcdsa(key.spki, "sha384", message, signature) ||
        crypto.verifyEcdsa(key.spki, "sha256", message, signature)
      );
  }
}

/** What a statement says. */
function readSaid(
  payload: Uint8Array,
  crypto: EvidenceCrypto,
): Result<Omit<JudgedEvidence, "key">, EvidenceFault> {
  const statement = readStatement(payload);
  if (!statement.ok) return statement;
  const { predicateType, subjects } = statement.value;
  if (predicateType === MODEL_SIGNING_TYPE) {
    const model = readModelSigning(statement.value, crypto);
    return model.ok ? ok({ statement: statement.value, ...model.value }) : model;
  }
  const files = tabulateSubjects(subjects);
  return files.ok ? ok({ statement: statement.value, files: files.value, ignored: [] }) : files;
}
