/**
 * Reads a file that the caller named, as `cat` would: links are followed. But it never waits for the other end of a FIFO,
 * and reads only regular files.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { ok, type Result } from "../../../core/internal.ts";
import { errnoOf, reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { acceptRegularFile, type OpenSource } from "./read-source.ts";

const OPEN_NAMED_FILE: number = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Opens a regular file, lets `read` read it, and closes it. Fails with PATH_NOT_FOUND, with NOT_A_FILE for a
 * folder, a FIFO, a socket or a device, or with READ_FAILED; `path` is as the caller named it.
 */
export async function readNamedFile<Value>(
  path: string,
  read: (source: OpenSource) => Promise<Result<Value, OperationFault>> | Result<Value, OperationFault>,
  fs: FileSystem = nodeFileSystem,
): Promise<Result<Value, OperationFault>> {
  const source = openNamedFile(path, fs);
  if (!source.ok) return source;
  try {
    return await read(source.value);
  } catch (thrown) {
    return faultOf(thrown, path);
  } finally {
    fs.closeSync(source.value.fd);
  }
}

/** Opens a regular file, which the caller closes. Fails as `readNamedFile` does. */
export function openNamedFile(
  path: string,
  fs: FileSystem = nodeFileSystem,
): Result<OpenSource, OperationFault> {
  try {
    const source = acceptRegularFile(fs.openSync(path, OPEN_NAMED_FILE), fs);
    return source === undefined ? operationFault("NOT_A_FILE", { path }) : ok(source);
  } catch (thrown) {
    return faultOf(thrown, path);
  }
}

/**
 * Reads a file that the caller named, of at most `limit` bytes. Gives what keeps it from being read: `not-a-file` for a folder,
 * a FIFO or a device. Throws what the system says.
 */
export function readNamedBytes(path: string, limit: number): Buffer | "not-a-file" | "too-large" {
  return useNamedFile(path, limit, (fd) => readFileSync(fd));
}

/** The same with a reader of its own, which gets the descriptor and the size in bytes. */
export function useNamedFile<Value>(
  path: string,
  limit: number,
  read: (fd: number, size: number) => Value,
): Value | "not-a-file" | "too-large" {
  const fd = openSync(path, OPEN_NAMED_FILE);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return "not-a-file";
    return stats.size > limit ? "too-large" : read(fd, stats.size);
  } finally {
    closeSync(fd);
  }
}

function faultOf(thrown: unknown, path: string): OperationFault {
  const reason = reasonOf(thrown);
  switch (errnoOf(thrown)) {
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
      return operationFault("PATH_NOT_FOUND", { path });
    // A socket; on Windows, a folder.
    case "ENXIO":
    case "EISDIR":
      return operationFault("NOT_A_FILE", { path });
    default:
      return operationFault("READ_FAILED", { path, reason });
  }
}
