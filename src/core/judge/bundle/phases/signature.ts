/** Phase 6: the signature is whole, well-formed, by this validator, and holds (PROTOCOL 8, 7 and 3). @module */

import { extraFields, missingFields } from "../../../records/artifacts/exact-fields.ts";
import { encodeSigningMessage } from "../../../records/artifacts/signing-message.ts";
import { matchesDigest } from "../../../system/bytes/crypto.ts";
import { hasAcceptedEncoding } from "../../../system/bytes/ed25519-rule.ts";
import { parseHex } from "../../../system/bytes/hex.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import { type Rejection, reject } from "../../../system/codes/verdict.ts";
import { artifactOf, type Judging, known, type Request, type SignatureQuestion } from "./judging.ts";

const ARTIFACT = "SIGNATURE.json";
const REQUIRED = ["payload_type", "signature", "validator_id"];
const ALLOWED = [...REQUIRED, "signed_at"];

/**
 * Checks everything but the arithmetic, for which it asks. Fails with SIGNATURE_INCOMPLETE, SIGNATURE_MALFORMED,
 * IDENTITY_MISMATCH, or with SIGNATURE_INVALID for what the one rule refuses before a platform is asked, or what the
 * platform says does not hold.
 */
export function signature(bundle: Judging): Rejection | Request | undefined {
  if (bundle.holds !== undefined) return bundle.holds ? undefined : invalid();
  const question = readQuestion(bundle);
  if (!question.ok) return question;
  bundle.question = question.value;
  return "signature";
}

function readQuestion(bundle: Judging): Result<SignatureQuestion, Rejection> {
  const { object } = artifactOf(bundle, ARTIFACT);
  const { publicKey, validatorId } = known(bundle.signer);
  const missing = missingFields(object, REQUIRED);
  if (missing.length > 0) return reject("signature", "SIGNATURE_INCOMPLETE", { artifact: ARTIFACT, missing });
  const declared = object.get("signature");
  const bytes = typeof declared === "string" ? parseHex(declared, 64) : undefined;
  const wellFormed = extraFields(object, ALLOWED).length === 0 && object.get("payload_type") === "BUNDLE";
  if (!wellFormed || bytes === undefined)
    return reject("signature", "SIGNATURE_MALFORMED", { artifact: ARTIFACT });
  if (!matchesDigest(validatorId, object.get("validator_id"), bundle.context.crypto)) {
    return reject("signature", "IDENTITY_MISMATCH", { artifact: ARTIFACT });
  }
  if (!hasAcceptedEncoding(publicKey, bytes)) return invalid();
  const message = encodeSigningMessage({ bundleRoot: known(bundle.bundleRoot), validatorId });
  return ok({ publicKey, message, signature: bytes });
}

function invalid(): Rejection {
  return reject("signature", "SIGNATURE_INVALID", { artifact: ARTIFACT });
}
