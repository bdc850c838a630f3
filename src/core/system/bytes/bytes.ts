/**
 * Joining byte arrays.
 *
 * @module
 */

/** Joins pieces in their order. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** Whether two byte arrays are equal. Not in constant time: for whole files, never for digests. */
export function isSameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  // A loop: some files have hundreds of megabytes.
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

/** Compares two ranges of bytes as `sort` expects it. Not in constant time: it decides where to look, never what to believe. */
export function compareRanges(
  left: Uint8Array,
  leftStart: number,
  leftEnd: number,
  right: Uint8Array,
  rightStart: number,
  rightEnd: number,
): number {
  for (let at = leftStart, other = rightStart; at < leftEnd && other < rightEnd; at++, other++) {
    const difference = (left[at] ?? 0) - (right[other] ?? 0);
    if (difference !== 0) return difference;
  }
  return leftEnd - leftStart - (rightEnd - rightStart);
}
