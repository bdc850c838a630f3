/**
 * Bytes to the last one, and what makes files, names and file systems durable.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { statfsSync, write } from "node:fs";
import { release } from "node:os";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { publishCause } from "../runtime/cause-channel.ts";
import { attempt } from "../runtime/machine-reason.ts";
import { isLinux, isWindows } from "../runtime/this-system.ts";
import { type AnchoredDir, canAnchor } from "./anchored-dir.ts";
import { type FileSystem, nodeFileSystem, OPEN_NAMED_FOLDER, OPEN_TO_SYNC } from "./file-system.ts";

/**
 * Writes all bytes from a position on; one call may write fewer bytes than it was given. The position makes each
 * call a pwrite(2), which nothing else in the process uses: test/faults can kill at each one.
 */
export function writeAll(fd: number, bytes: Uint8Array, position: number, fs: FileSystem): void {
  for (let written = 0; written < bytes.length; ) {
    written += fs.writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}

const writeAsync = promisify(write);

/** The same in Node's thread pool. The caller must not change the bytes until it is done. */
export async function writeAllBeside(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const rest = bytes.length - written;
    written += (await writeAsync(fd, bytes, written, rest, position + written)).bytesWritten;
  }
}

/** Makes the bytes of a file durable. Throws what the system says. */
export function syncFile(address: string, fs: FileSystem): void {
  const fd = fs.openSync(address, OPEN_TO_SYNC);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Removes the files beside a name that `replaceFile` left when its process was killed, as its one writer. Throws what the system says. */
export function removeReplacements(dir: AnchoredDir, name: string): void {
  for (const other of dir.names()) {
    if (other.startsWith(`${name}.`) && /^[0-9a-f]{16}\.new$/.test(other.slice(name.length + 1)))
      dir.unlink(other);
  }
}

/** Makes a new name durable where the file system can: some don't sync folders. */
export function syncFolderOf(path: string): void {
  attempt(() => {
    const fd = nodeFileSystem.openSync(dirname(path), OPEN_NAMED_FOLDER);
    try {
      nodeFileSystem.fsyncSync(fd);
    } finally {
      nodeFileSystem.closeSync(fd);
    }
  });
}

/** From about this many files on, starting a process is cheaper. */
const FILES_WORTH_A_SYNC = 500;

/** File systems on which syncfs(2) waits for the disk: ext, XFS, btrfs, tmpfs, F2FS, overlay, ZFS. On FUSE it need not. */
const SYNCED_WHOLE: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0xf2f52010, 0x794c7630, 0x2fc12fc1,
]);

/**
 * One sync of a whole file system, instead of many fsyncs or before them: fsync(2) of a file that is already on the disk is
 * cheaper. Runs `sync -f` for the file system of an open folder, if that many files make it worthwhile and the program exists. Gives
 * whether the kernel confirms that everything is on the disk; `false` means unknown.
 */
export async function syncFileSystem(folder: number, files: number): Promise<boolean> {
  return files < FILES_WORTH_A_SYNC || !canAnchor() ? false : await syncWholeFileSystem(folder);
}

/**
 * The same in any case, for what no fsync of a file makes durable: the text of a link. Without an address for a folder that is held
 * open, all file systems are synced, and nothing is confirmed.
 */
export async function syncWholeFileSystem(folder: number): Promise<boolean> {
  try {
    if (!canAnchor()) {
      if (!isWindows) await once(spawn("sync", { stdio: "ignore" }), "exit");
      return false;
    }
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
  return isLinux && (major > 5 || (major === 5 && minor >= 8));
}
