/** Phase 4: the bundle root can be computed, and in one way only (PROTOCOL 8, 5 and 4.3). @module */

import { computeBundleRoot } from "../../artifacts/bundle-root.ts";
import type { OutputTable } from "../../artifacts/output-table.ts";
import type { Crypto } from "../../bytes/crypto.ts";
import type { HexDigest } from "../../bytes/hex.ts";
import { ok, type Result } from "../../bytes/result.ts";
import { type Rejection, reject, rejectArtifact } from "../../codes/verdict.ts";
import { encodeCanonical } from "../../json/canonical-json.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { ParsedArtifact } from "./parse.ts";

/** What goes into the root. */
export interface RootArtifacts {
  readonly outputHashes: ParsedArtifact;
  readonly status: JsonObject;
  readonly taskSpec: ParsedArtifact;
}

/** The root and the member it was computed over. */
export interface ComputedRoot {
  readonly bundleRoot: HexDigest;
  readonly hashes: OutputTable;
}

/** Computes the root. Fails with FIELD_MISSING (no object `hashes`) or SERIALIZATION_INVALID. */
export function computeRoot(
  { outputHashes: { hashes }, status, taskSpec }: RootArtifacts,
  crypto: Crypto,
): Result<ComputedRoot, Rejection> {
  if (hashes === undefined) {
    return reject("root", "FIELD_MISSING", { artifact: "OUTPUT_HASHES.json", missing: ["hashes"] });
  }
  const root = computeBundleRoot({ outputHashes: hashes, status, taskSpec: taskSpec.bytes }, crypto);
  if (!root.ok) {
    const holder = encodeCanonical(status).ok ? "OUTPUT_HASHES.json" : "STATUS.json";
    return rejectArtifact("root", root.code, holder);
  }
  return ok({ bundleRoot: root.value, hashes });
}
