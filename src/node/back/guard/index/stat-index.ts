/**
 * The stat index: digests of files that an earlier look hashed, by path and stat.
 *
 * An entry answers for a file if inode, birth time, mode, size, mtime and ctime are equal, and mtime and ctime are both before the
 * moment at which the look of the index began. A file that changed later has a later ctime: it can't be set back as mtime can.
 * GUARD.md 2.5, 2.14.
 *
 * @module
 */

import { DIGEST_BYTES, TextCursor, TextViews } from "../../../../core/internal.ts";
import { isAsSeen, type SeenStats } from "./file-stats.ts";
import type { ParsedIndex } from "./index-format.ts";

/** Entries by path. Asked in byte order of path, a look passes over the index once. */
export class StatIndex {
  readonly count: number;
  readonly #index: ParsedIndex;
  readonly #paths: TextCursor;

  constructor(index: ParsedIndex) {
    this.count = index.files.length;
    this.#index = index;
    const { pathBytes: bytes, pathStarts: starts } = index.files;
    this.#paths = new TextCursor(TextViews.in({ bytes, starts }));
  }

  /**
   * Copies the digest of a file, 32 raw bytes, into `target` at `place`. Gives false, and copies nothing, if the file must be
   * hashed. `stats` come from lstat or fstat of the file as it is now, on the file system of the guarded folder.
   */
  answer(path: string, stats: SeenStats, target: Uint8Array, place: number): boolean {
    const row = this.#paths.find(path);
    if (row === undefined || !this.#answers(row, stats)) return false;
    target.set(this.#index.files.digests.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES), place);
    return true;
  }

  #answers(row: number, found: SeenStats): boolean {
    const { stats, takenAt } = this.#index;
    return found.ctimeNs < takenAt && found.mtimeNs < takenAt && isAsSeen(stats, row, found);
  }
}
