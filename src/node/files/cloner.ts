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

/** What is no matter of clones: a disk that is full or broken is for whoever fills the file to tell. */
const FAILURES: readonly string[] = ["EDQUOT", "EIO", "ENOSPC"];

/** Makes clones for one piece of work, until the first that can't be had. */
export class Cloner {
  readonly #fs: FileSystem;
  #isRefused = false;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /**
   * Makes an open file, empty so far, a clone of another; its mode is then the source's, or still its own. `false` where
   * no clone can be had or would pay, and the file is as empty as before. Throws what the system says of a bad disk.
   */
  cloneInto({ before, fd }: OpenSource, target: number): boolean {
    if (this.#isRefused || before.size < WORTH_CLONING || !canAnchor()) return false;
    // The mode is copied first: were it killed then, not even in a folder that is ours should such a file be left.
    if ((before.mode & SPECIAL_BITS) !== 0n) return false;
    try {
      // Descriptors on both sides: no name is resolved again. What failed is unlinked by Node, which /proc refuses.
      this.#fs.copyFileSync(addressOf(fd), addressOf(target), constants.COPYFILE_FICLONE_FORCE);
      return true;
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === undefined || FAILURES.includes(errno)) throw thrown;
      this.#isRefused = true;
      // A kernel that gave up in the middle may have left blocks behind what will be written.
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
