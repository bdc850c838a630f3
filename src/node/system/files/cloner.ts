/**
 * Clones: files that share their blocks with the one that they were made from, where the file system can (FICLONE: btrfs,
 * XFS, bcachefs, ZFS and others). A clone costs no room and no writing, and changing one never changes the other.
 *
 * @module
 */

import { constants, copyFileSync } from "node:fs";
import { attempt, errnoOf } from "../runtime/machine-reason.ts";
import { canAnchor } from "./anchored-dir.ts";
import type { FileSystem } from "./file-system.ts";
import type { OpenSource } from "./read-source.ts";

/** Below this size, the calls that make a clone take longer than reading and writing (measured on XFS and btrfs). */
const WORTH_CLONING = 128n * 1024n;

/** Set-uid, set-gid and sticky. */
const SPECIAL_BITS = 0o7000n;

/** Errors not caused by cloning: the caller that fills the file reports a full or broken disk. */
const FAILURES: readonly string[] = ["EDQUOT", "EIO", "ENOSPC"];

/** Makes clones for one job, until the first one is refused. */
export class Cloner {
  readonly #fs: FileSystem;
  #isRefused = false;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /**
   * Makes an open, empty file a clone of another; its mode is then the source's, or still its own. `false` if the system
   * can't clone it or a copy is faster; then the file is still empty. Throws what the system says of a bad disk.
   */
  cloneInto({ before, fd }: OpenSource, target: number): boolean {
    if (this.#isRefused || before.size < WORTH_CLONING || !canAnchor()) return false;
    // The mode is copied first: a kill then would leave such a file, even if only in a private folder.
    if ((before.mode & SPECIAL_BITS) !== 0n) return false;
    try {
      // Descriptors on both sides: no name is resolved again. After an error Node unlinks the target, which /proc refuses.
      this.#fs.copyFileSync(addressOf(fd), addressOf(target), constants.COPYFILE_FICLONE_FORCE);
      return true;
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === undefined || FAILURES.includes(errno)) throw thrown;
      this.#isRefused = true;
      // A kernel that failed in the middle may have left blocks behind the bytes to come.
      this.#fs.ftruncateSync(target, 0);
      return false;
    }
  }
}

function addressOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/**
 * Makes a clone of an open file at the address of a new one. `false` where the system can't clone it; then nothing is left at
 * the address, and an ordinary copy either works or reports the reason.
 */
export function cloneFile(fd: number, address: string): boolean {
  const flags = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE;
  // By its descriptor: the clone is of the file that was opened, whatever has its name by now.
  return canAnchor() && attempt(() => copyFileSync(addressOf(fd), address, flags));
}
