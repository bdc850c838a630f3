/** Phase 6: the signature is whole, well-formed, by this validator, and holds (PROTOCOL 8, 7 and 3). @module */

import { extraFields, missingFields } from "../artifacts/exact-fields.ts";
import { type Crypto, matchesDigest } from "../crypto.ts";
import { verifyStrictly } from "../ed25519-rule.ts";
import { parseHex } from "../hex.ts";
import type { SignerIdentity } from "../identity.ts";
import type { JsonObject } from "../json-value.ts";
import { encodeSigningMessage, type SignedFacts } from "../signing-message.ts";
import { type Rejection, reject, rejectArtifact } from "../verdict.ts";

const ARTIFACT = "SIGNATURE.json";
const REQUIRED = ["payload_type", "signature", "validator_id"];
const ALLOWED = [...REQUIRED, "signed_at"];

/** Fails with SIGNATURE_INCOMPLETE, SIGNATURE_MALFORMED, IDENTITY_MISMATCH or SIGNATURE_INVALID. */
export function checkSignature(
  object: JsonObject,
  signer: SignerIdentity,
  facts: SignedFacts,
  crypto: Crypto,
): Rejection | undefined {
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
  const holds = verifyStrictly(signer.publicKey, encodeSigningMessage(facts), signature, crypto);
  return holds ? undefined : rejectArtifact("signature", "SIGNATURE_INVALID", ARTIFACT);
}
