/** Phase 7: the proof is the one its hash was made of, and says that all was restored (PROTOCOL 8 and 10). @module */

import { computeProofHash } from "../../../records/artifacts/proof-hash.ts";
import { type Crypto, matchesDigest } from "../../../system/bytes/crypto.ts";
import { type Rejection, reject } from "../../../system/codes/verdict.ts";
import { isJsonObject, type JsonObject } from "../../../system/json/json-value.ts";
import { type Judging, known } from "./judging.ts";

const ARTIFACT = "PROOF.json";

/**
 * Fails with ARTIFACT_MALFORMED, FIELD_MISSING or RESTORATION_FAILED. The proof of a run that says itself that it failed may say that
 * scratch was not restored.
 */
export function proof(bundle: Judging): Rejection | undefined {
  const { object } = known(bundle.proof);
  const rejection = checkProofHash(object, bundle.context.crypto);
  return rejection ?? (bundle.takesFailed === true ? undefined : checkRestorationResult(object));
}

/**
 * Where there is a `proof_hash` of 64 hex digits in either case, it must be the recomputed one
 * (so an uppercase one is always wrong). Anything else under that name is not looked at.
 */
export function checkProofHash(proof: JsonObject, crypto: Crypto): Rejection | undefined {
  const declared = proof.get("proof_hash");
  if (typeof declared !== "string" || !/^[0-9a-fA-F]{64}$/.test(declared)) return undefined;
  const computed = computeProofHash(proof, crypto);
  if (!computed.ok) return reject("proof", computed.code, { artifact: ARTIFACT }, computed.reason);
  if (matchesDigest(computed.value, declared, crypto)) return undefined;
  return reject("proof", "ARTIFACT_MALFORMED", { artifact: ARTIFACT }, "proof-hash-differs");
}

/** `verified` must be the boolean true; a `condition` that contradicts it counts against it. */
export function checkRestorationResult(
  proof: JsonObject,
): Rejection<"FIELD_MISSING" | "RESTORATION_FAILED"> | undefined {
  const result = proof.get("restoration_result");
  if (!isJsonObject(result)) {
    return reject("proof", "FIELD_MISSING", { artifact: ARTIFACT, missing: ["restoration_result"] });
  }
  const condition = result.get("condition");
  const identical = condition === undefined || condition === "RESTORED_IDENTICAL";
  if (result.get("verified") === true && identical) return undefined;
  const named = typeof condition === "string" ? condition : null;
  return reject("proof", "RESTORATION_FAILED", { artifact: ARTIFACT, condition: named });
}
