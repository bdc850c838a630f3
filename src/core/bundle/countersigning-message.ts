/**
 * What a countersigner signs (PROTOCOL 12): a domain prefix of its own, then canonical JSON.
 *
 * Section 7's prefix is another, and neither is the beginning of the other: no signature over a bundle can
 * be passed off as a countersignature, nor the other way round.
 *
 * @module
 */

import type { HexDigest } from "../bytes/hex.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { encodeOwn } from "../json/canonical-json.ts";
import { jsonObject } from "../json/json-value.ts";

const DOMAIN_PREFIX = "RUNSEAL-COUNTERSIGNATURE-v1:";

/** What a countersigner vouches for, who it is, and when it says it signed. */
export interface CountersignedFacts {
  readonly bundleRoot: HexDigest;
  readonly validatorId: HexDigest;
  /** RFC 3339, UTC, whole seconds. */
  readonly signedAt: string;
}

/** Encodes the message for Ed25519, raw bytes. */
export function encodeCountersigningMessage(facts: CountersignedFacts): Uint8Array {
  const canonical = encodeOwn(
    jsonObject({
      bundle_root: facts.bundleRoot,
      signed_at: facts.signedAt,
      validator_id: facts.validatorId,
    }),
  );
  return Uint8Array.from([...encodeUtf8(DOMAIN_PREFIX), ...canonical]);
}
