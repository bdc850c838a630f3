/**
 * Comparing digests within larger bytes: in constant time, and without a view for each of a million of them.
 *
 * @module
 */

import { DIGEST_BYTES } from "../../../core/internal.ts";

/** Whether the 32 bytes at two places are equal. False where one ends before. */
export function isSameDigest(
  left: Uint8Array,
  leftPlace: number,
  right: Uint8Array,
  rightPlace: number,
): boolean {
  let difference = 0;
  for (let index = 0; index < DIGEST_BYTES; index++) {
    difference |= (left[leftPlace + index] ?? 0x100) ^ (right[rightPlace + index] ?? 0x200);
  }
  return difference === 0;
}
