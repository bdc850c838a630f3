/** Phase 4: the bundle root can be computed, and in one way only (PROTOCOL 8, 5 and 4.3). @module */

import { computeBundleRoot } from "../../artifacts/bundle-root.ts";
import type { Crypto } from "../../bytes/crypto.ts";
import type { HexDigest } from "../../bytes/hex.ts";
import { ok, type Result } from "../../bytes/result.ts";
import { type Rejection, reject, rejectArtifact } from "../../codes/verdict.ts";
import { encodeCanonical } from "../../json/canonical-json.ts";
import { isJsonObject, type JsonObject } from "../../json/json-value.ts";

/** What goes into the root. `taskSpec` is the artifact's bytes as stored. */
export interface RootArtifacts {
  readonly outputHashes: JsonObject;
  readonly status: JsonObject;
  readonly taskSpec: Uint8Array;
}

/** The root and the member it was computed over. */
export interface ComputedRoot {
  readonly bundleRoot: HexDigest;
  readonly hashes: JsonObject;
}

/** Computes the root. Fails with FIELD_MISSING (no object `hashes`) or SERIALIZATION_INVALID. */
export function computeRoot(artifacts: RootArtifacts, crypto: Crypto): Result<ComputedRoot, Rejection> {
  const hashes = artifacts.outputHashes.get("hashes");
  if (!isJsonObject(hashes)) {
    return reject("root", "FIELD_MISSING", { artifact: "OUTPUT_HASHES.json", missing: ["hashes"] });
  }
  const { status, taskSpec } = artifacts;
  const root = computeBundleRoot({ outputHashes: hashes, status, taskSpec }, crypto);
  if (!root.ok) {
    const holder = encodeCanonical(status).ok ? "OUTPUT_HASHES.json" : "STATUS.json";
    return rejectArtifact("root", root.code, holder);
  }
  return ok({ bundleRoot: root.value, hashes });
}
