/**
 * What lstat says of many files, in columns: an object for each of a million would take hundreds of megabytes.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";

/** Room for this many files at first. */
const FIRST_FILES = 1024;

/** The part of a file's stats that changes when the file does. No st_dev: it changes when a disk is mounted again. */
export type SeenStats = Pick<
  BigIntStats,
  "birthtimeNs" | "blocks" | "ctimeNs" | "ino" | "mode" | "mtimeNs" | "nlink" | "size"
>;

/** The stats of files, by their places in the list of the walk. */
export interface FileStats {
  readonly length: number;
  readonly inodes: BigUint64Array;
  /** Times in nanoseconds since 1970. A birth time is 0 where the file system has none. */
  readonly births: BigInt64Array;
  readonly changes: BigInt64Array;
  readonly modifications: BigInt64Array;
  /** Type and permissions, as stat(2) gives them. */
  readonly modes: Uint32Array;
  /** In bytes. */
  readonly sizes: Float64Array;
}

/** Collects stats while files are found. */
export class GrowingStats {
  #length = 0;
  #columns: Omit<FileStats, "length"> = makeColumns(FIRST_FILES);

  /** Adds the stats of the next file. */
  add({ birthtimeNs, ctimeNs, ino, mode, mtimeNs, size }: SeenStats): void {
    const at = this.#length++;
    if (at === this.#columns.sizes.length) this.#grow(at * 2);
    const { births, changes, inodes, modes, modifications, sizes } = this.#columns;
    inodes[at] = ino;
    births[at] = birthtimeNs;
    changes[at] = ctimeNs;
    modifications[at] = mtimeNs;
    modes[at] = Number(mode);
    sizes[at] = Number(size);
  }

  /** The stats that were added, in that order. */
  stats(): FileStats {
    const { births, changes, inodes, modes, modifications, sizes } = this.#columns;
    const length = this.#length;
    return {
      length,
      inodes: inodes.subarray(0, length),
      births: births.subarray(0, length),
      changes: changes.subarray(0, length),
      modifications: modifications.subarray(0, length),
      modes: modes.subarray(0, length),
      sizes: sizes.subarray(0, length),
    };
  }

  #grow(length: number): void {
    const larger = makeColumns(length);
    const { births, changes, inodes, modes, modifications, sizes } = this.#columns;
    larger.inodes.set(inodes);
    larger.births.set(births);
    larger.changes.set(changes);
    larger.modifications.set(modifications);
    larger.modes.set(modes);
    larger.sizes.set(sizes);
    this.#columns = larger;
  }
}

function makeColumns(length: number): Omit<FileStats, "length"> {
  return {
    inodes: new BigUint64Array(length),
    births: new BigInt64Array(length),
    changes: new BigInt64Array(length),
    modifications: new BigInt64Array(length),
    modes: new Uint32Array(length),
    sizes: new Float64Array(length),
  };
}

/** Whether a file is as it was when its stats were added. */
export function isAsSeen(stats: FileStats, at: number, found: SeenStats): boolean {
  return (
    stats.inodes[at] === found.ino &&
    stats.births[at] === found.birthtimeNs &&
    stats.changes[at] === found.ctimeNs &&
    stats.modifications[at] === found.mtimeNs &&
    stats.modes[at] === Number(found.mode) &&
    stats.sizes[at] === Number(found.size)
  );
}
