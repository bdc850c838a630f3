/** Phase 6: the signature is whole, well-formed, by this validator, and holds (PROTOCOL 8, 7 and 3). @module */

import { extraFields, missingFields } from "../../artifacts/exact-fields.ts";
import type { SignerIdentity } from "../../artifacts/identity.ts";
import { encodeSigningMessage, type SignedFacts } from "../../artifacts/signing-message.ts";
import { type Crypto, matchesDigest } from "../../bytes/crypto.ts";
import { hasAcceptedEncoding } from "../../bytes/ed25519-rule.ts";
import { parseHex } from "../../bytes/hex.ts";
import { ok, type Result } from "../../bytes/result.ts";
import { type Rejection, reject, rejectArtifact } from "../../codes/verdict.ts";
import type { JsonObject } from "../../json/json-value.ts";

const ARTIFACT = "SIGNATURE.json";
const REQUIRED = ["payload_type", "signature", "validator_id"];
const ALLOWED = [...REQUIRED, "signed_at"];

/** What is left of the phase once all else in it holds: the platform's word on three byte strings. */
export interface SignatureQuestion {
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  /** 64 raw bytes. */
  readonly signature: Uint8Array;
}

/**
 * Everything but the arithmetic. Fails with SIGNATURE_INCOMPLETE, SIGNATURE_MALFORMED, IDENTITY_MISMATCH, or with
 * SIGNATURE_INVALID for what the one rule refuses before a platform is asked.
 */
export function readSignature(
  object: JsonObject,
  signer: SignerIdentity,
  facts: SignedFacts,
  crypto: Crypto,
): Result<SignatureQuestion, Rejection> {
  const missing = missingFields(object, REQUIRED);
  if (missing.length > 0) return reject("signature", "SIGNATURE_INCOMPLETE", { artifact: ARTIFACT, missing });
  const declared = object.get("signature");
  const signature = typeof declared === "string" ? parseHex(declared, 64) : undefined;
  const wellFormed = extraFields(object, ALLOWED).length === 0 && object.get("payload_type") === "BUNDLE";
  if (!wellFormed || signature === undefined)
    return rejectArtifact("signature", "SIGNATURE_MALFORMED", ARTIFACT);
  if (!matchesDigest(signer.validatorId, object.get("validator_id"), crypto)) {
    return rejectArtifact("signature", "IDENTITY_MISMATCH", ARTIFACT);
  }
  const { publicKey } = signer;
  if (!hasAcceptedEncoding(publicKey, signature)) return signatureInvalid();
  return ok({ publicKey, message: encodeSigningMessage(facts), signature });
}

/** The signature does not hold. */
export function signatureInvalid(): Rejection {
  return rejectArtifact("signature", "SIGNATURE_INVALID", ARTIFACT);
}

/** Asks the platform. */
export function answerSignature(question: SignatureQuestion, crypto: Crypto): boolean {
  return crypto.verifyEd25519(question.publicKey, question.message, question.signature);
}
