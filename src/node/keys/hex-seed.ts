/**
 * A seed as 64 lowercase hex characters and back, from one secret memory into another. No branch and no
 * table index depends on a digit's value.
 *
 * @module
 */

import { SEED_BYTES } from "./secret-key-signer.ts";

/** The hex characters of a seed. */
export const HEX_SEED_BYTES: number = SEED_BYTES * 2;

/** Writes a seed as hex into a buffer of at least 64 bytes. */
export function encodeHexSeed(seed: Uint8Array, hex: Uint8Array): void {
  for (const [index, byte] of seed.entries()) {
    hex[index * 2] = digitOf(byte >> 4);
    hex[index * 2 + 1] = digitOf(byte & 15);
  }
}

/** Reads exactly 64 lowercase hex characters into a seed. False for anything else; the seed is garbage then. */
export function decodeHexSeed(hex: Uint8Array, seed: Uint8Array): boolean {
  if (hex.length !== HEX_SEED_BYTES) return false;
  let bad = 0;
  for (let index = 0; index < SEED_BYTES; index++) {
    const high = nibbleOf(hex[index * 2] ?? 0);
    const low = nibbleOf(hex[index * 2 + 1] ?? 0);
    bad |= (high | low) >> 8;
    seed[index] = ((high & 15) << 4) | (low & 15);
  }
  return bad === 0;
}

/** The value of a lowercase hex digit; bits above the eighth are set for anything else. */
function nibbleOf(unit: number): number {
  const digit = unit - 0x30;
  const letter = unit - 0x61;
  // (x >> 31) is all ones for a negative x: each mask is all ones exactly inside its range.
  const isDigit = ~(digit >> 31) & ((digit - 10) >> 31);
  const isLetter = ~(letter >> 31) & ((letter - 6) >> 31);
  return (digit & isDigit) | ((letter + 10) & isLetter) | (~(isDigit | isLetter) & 0x100);
}

/** The hex digit of 0 to 15, by arithmetic: 39 is the way from `:` to `a`. */
function digitOf(nibble: number): number {
  return nibble + 0x30 + (((9 - nibble) >> 31) & 39);
}
