/**
 * A copy that shares its blocks with the file it was made from, where the file system can (FICLONE: btrfs, XFS,
 * bcachefs, ZFS and others): it costs no room and next to no time, and changing one never changes the other.
 *
 * @module
 */

import { constants, copyFileSync } from "node:fs";
import { machineReason } from "../runtime/machine-reason.ts";
import { canAnchor } from "./anchored-dir.ts";

/**
 * Makes a clone of an open file at the address of a new one. `false` where that can't be had, for whatever reason; then
 * nothing is left at the address, and an ordinary copy either works or tells why not.
 */
export function cloneFile(fd: number, address: string): boolean {
  if (!canAnchor()) return false;
  try {
    // By its descriptor: what is cloned is what was opened, whatever its name leads to by now.
    copyFileSync(`/proc/self/fd/${fd}`, address, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  }
}
