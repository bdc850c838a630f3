/** Phase 3: the validator's identity is one key and the ids made from it (PROTOCOL 8 and 3). @module */

import { checkExactFields } from "../../../records/artifacts/exact-fields.ts";
import { identityOf } from "../../../records/artifacts/identity.ts";
import { matchesDigest } from "../../../system/bytes/crypto.ts";
import { isRefusedPoint } from "../../../system/bytes/ed25519-rule.ts";
import { parseHex } from "../../../system/bytes/hex.ts";
import { type Rejection, reject } from "../../../system/codes/verdict.ts";
import { artifactOf, type Judging } from "./judging.ts";

const ARTIFACT = "VALIDATOR_IDENTITY.json";
const FIELDS = ["algorithm", "public_key", "validator_id"];

/**
 * Reads the identity of the signer. Fails with FIELD_EXTRA, FIELD_MISSING, ALGORITHM_UNSUPPORTED, KEY_INVALID or
 * IDENTITY_INVALID. KEY_INVALID says nothing of what is wrong with the key but for the refused
 * encodings, which are public knowledge.
 */
export function identity(bundle: Judging): Rejection | undefined {
  const { crypto } = bundle.context;
  const { object } = artifactOf(bundle, ARTIFACT);
  const fields = checkExactFields("identity", ARTIFACT, object, FIELDS);
  if (fields !== undefined) return fields;
  if (object.get("algorithm") !== "ed25519")
    return reject("identity", "ALGORITHM_UNSUPPORTED", { artifact: ARTIFACT });
  const declaredKey = object.get("public_key");
  const publicKey = typeof declaredKey === "string" ? parseHex(declaredKey, 32) : undefined;
  if (publicKey === undefined) return reject("identity", "KEY_INVALID", {});
  const signer = identityOf(publicKey, crypto);
  if (!matchesDigest(signer.validatorId, object.get("validator_id"), crypto)) {
    return reject("identity", "IDENTITY_INVALID", { artifact: ARTIFACT });
  }
  if (isRefusedPoint(publicKey)) return reject("identity", "KEY_INVALID", {}, "small-order-key");
  bundle.signer = signer;
  return undefined;
}
