/**
 * How one process knows that another one lives where a folder holds no sockets, as on Windows: a file with the number of the owner.
 *
 * The number may be another process's by now: then the owner seems to live. It never seems dead while it lives.
 *
 * @module
 */

import { writeAll } from "../files/durable-file.ts";
import { type FileSystem, OPEN_NEW, OPEN_SOURCE } from "../files/file-system.ts";
import { readUpTo } from "../files/read-source.ts";
import { errnoOf } from "../runtime/machine-reason.ts";

/** No process has a number of more digits. */
const MAX_BYTES = 10;

/** Writes the number of this process into a new file. Throws what the system says, EEXIST where the name is taken. */
export function writeOwner(address: string, fs: FileSystem): void {
  const fd = fs.openSync(address, OPEN_NEW, 0o600);
  try {
    writeAll(fd, Buffer.from(String(process.pid)), 0, fs);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Whether the process lives whose number is in a file. `undefined` if the file holds no number, as when its process was killed
 * before it wrote one. Throws what the system says.
 */
export function isWriterAlive(address: string, fs: FileSystem): boolean | undefined {
  const fd = fs.openSync(address, OPEN_SOURCE);
  try {
    const { size } = fs.fstatSync(fd);
    const text = size > MAX_BYTES ? "" : Buffer.from(readUpTo(fd, size, fs)).toString("latin1");
    return /^[1-9]\d*$/.test(text) ? isAlive(Number(text)) : undefined;
  } finally {
    fs.closeSync(fd);
  }
}

/** Signal 0 is never sent: the system only says whether it could be. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    // EPERM: a process of another user, so not the owner. Windows says so of this user's own, started with more rights.
    return errno === "EPERM" && process.platform === "win32";
  }
}
