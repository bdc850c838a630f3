/**
 * One sync of a whole file system instead of many fsyncs, or before them: fsync(2) of a file that is already on the disk is
 * cheaper.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { statfsSync } from "node:fs";
import { release } from "node:os";
import { publishCause } from "../runtime/cause-channel.ts";

/** From about this many files on, starting a process is cheaper. */
const FILES_WORTH_A_SYNC = 500;

/** File systems on which syncfs(2) waits for the disk: ext, XFS, btrfs, tmpfs, F2FS, overlay, ZFS. On FUSE it need not. */
const SYNCED_WHOLE: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0xf2f52010, 0x794c7630, 0x2fc12fc1,
]);

/**
 * Runs `sync -f` for the file system of an open folder, if that many files make it worthwhile and the program exists. Gives
 * whether the kernel confirms that everything is on the disk; `false` means unknown.
 */
export async function syncFileSystem(folder: number, files: number): Promise<boolean> {
  if (files < FILES_WORTH_A_SYNC) return false;
  try {
    const address = `/proc/${process.pid}/fd/${folder}/.`;
    const child = spawn("sync", ["-f", address], { stdio: "ignore" });
    const [exitCode] = await once(child, "exit");
    return exitCode === 0 && reportsErrors() && SYNCED_WHOLE.has(statfsSync(address).type);
  } catch (thrown) {
    publishCause(thrown);
    return false;
  }
}

/** Before Linux 5.8, syncfs(2) did not report write errors. */
function reportsErrors(): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return process.platform === "linux" && (major > 5 || (major === 5 && minor >= 8));
}
