/**
 * What lstat says of many files, in columns: an object for each of a million would take hundreds of megabytes.
 *
 * Times are milliseconds in doubles, which round nanoseconds to a quarter of a microsecond: with bigints, a look takes a third longer. Rounding
 * keeps the order of two times, so a time that is before another one after rounding is so in nanoseconds, too. Inodes above 2^53 are
 * rounded as well: a file that another one replaces has a later ctime.
 *
 * @module
 */

import type { Stats } from "node:fs";

/** Room for this many files at first. */
const FIRST_FILES = 1024;

/** The part of a file's stats that changes when the file does. No st_dev: it changes when a disk is mounted again. */
export type SeenStats = Pick<
  Stats,
  "birthtimeMs" | "blocks" | "ctimeMs" | "ino" | "mode" | "mtimeMs" | "nlink" | "size"
>;

/** The stats of files, by their places in the list of the walk. */
export interface FileStats {
  readonly inodes: Float64Array;
  /** Times in milliseconds since 1970. A birth time is 0 where the file system has none. */
  readonly births: Float64Array;
  readonly changes: Float64Array;
  readonly modifications: Float64Array;
  /** Type and permissions, as stat(2) gives them. */
  readonly modes: Uint32Array;
  /** In bytes. */
  readonly sizes: Float64Array;
}

/** Collects stats while files are found. */
export class GrowingStats {
  #length = 0;
  #columns: FileStats = makeColumns(FIRST_FILES);

  /** Adds the stats of the next file. */
  add({ birthtimeMs, ctimeMs, ino, mode, mtimeMs, size }: SeenStats): void {
    const at = this.#length++;
    if (at === this.#columns.sizes.length) this.#grow(at * 2);
    const { births, changes, inodes, modes, modifications, sizes } = this.#columns;
    inodes[at] = ino;
    births[at] = birthtimeMs;
    changes[at] = ctimeMs;
    modifications[at] = mtimeMs;
    modes[at] = mode;
    sizes[at] = size;
  }

  /** The stats that were added, in that order. */
  stats(): FileStats {
    const { births, changes, inodes, modes, modifications, sizes } = this.#columns;
    const length = this.#length;
    return {
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
    for (const name of COLUMNS) larger[name].set(this.#columns[name]);
    this.#columns = larger;
  }
}

const COLUMNS = ["births", "changes", "inodes", "modes", "modifications", "sizes"] as const;

function makeColumns(length: number): FileStats {
  return {
    inodes: new Float64Array(length),
    births: new Float64Array(length),
    changes: new Float64Array(length),
    modifications: new Float64Array(length),
    modes: new Uint32Array(length),
    sizes: new Float64Array(length),
  };
}

/** Whether two files have the same stats. */
export function isSameState(left: FileStats, place: number, right: FileStats, row: number): boolean {
  return (
    left.changes[place] === right.changes[row] &&
    left.inodes[place] === right.inodes[row] &&
    left.births[place] === right.births[row] &&
    left.modifications[place] === right.modifications[row] &&
    left.modes[place] === right.modes[row] &&
    left.sizes[place] === right.sizes[row]
  );
}
