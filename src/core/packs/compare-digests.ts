/**
 * The order of digests by their bytes. It decides where to look, never what to believe: a record that is found is hashed.
 *
 * @module
 */

import { DIGEST_BYTES } from "../bytes/hex.ts";

/** Compares two digests, 32 raw bytes each, as `sort` expects it. For orders only. */
export function compareDigests(
  left: Uint8Array,
  leftPlace: number,
  right: Uint8Array,
  rightPlace: number,
): number {
  for (let at = 0; at < DIGEST_BYTES; at += 4) {
    const order = wordAt(left, leftPlace + at) - wordAt(right, rightPlace + at);
    if (order !== 0) return order;
  }
  return 0;
}

/** Four bytes as a number. Byte by byte: a call into the system's code for each step of a search would take most of its time. */
function wordAt(bytes: Uint8Array, place: number): number {
  const high = ((bytes[place] ?? 0) << 8) | (bytes[place + 1] ?? 0);
  return high * 0x10000 + (((bytes[place + 2] ?? 0) << 8) | (bytes[place + 3] ?? 0));
}
