/**
 * One acceptance rule for Ed25519 on every platform (PROTOCOL 3).
 *
 * Libraries disagree about small-order points, non-canonical encodings and S ≥ L. For example, with the
 * identity point as public key, Node 20 and 22 accept one constant signature for every message, and Node
 * 24 refuses it. So this file refuses such inputs by their bytes, before any library sees them. All
 * libraries agree about the rest.
 *
 * @module
 */

import type { Crypto } from "./crypto.ts";
import { parseHex } from "./hex.ts";

const FIELD_PRIME = littleEndian("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
const GROUP_ORDER = littleEndian("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

/** The y coordinates of the eight torsion points. Both signs of x are refused. */
const TORSION_Y = [
  littleEndian("0000000000000000000000000000000000000000000000000000000000000000"),
  littleEndian("0100000000000000000000000000000000000000000000000000000000000000"),
  littleEndian("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
  littleEndian("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
  littleEndian("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
];

/**
 * Whether 32 bytes are refused as key and as R: y ≥ p, or a torsion point with either sign bit. That
 * includes x = 0 with the sign bit set. Does not check that the point is on the curve.
 */
export function isRefusedPoint(encoding: Uint8Array): boolean {
  // Not slice(): Buffer.slice() shares memory, and the caller's key would lose its sign bit.
  const y = new Uint8Array(encoding);
  y[31] = (y[31] ?? 0) & 0x7f;
  return (
    !isBelow(y, FIELD_PRIME) || TORSION_Y.some((torsion) => !isBelow(y, torsion) && !isBelow(torsion, y))
  );
}

/**
 * The first half of the rule, by comparing bytes: whether the platform may verify this signature. `publicKey` is 32 raw
 * bytes, `signature` 64. False for a refused key too; a caller that must report KEY_INVALID calls `isRefusedPoint` first.
 */
export function hasAcceptedEncoding(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const pointR = signature.subarray(0, 32);
  const scalarS = signature.subarray(32);
  return !isRefusedPoint(publicKey) && !isRefusedPoint(pointR) && isBelow(scalarS, GROUP_ORDER);
}

/** Verifies a signature by the one rule: `hasAcceptedEncoding`, then the platform's verification. */
export function verifyStrictly(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: Crypto,
): boolean {
  return hasAcceptedEncoding(publicKey, signature) && crypto.verifyEd25519(publicKey, message, signature);
}

/** Compares little-endian numbers of one length. The values are public, so constant time is not needed. */
function isBelow(left: Uint8Array, right: Uint8Array): boolean {
  for (let index = right.length - 1; index >= 0; index--) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function littleEndian(hex: string): Uint8Array {
  const bytes = parseHex(hex, 32);
  if (bytes === undefined) throw new TypeError("a constant of this file is not 64 hex characters");
  return bytes;
}
