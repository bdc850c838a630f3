/**
 * The stat index: digests of files that an earlier look hashed, by path and stat.
 *
 * An entry answers for a file if inode, birth time, mode, size, mtime and ctime are equal, and mtime and ctime are both before the
 * moment at which the look of the index began. A file that changed later has a later ctime: it can't be set back as mtime can.
 * GUARD.md 2.5, 2.14.
 *
 * All files are looked up at once, after the walk: a lookup in each step of the walk takes several times as long.
 *
 * @module
 */

import { compareRanges, DIGEST_BYTES, type LaidOutTexts } from "../../../../core/internal.ts";
import { isSameState } from "./file-stats.ts";
import type { IndexedFiles, ListedFiles, ParsedIndex } from "./index-format.ts";

/** Files of which something was seen before. */
export interface SeenFiles extends IndexedFiles {
  /** Whether the digest of a row is that of a file with its stats. */
  readonly counts: (row: number) => boolean;
}

/** What an index answers for. `isKept`: whether the bytes of a digest are kept, 32 raw bytes of `digests` at `place`. */
export function filesOfIndex(
  { takenAt, ...files }: ParsedIndex,
  isKept: (digests: Uint8Array, place: number) => boolean,
): SeenFiles {
  const { changes, modifications } = files.stats;
  const isBefore = (times: Float64Array, row: number): boolean => (times[row] ?? takenAt) < takenAt;
  const counts = (row: number): boolean =>
    isBefore(changes, row) && isBefore(modifications, row) && isKept(files.digests, row * DIGEST_BYTES);
  return { ...files, counts };
}

/** Copies the digests of files that are as they were seen to their places of `target`, and sets `known` to 1 there. Passes over what is known. */
export function copyKnown(
  { paths, stats }: ListedFiles,
  seen: SeenFiles,
  target: Uint8Array,
  known: Uint8Array,
): void {
  const count = seen.paths.starts.length - 1;
  for (let place = 0, row = 0; place < known.length && row < count; ) {
    const order = comparePaths(paths, place, seen.paths, row);
    if (order === 0 && known[place] === 0 && isSameState(stats, place, seen.stats, row) && seen.counts(row)) {
      const from = row * DIGEST_BYTES;
      target.set(seen.digests.subarray(from, from + DIGEST_BYTES), place * DIGEST_BYTES);
      known[place] = 1;
    }
    if (order <= 0) place++;
    if (order >= 0) row++;
  }
}

function comparePaths(left: LaidOutTexts, place: number, right: LaidOutTexts, row: number): number {
  const [from, start] = [left.starts[place] ?? 0, right.starts[row] ?? 0];
  return compareRanges(
    left.bytes,
    from,
    left.starts[place + 1] ?? 0,
    right.bytes,
    start,
    right.starts[row + 1] ?? 0,
  );
}
