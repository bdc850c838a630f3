/** Cuts the outputs of a run into ranges: one is a job. @module */

import type { RowRange } from "../database/functions.ts";

/** When a range ends: with so many bytes, or so many rows. */
export interface RangeSize {
  readonly bytes: number;
  readonly rows: number;
}

/** About ten seconds of work: hashing at 100 MB/s from a registry, or a thousand small files in 200 ms. */
export const DEFAULT_RANGE: RangeSize = { bytes: 1024 ** 3, rows: 50_000 };

/** Cuts rows of these weights. An output is never cut: the bytes of a blob are hashed in order. */
export function cutRanges(weights: Float64Array, { bytes, rows }: RangeSize): readonly RowRange[] {
  const ranges: RowRange[] = [];
  let [first, weight] = [0, 0];
  for (const [row, own] of weights.entries()) {
    const isFull = row - first >= rows || weight + own > bytes;
    if (isFull && row > first) {
      ranges.push({ first, end: row });
      [first, weight] = [row, 0];
    }
    weight += own;
  }
  if (weights.length > first) ranges.push({ first, end: weights.length });
  return ranges;
}
