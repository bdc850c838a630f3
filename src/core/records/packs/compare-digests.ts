/**
 * The order of digests by their bytes. It decides where to look, never what to believe: a record that is found is hashed.
 *
 * @module
 */

import { compareRanges } from "../../system/bytes/bytes.ts";
import { DIGEST_BYTES } from "../../system/bytes/hex.ts";

/** Compares two digests, 32 raw bytes each, as `sort` expects it. For orders only. */
export function compareDigests(
  left: Uint8Array,
  leftPlace: number,
  right: Uint8Array,
  rightPlace: number,
): number {
  return compareRanges(
    left,
    leftPlace,
    leftPlace + DIGEST_BYTES,
    right,
    rightPlace,
    rightPlace + DIGEST_BYTES,
  );
}
