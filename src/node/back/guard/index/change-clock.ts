/**
 * Where change times can be believed, and by which clock: facts about the file system of the guarded folder.
 *
 * @module
 */

import { constants, readFileSync, statfsSync } from "node:fs";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { type FileSystem, O_TMPFILE } from "../../../system/files/file-system.ts";
import { unlessRefused } from "../../../system/runtime/machine-reason.ts";

/**
 * ext4 (which mounts ext2 and ext3, too), XFS, btrfs. test/node/back/guard/guard-index-disks.test.ts shows that a store through a shared map
 * moves ctime there if the page is clean. On tmpfs and FAT it does not; overlay has the type of no file system below it; ZFS sets
 * times when it writes pages, not at the store; FUSE and network file systems ask a server.
 */
const SHOWS_STORES: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e]);

/** Whether a file of the folder's file system shows in ctime each change of its bytes, stores through clean pages included. */
export function showsMappedStores(folder: AnchoredDir): boolean {
  const type = unlessRefused(() => statfsSync(folder.self).type);
  return type !== undefined && SHOWS_STORES.has(type);
}

/**
 * The time that the folder's file system would give a change now, in milliseconds: the ctime of a file that has no name (O_TMPFILE).
 * The folder's own times stay, no watcher of the folder sees a name, and nothing is left if this process is killed.
 * `undefined` if the folder can't be written or its file system has no such files.
 */
export function readChangeClock(folder: AnchoredDir, fs: FileSystem): number | undefined {
  return unlessRefused(() => {
    const fd = fs.openSync(folder.self, O_TMPFILE | constants.O_WRONLY, 0o600);
    try {
      return fs.fstatSync(fd).ctimeMs;
    } finally {
      fs.closeSync(fd);
    }
  });
}

/** Identifies the time since this machine was started, 16 bytes; `undefined` where the system does not. */
export function readBootId(): Uint8Array | undefined {
  const text = unlessRefused(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1"));
  const bytes = Buffer.from(text?.replaceAll("-", "").trim() ?? "", "hex");
  return bytes.length === 16 ? bytes : undefined;
}
