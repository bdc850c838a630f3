/** Phase 4: the bundle root can be computed, and in one way only (PROTOCOL 8, 5 and 4.3). @module */

import { computeBundleRoot } from "../../../records/artifacts/bundle-root.ts";
import { type Rejection, reject } from "../../../system/codes/verdict.ts";
import { encodeCanonical } from "../../../system/json/canonical-json.ts";
import { artifactOf, type Judging, known } from "./judging.ts";

/** Computes the root. Fails with FIELD_MISSING (no object `hashes`) or SERIALIZATION_INVALID. */
export function root(bundle: Judging): Rejection | undefined {
  const { hashes } = known(bundle.outputHashes);
  if (hashes === undefined) {
    return reject("root", "FIELD_MISSING", { artifact: "OUTPUT_HASHES.json", missing: ["hashes"] });
  }
  const status = known(bundle.status);
  const taskSpec = artifactOf(bundle, "TASK_SPEC.json").bytes;
  const computed = computeBundleRoot({ outputHashes: hashes, status, taskSpec }, bundle.context.crypto);
  if (!computed.ok) {
    const holder = encodeCanonical(status).ok ? "OUTPUT_HASHES.json" : "STATUS.json";
    return reject("root", computed.code, { artifact: holder });
  }
  bundle.bundleRoot = computed.value;
  return undefined;
}
