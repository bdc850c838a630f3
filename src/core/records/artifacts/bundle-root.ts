/**
 * The bundle root: one SHA-256 digest that commits to everything a validator vouched for (PROTOCOL 5).
 *
 * Anyone can recompute it with jq and coreutils:
 *
 *     jq -cSjn --slurpfile o OUTPUT_HASHES.json --slurpfile s STATUS.json \
 *       --arg t "$(sha256sum < TASK_SPEC.json | cut -c1-64)" \
 *       '{output_hashes: $o[0].hashes, status: $s[0], task_spec_hash: $t}' | sha256sum
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest } from "../../system/bytes/hex.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { hashCanonical, type SerializationFault } from "../../system/json/canonical-json.ts";
import { type JsonObject, jsonObject } from "../../system/json/json-value.ts";

/** What the root commits to. */
export interface BundleRootInput {
  /** The member `hashes` of OUTPUT_HASHES.json. */
  readonly outputHashes: JsonObject;
  /** STATUS.json, whole. */
  readonly status: JsonObject;
  /** The bytes of TASK_SPEC.json as stored, never re-encoded. */
  readonly taskSpec: Uint8Array;
}

/**
 * Computes the root of a bundle, 64 lowercase hex characters.
 *
 * Fails with SERIALIZATION_INVALID where a number has no agreed canonical form (4.3): two honest
 * verifiers must never derive two roots from one bundle.
 */
export function computeBundleRoot(
  input: BundleRootInput,
  crypto: Crypto,
): Result<HexDigest, SerializationFault> {
  const preimage = jsonObject({
    output_hashes: input.outputHashes,
    status: input.status,
    task_spec_hash: digestToHex(crypto.sha256(input.taskSpec)),
  });
  const root = hashCanonical(preimage, crypto);
  return root.ok ? ok(digestToHex(root.value)) : root;
}
