/**
 * What is signed (PROTOCOL 7): a domain prefix, then the canonical form of SIGNED_PAYLOAD.json. The
 * prefix keeps a signature made for a bundle from being passed off as one over anything else.
 *
 * @module
 */

import { concatBytes } from "./bytes.ts";
import { encodeCanonical } from "./canonical-json.ts";
import type { HexDigest } from "./hex.ts";
import { type JsonObject, jsonObject } from "./json-value.ts";
import { encodeUtf8 } from "./utf8.ts";

const DOMAIN_PREFIX: Uint8Array = encodeUtf8("CAT-DPT-SPECTRUM-04-v1:BUNDLE:");

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

/** Encodes the message for Ed25519, raw bytes. Its payload is text throughout, so it always has a form. */
export function encodeSigningMessage(facts: SignedFacts): Uint8Array {
  const canonical = encodeCanonical(signedPayload(facts));
  if (!canonical.ok) throw new TypeError("texts always have a canonical form");
  return concatBytes([DOMAIN_PREFIX, canonical.value]);
}
