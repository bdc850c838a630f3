/**
 * The hash of a proof: SHA-256 over the ASCII canonical form of the proof without this very field
 * (PROTOCOL 10 and 4.4).
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest } from "../../system/bytes/hex.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { encodeAsciiCanonical, type NumberOverflowFault } from "../../system/json/canonical-json.ts";
import { type JsonObject, withoutMember } from "../../system/json/json-value.ts";

/** Computes `proof_hash`. Fails with ARTIFACT_MALFORMED where a number overflows a double. */
export function computeProofHash(proof: JsonObject, crypto: Crypto): Result<HexDigest, NumberOverflowFault> {
  const preimage = encodeAsciiCanonical(withoutMember(proof, "proof_hash"));
  return preimage.ok ? ok(digestToHex(crypto.sha256(preimage.value))) : preimage;
}
