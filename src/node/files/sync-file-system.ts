/**
 * One sync of a whole file system before many single ones: fsync(2) of a file that is already on the disk
 * costs little. Nothing depends on it but time: what must be durable is fsynced by the caller all the same.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { publishCause } from "../cause-channel.ts";

/** From about this many files on, starting a process is cheaper. */
const FILES_WORTH_A_SYNC = 500;

/** Runs `sync -f` for the file system of an open folder, if that many files are worth it and there is such a program. */
export async function syncFileSystem(folder: number, files: number): Promise<void> {
  if (files < FILES_WORTH_A_SYNC) return;
  try {
    const child = spawn("sync", ["-f", `/proc/${process.pid}/fd/${folder}/.`], { stdio: "ignore" });
    await once(child, "exit");
  } catch (thrown) {
    publishCause(thrown);
  }
}
