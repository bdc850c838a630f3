/**
 * Reading a file of bounded size whole, without following a link or waiting for a FIFO (PROTOCOL 8).
 *
 * @module
 */

import type { ArtifactReading } from "../../core/internal.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import type { AnchoredDir } from "./anchored-dir.ts";
import { type FileSystem, OPEN_SOURCE } from "./file-system.ts";

/** Reads a regular file in a folder, no more of it than the limit. Throws what the system says. */
export function readRegularFile(
  dir: AnchoredDir,
  name: string,
  limit: number,
  fs: FileSystem,
): ArtifactReading {
  const address = dir.address(name);
  const stats = fs.lstatSync(address, { throwIfNoEntry: false });
  if (stats === undefined) return { kind: "missing" };
  // A link is not followed, but one that leads nowhere counts as missing: access(2) tells without opening.
  if (stats.isSymbolicLink())
    return leadsNowhere(address, fs) ? { kind: "missing" } : { kind: "not-a-regular-file" };
  if (!stats.isFile()) return { kind: "not-a-regular-file" };
  if (stats.size > limit) return { kind: "too-large", limit };
  return readSeenFile(address, limit, fs);
}

/** Reads what was just seen to be a regular file. It may have been swapped for something else since. */
export function readSeenFile(address: string, limit: number, fs: FileSystem): ArtifactReading {
  const fd = fs.openSync(address, OPEN_SOURCE);
  try {
    const stats = fs.fstatSync(fd);
    if (!stats.isFile()) return { kind: "not-a-regular-file" };
    if (stats.size > limit) return { kind: "too-large", limit };
    const bytes = readAtMost(fd, stats.size, limit, fs);
    return bytes === undefined ? { kind: "too-large", limit } : { kind: "bytes", bytes };
  } finally {
    fs.closeSync(fd);
  }
}

/** Reads a file to its end, or `undefined` where it is longer than the limit. `expected` sizes the first buffer. */
function readAtMost(fd: number, expected: number, limit: number, fs: FileSystem): Uint8Array | undefined {
  // Small ones share Node's pool: memory for each of its own takes longer to get than the bytes.
  let buffer: Uint8Array = Buffer.allocUnsafe(expected + 1);
  let length = 0;
  for (;;) {
    const count = fs.readSync(fd, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > limit) return undefined;
    // More was asked for than came, and it is all there should be: the end.
    if (length === expected) return buffer.subarray(0, length);
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(buffer.length * 2, limit + 1));
      larger.set(buffer);
      buffer = larger;
    }
  }
}

function leadsNowhere(address: string, fs: FileSystem): boolean {
  try {
    fs.accessSync(address);
    return false;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return true;
    if (errno === "EACCES") return false;
    throw thrown;
  }
}
