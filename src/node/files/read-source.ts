/**
 * Opening a file that a stranger named, below an anchored root, and noticing when it changes meanwhile.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import { errnoOf } from "../runtime/machine-reason.ts";
import { type AnchoredRoot, type Location, MAX_LINKS } from "./anchored-root.ts";
import { type FileSystem, OPEN_SOURCE } from "./file-system.ts";

/** An open regular file and what fstat said of it then. */
export interface OpenSource {
  readonly fd: number;
  readonly before: BigIntStats;
}

/** What walks to a file: a root, or a walk through one. */
export type SourceWalk = Pick<AnchoredRoot, "locate" | "follow">;

/**
 * Opens the regular file at a path, following links that stay below the root. `undefined` where there is
 * none: nothing, a folder, a FIFO, a device, a link that leads out. Never waits and never opens what is
 * not below the root. Throws what the system says otherwise (no permission, too many open files, …).
 */
export function openSource(root: SourceWalk, path: string, fs: FileSystem): OpenSource | undefined {
  let location: Location = root.locate(path);
  for (let links = 0; location.kind === "entry" && links <= MAX_LINKS; links++) {
    try {
      return acceptRegularFile(fs.openSync(location.dir.address(location.name), OPEN_SOURCE), fs);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno !== "ELOOP") return noFile(errno, thrown);
      location = root.follow(location);
    }
  }
  return undefined;
}

/** Whether a file is as it was when it was opened: a change with its time put back still moves ctime. */
export function isUnchanged(source: OpenSource, bytesRead: number, fs: FileSystem): boolean {
  const { before } = source;
  const after = fs.fstatSync(source.fd, { bigint: true });
  return (
    BigInt(bytesRead) === before.size &&
    after.size === before.size &&
    after.mtimeNs === before.mtimeNs &&
    after.ctimeNs === before.ctimeNs
  );
}

/** Reads that many bytes of an open file, fewer where it ends before. Throws what the system says. */
export function readUpTo(fd: number, length: number, fs: FileSystem): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = fs.readSync(fd, bytes, filled, length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** Takes over a descriptor if it leads to a regular file; closes it otherwise. Throws what fstat(2) says. */
export function acceptRegularFile(fd: number, fs: FileSystem): OpenSource | undefined {
  let accepted = false;
  try {
    const before = fs.fstatSync(fd, { bigint: true });
    accepted = before.isFile();
    return accepted ? { fd, before } : undefined;
  } finally {
    if (!accepted) fs.closeSync(fd);
  }
}

/** What open(2) says of names that lead to no regular file; ENXIO is a socket's. */
function noFile(errno: string | undefined, thrown: unknown): undefined {
  const absent = ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ENXIO", "EISDIR", "EINVAL", "EILSEQ"];
  if (errno === undefined || !absent.includes(errno)) throw thrown;
  return undefined;
}
