/** Phase 5: the payload names this root, accepts it, and names this validator (PROTOCOL 8). @module */

import { checkExactFields } from "../../../records/artifacts/exact-fields.ts";
import { matchesDigest } from "../../../system/bytes/crypto.ts";
import { type Rejection, reject } from "../../../system/codes/verdict.ts";
import { artifactOf, type Judging, known } from "./judging.ts";

const ARTIFACT = "SIGNED_PAYLOAD.json";
const FIELDS = ["bundle_root", "decision", "validator_id"];

/** Fails with FIELD_EXTRA, FIELD_MISSING, BUNDLE_ROOT_MISMATCH, DECISION_INVALID or IDENTITY_MISMATCH. */
export function payload(bundle: Judging): Rejection | undefined {
  const { crypto } = bundle.context;
  const { object } = artifactOf(bundle, ARTIFACT);
  const fields = checkExactFields("payload", ARTIFACT, object, FIELDS);
  if (fields !== undefined) return fields;
  if (!matchesDigest(known(bundle.bundleRoot), object.get("bundle_root"), crypto)) {
    return reject("payload", "BUNDLE_ROOT_MISMATCH", { artifact: ARTIFACT });
  }
  if (object.get("decision") !== "ACCEPT") {
    return reject("payload", "DECISION_INVALID", { artifact: ARTIFACT, field: "decision" });
  }
  if (!matchesDigest(known(bundle.signer).validatorId, object.get("validator_id"), crypto)) {
    return reject("payload", "IDENTITY_MISMATCH", { artifact: ARTIFACT });
  }
  return undefined;
}
