/**
 * The chain root: one digest over an ordered list of bundles (PROTOCOL 6).
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest } from "../../system/bytes/hex.ts";
import { encodeOwn } from "../../system/json/canonical-json.ts";
import { jsonObject } from "../../system/json/json-value.ts";

/** One bundle's place in a chain. */
export interface ChainLink {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
}

/**
 * Computes the root of a chain from its links in order, 64 lowercase hex characters. The caller has
 * made sure that there is at least one link and that no run id occurs twice (PROTOCOL 9).
 */
export function computeChainRoot(links: readonly ChainLink[], crypto: Crypto): HexDigest {
  const preimage = jsonObject({
    bundle_roots: links.map((link) => link.bundleRoot),
    run_ids: links.map((link) => link.runId),
  });
  return digestToHex(crypto.sha256(encodeOwn(preimage)));
}
