/** Phase 5: the payload names this root, accepts it, and names this validator (PROTOCOL 8). @module */

import { checkExactFields } from "../../artifacts/exact-fields.ts";
import type { SignedFacts } from "../../artifacts/signing-message.ts";
import { type Crypto, matchesDigest } from "../../bytes/crypto.ts";
import { type Rejection, reject, rejectArtifact } from "../../codes/verdict.ts";
import type { JsonObject } from "../../json/json-value.ts";

const ARTIFACT = "SIGNED_PAYLOAD.json";
const FIELDS = ["bundle_root", "decision", "validator_id"];

/** Fails with FIELD_EXTRA, FIELD_MISSING, BUNDLE_ROOT_MISMATCH, DECISION_INVALID or IDENTITY_MISMATCH. */
export function checkPayload(object: JsonObject, facts: SignedFacts, crypto: Crypto): Rejection | undefined {
  const fields = checkExactFields("payload", ARTIFACT, object, FIELDS);
  if (fields !== undefined) return fields;
  if (!matchesDigest(facts.bundleRoot, object.get("bundle_root"), crypto)) {
    return rejectArtifact("payload", "BUNDLE_ROOT_MISMATCH", ARTIFACT);
  }
  if (object.get("decision") !== "ACCEPT") {
    return reject("payload", "DECISION_INVALID", { artifact: ARTIFACT, field: "decision" });
  }
  if (!matchesDigest(facts.validatorId, object.get("validator_id"), crypto)) {
    return rejectArtifact("payload", "IDENTITY_MISMATCH", ARTIFACT);
  }
  return undefined;
}
