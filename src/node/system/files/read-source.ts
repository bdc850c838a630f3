/**
 * Opening and reading regular files that another person named: never through a link that leaves the root, never waiting for a
 * FIFO (PROTOCOL 8), and noticing when a file changes meanwhile.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import type { ArtifactReading, SourceKind } from "../../../core/internal.ts";
import { publishCause } from "../runtime/cause-channel.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import type { AnchoredDir } from "./anchored-dir.ts";
import { type AnchoredRoot, type Location, MAX_LINKS } from "./anchored-root.ts";
import { type FileSystem, OPEN_SOURCE } from "./file-system.ts";

/** An open regular file, and its stats when it was opened. */
export interface OpenSource {
  readonly fd: number;
  readonly before: BigIntStats;
}

/** A file that was opened by its path below a root. */
export interface FollowedSource extends OpenSource {
  /** Whether the path leads to the file through a link, at its end or on the way. */
  readonly isThroughLink: boolean;
}

/** A root, or a walk through one. */
export type SourceWalk = Pick<AnchoredRoot, "locate" | "follow">;

/**
 * Opens the regular file at a path, following links that stay below the root. `undefined` for anything else:
 * nothing, a folder, a FIFO, a device, a link that leads out. Never waits, and never opens a file outside the
 * root. Throws what the system says otherwise (no permission, too many open files, …).
 */
export function openSource(root: SourceWalk, path: string, fs: FileSystem): FollowedSource | undefined {
  let location: Location = root.locate(path);
  for (let links = 0; location.kind === "entry" && links <= MAX_LINKS; links++) {
    try {
      const source = acceptRegularFile(location.dir.open(location.name, OPEN_SOURCE), fs);
      // Field by field: a copy by spreading took a tenth of the time of a small file.
      return source && { fd: source.fd, before: source.before, isThroughLink: location.isThroughLink };
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno !== "ELOOP") return noFile(errno, thrown);
      location = root.follow(location);
    }
  }
  return undefined;
}

/** What has a name in a folder, by lstat. Throws what the system says. */
export function kindAt(dir: AnchoredDir, name: string): SourceKind {
  const stats = dir.lstat(name);
  if (stats === undefined) return "missing";
  return stats.isFile() ? "file" : "other";
}

/** Opens the regular file of a name in a folder, through no link. Throws what the system says otherwise. */
export function openPlainFile(
  dir: AnchoredDir,
  name: string,
  fs: FileSystem,
): OpenSource | "missing" | "other" {
  try {
    return acceptRegularFile(dir.open(name, OPEN_SOURCE), fs) ?? "other";
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno !== "ENOENT" && errno !== "ELOOP" && errno !== "ENXIO") throw thrown;
    publishCause(thrown);
    return errno === "ENOENT" ? "missing" : "other";
  }
}

/** Whether a path leads to something, by lstat: also to a dangling link. Throws what the system says. */
export function isTaken(root: SourceWalk, path: string): boolean {
  const location = root.locate(path);
  return location.kind === "entry" && location.dir.has(location.name);
}

/** Whether a file is unchanged since it was opened. A change whose mtime was reset still moves ctime. */
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

/** Reads that many bytes of an open file, or fewer if it is shorter. Throws what the system says. */
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

/** The errors of open(2) for names that do not lead to a regular file; ENXIO is a socket's. */
function noFile(errno: string | undefined, thrown: unknown): undefined {
  const absent = ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ENXIO", "EISDIR", "EINVAL", "EILSEQ"];
  if (errno === undefined || !absent.includes(errno)) throw thrown;
  return undefined;
}

/** Reads a regular file in a folder, up to the limit. Throws what the system says. */
export function readRegularFile(
  dir: AnchoredDir,
  name: string,
  limit: number,
  fs: FileSystem,
): ArtifactReading {
  const address = dir.address(name);
  const stats = fs.lstatSync(address, { throwIfNoEntry: false });
  if (stats === undefined) return { kind: "missing" };
  // A link is not followed, but a dangling link counts as missing: access(2) shows that without opening it.
  if (stats.isSymbolicLink())
    return leadsNowhere(address, fs) ? { kind: "missing" } : { kind: "not-a-regular-file" };
  if (!stats.isFile()) return { kind: "not-a-regular-file" };
  if (stats.size > limit) return { kind: "too-large", limit };
  return readSeenFile(address, limit, fs);
}

/** Reads a file that was just found to be a regular one. It may have been swapped since. */
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

/** Reads a whole file; `undefined` if it is longer than the limit. `expected` sizes the first buffer. */
function readAtMost(fd: number, expected: number, limit: number, fs: FileSystem): Uint8Array | undefined {
  // Small files share Node's pool: allocating memory for each takes longer than reading the bytes.
  let buffer: Uint8Array = Buffer.allocUnsafe(expected + 1);
  let length = 0;
  for (;;) {
    const count = fs.readSync(fd, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > limit) return undefined;
    // The read asked for more bytes and got all expected ones: the end of the file.
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
