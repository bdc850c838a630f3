/**
 * One acceptance rule for Ed25519 on every platform (PROTOCOL 3).
 *
 * Libraries disagree about small-order points, non-canonical encodings and S ≥ L: with the identity
 * point as public key, one constant signature is accepted for every message by Node 20 and 22 and
 * refused by Node 24. So those are refused here, by comparing bytes, before any library is asked; on
 * the rest they all agree.
 *
 * @module
 */

import type { Crypto } from "./crypto.ts";
import { parseHex } from "./hex.ts";

const FIELD_PRIME = littleEndian("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
const GROUP_ORDER = littleEndian("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

/** The y coordinates of the eight torsion points. The sign of x does not matter: both are refused. */
const TORSION_Y = [
  littleEndian("0000000000000000000000000000000000000000000000000000000000000000"),
  littleEndian("0100000000000000000000000000000000000000000000000000000000000000"),
  littleEndian("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
  littleEndian("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
  littleEndian("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
];

/**
 * Whether 32 bytes are an encoding that is refused as key and as R: y ≥ p, or one of the torsion points
 * with either sign bit (which takes in x = 0 with the sign bit set). Not on the curve is another matter.
 */
export function isRefusedPoint(encoding: Uint8Array): boolean {
  // Not slice(): on a Buffer that is no copy, and the caller's key would lose its sign bit.
  const y = new Uint8Array(encoding);
  y[31] = (y[31] ?? 0) & 0x7f;
  return (
    !isBelow(y, FIELD_PRIME) || TORSION_Y.some((torsion) => !isBelow(y, torsion) && !isBelow(torsion, y))
  );
}

/**
 * The first half of the one rule, by comparing bytes: whether the platform may be asked at all. `publicKey` is 32 raw
 * bytes, `signature` 64. False for a refused key too: callers that must tell it apart (KEY_INVALID) ask `isRefusedPoint` first.
 */
export function mayHold(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const pointR = signature.subarray(0, 32);
  const scalarS = signature.subarray(32);
  return !isRefusedPoint(publicKey) && !isRefusedPoint(pointR) && isBelow(scalarS, GROUP_ORDER);
}

/** Verifies a signature by the one rule: `mayHold`, then the platform's own word. */
export function verifyStrictly(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: Crypto,
): boolean {
  return mayHold(publicKey, signature) && crypto.verifyEd25519(publicKey, message, signature);
}

/** Compares little-endian numbers of one length. Public values: it needs no constant time. */
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
