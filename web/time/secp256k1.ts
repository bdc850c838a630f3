/**
 * Points of secp256k1, which WebCrypto does not know. Its signatures never count, but a certificate with such a key may stand in a token,
 * and OpenSSL refuses one whose key does not lie on the curve.
 *
 * @module
 */

import { toHex } from "../../src/core/internal.ts";

/** The prime of the field (SEC 2, section 2.4.1). */
const PRIME = 2n ** 256n - 2n ** 32n - 977n;

/** Whether bytes are a point of secp256k1, uncompressed. */
export function isPointOfSecp256k1(bytes: Uint8Array): boolean {
  if (bytes.length !== 65 || bytes[0] !== 4) return false;
  const x = BigInt(`0x${toHex(bytes.subarray(1, 33))}`);
  const y = BigInt(`0x${toHex(bytes.subarray(33))}`);
  return x < PRIME && y < PRIME && (y * y - x * x * x - 7n) % PRIME === 0n;
}
