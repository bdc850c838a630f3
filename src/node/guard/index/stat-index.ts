/**
 * The stat index: digests of files that an earlier look hashed, by path and stat.
 *
 * An entry answers for a file if inode, birth time, mode, size, mtime and ctime are equal, and mtime and ctime are both before the
 * moment at which the look of the index began. A file that changed later has a later ctime: it can't be set back as mtime can.
 * GUARD.md 2.5, 2.14.
 *
 * @module
 */

import { DIGEST_BYTES } from "../../../core/internal.ts";
import { isAsSeen, type SeenStats } from "./file-stats.ts";
import type { ParsedIndex } from "./index-format.ts";

/** Entries by path. Asked in byte order of path, a look passes over the index once. */
export class StatIndex {
  readonly count: number;
  readonly #index: ParsedIndex;
  /** The first entry whose path is not before the last path that was asked for. */
  #next = 0;
  #asked: Buffer = Buffer.alloc(256);

  constructor(index: ParsedIndex) {
    this.count = index.files.length;
    this.#index = index;
  }

  /**
   * Copies the digest of a file, 32 raw bytes, into `target` at `place`. Gives false, and copies nothing, if the file must be
   * hashed. `stats` come from lstat or fstat of the file as it is now, on the file system of the guarded folder.
   */
  answer(path: string, stats: SeenStats, target: Uint8Array, place: number): boolean {
    const row = this.#find(path);
    if (row < 0 || !this.#answers(row, stats)) return false;
    target.set(this.#index.files.digests.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES), place);
    return true;
  }

  #answers(row: number, found: SeenStats): boolean {
    const { stats, takenAt } = this.#index;
    return found.ctimeNs < takenAt && found.mtimeNs < takenAt && isAsSeen(stats, row, found);
  }

  /** The entry of a path; -1 if there is none. Fast if it follows the entry of the path before. */
  #find(path: string): number {
    const length = this.#encode(path);
    if (this.#next > 0 && this.#compare(this.#next - 1, length) >= 0) this.#next = 0;
    let low = this.#next;
    let step = 1;
    while (low + step <= this.count && this.#compare(low + step - 1, length) < 0) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step - 1, this.count);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(middle, length) < 0) low = middle + 1;
      else high = middle;
    }
    this.#next = low;
    return low < this.count && this.#compare(low, length) === 0 ? low : -1;
  }

  #encode(path: string): number {
    const most = path.length * 3;
    if (this.#asked.length < most) this.#asked = Buffer.alloc(most * 2);
    return this.#asked.write(path);
  }

  /** Compares the path of an entry with the first bytes of the one that is asked for. */
  #compare(row: number, length: number): number {
    const { pathBytes, pathStarts } = this.#index.files;
    const start = pathStarts[row] ?? 0;
    const own = (pathStarts[row + 1] ?? 0) - start;
    for (let at = 0; at < own && at < length; at++) {
      const difference = (pathBytes[start + at] ?? 0) - (this.#asked[at] ?? 0);
      if (difference !== 0) return difference;
    }
    return own - length;
  }
}
