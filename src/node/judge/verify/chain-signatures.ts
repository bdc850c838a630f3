/** How the signatures of a chain are checked. Of a small bundle the check takes as long as all else. @module */

import type { Crypto } from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";

/** Bundles from which on workers, and libsodium, are worth their start. */
export const LONG_CHAIN = 256;

/**
 * Chooses node:crypto for a short chain. For a long one libsodium checks the signatures, where it can be loaded: it needs less
 * than half the time. Behind the core's rule both accept the same signatures.
 */
export async function cryptoFor(bundles: number): Promise<Crypto> {
  if (bundles < LONG_CHAIN) return nodeCrypto;
  const { libsodium } = await import("../../keys/sodium.ts");
  const sodium = libsodium();
  if (sodium === undefined) return nodeCrypto;
  const { crypto_sign_verify_detached: verify } = sodium;
  return {
    ...nodeCrypto,
    verifyEd25519: (publicKey, message, signature) => verify(signature, message, publicKey),
  };
}
