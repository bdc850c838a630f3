/**
 * What is signed (PROTOCOL 7): a domain prefix, then the canonical form of SIGNED_PAYLOAD.json. The
 * prefix keeps a signature made for a bundle from being passed off as one over anything else.
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import { encodeUtf8 } from "../../system/bytes/utf8.ts";
import { type JsonObject, jsonObject } from "../../system/json/json-value.ts";

const DOMAIN_PREFIX = "CAT-DPT-SPECTRUM-04-v1:BUNDLE:";

/** The three facts a signer signs. */
export interface SignedFacts {
  readonly bundleRoot: HexDigest;
  readonly validatorId: HexDigest;
}

/** SIGNED_PAYLOAD.json for a bundle root and a signer. The decision is always ACCEPT. */
export function signedPayload(facts: SignedFacts): JsonObject {
  return jsonObject({
    bundle_root: facts.bundleRoot,
    decision: "ACCEPT",
    validator_id: facts.validatorId,
  });
}

/** Encodes the message for Ed25519, raw bytes. */
export function encodeSigningMessage({ bundleRoot, validatorId }: SignedFacts): Uint8Array {
  // The canonical form of `signedPayload`, as it always is with two digests: a chain asks for it thousands of times.
  const canonical = `{"bundle_root":"${bundleRoot}","decision":"ACCEPT","validator_id":"${validatorId}"}`;
  return encodeUtf8(DOMAIN_PREFIX + canonical);
}
