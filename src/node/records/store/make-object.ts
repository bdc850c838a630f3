/**
 * Fills one object of the store from an output: a clone if the file system supports it, else a copy.
 *
 * @module
 */

import { type HexDigest, type OutputFinding, ok, type Result } from "../../../core/internal.ts";
import type { cloneFile } from "../../system/files/cloner.ts";
import { type FileSystem, OPEN_NEW, OPEN_SOURCE } from "../../system/files/file-system.ts";
import { copyWriter } from "../../system/files/holes.ts";
import {
  acceptRegularFile,
  type OpenSource,
  openSource,
  type SourceWalk,
} from "../../system/files/read-source.ts";
import { hashOpenFile } from "../../system/hashing/hash-file.ts";
import type { Steps } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** The bits of an output's mode that its object gets: the same users can read it, and no user can write or run it. */
const READ_BITS = 0o444n;
const OWNER_READS = 0o400n;

/** What is used for all objects. */
export interface Making {
  readonly buffer: Uint8Array;
  /** Devices on which cloning was tried, and failed. */
  readonly uncloned: Set<bigint>;
  readonly clone: typeof cloneFile;
  readonly fs: FileSystem;
  /** Called with the number of bytes as they are hashed. */
  readonly count: (bytes: number) => void;
}

/**
 * Makes an object and gives the digest of its bytes. Fails with READ_FAILED or CHANGED_WHILE_READ. Throws what the system says
 * of the object; then an unfinished file stays at the address.
 */
export function* makeObject(
  walk: SourceWalk,
  { bytes, path }: { readonly path: string; readonly bytes: number },
  address: string,
  making: Making,
): Steps<Result<HexDigest, OperationFault>> {
  const source = openOutput(walk, path, making.fs);
  if (!source.ok) return source;
  try {
    // An output that has grown could fill the disk before its digest shows the change.
    if (source.value.before.size !== BigInt(bytes)) return operationFault("CHANGED_WHILE_READ", { path });
    const isCloned = tryToClone(source.value, address, making);
    const made = isCloned
      ? yield* hashClone(source.value, address, making)
      : yield* copy(source.value, address, making);
    if (made.kind === "file") return ok(made.digest);
    return operationFault("CHANGED_WHILE_READ", { path });
  } finally {
    making.fs.closeSync(source.value.fd);
  }
}

function openOutput(walk: SourceWalk, path: string, fs: FileSystem): Result<OpenSource, OperationFault> {
  try {
    const source = openSource(walk, path, fs);
    // It was hashed a moment ago.
    return source === undefined ? operationFault("CHANGED_WHILE_READ", { path }) : ok(source);
  } catch (thrown) {
    return operationFault("READ_FAILED", { path, reason: reasonOf(thrown) });
  }
}

function tryToClone({ before, fd }: OpenSource, address: string, { clone, uncloned }: Making): boolean {
  if (uncloned.has(before.dev)) return false;
  const isCloned = clone(fd, address);
  if (!isCloned) uncloned.add(before.dev);
  return isCloned;
}

/** A clone's bytes are read from the clone: the output may have changed since. */
function* hashClone(
  source: OpenSource,
  address: string,
  { buffer, count, fs }: Making,
): Steps<OutputFinding> {
  const object = acceptRegularFile(fs.openSync(address, OPEN_SOURCE), fs);
  if (object === undefined) return { kind: "missing" };
  try {
    fs.fchmodSync(object.fd, modeOf(source));
    const now = fs.fstatSync(object.fd, { bigint: true });
    return yield* hashOpenFile({ fd: object.fd, before: now }, buffer, fs, ({ length }) => count(length));
  } finally {
    fs.closeSync(object.fd);
  }
}

/** Copies the output, and hashes the bytes as they are written. */
function* copy(source: OpenSource, address: string, { buffer, count, fs }: Making): Steps<OutputFinding> {
  const fd = fs.openSync(address, OPEN_NEW, 0o600);
  try {
    const write = copyWriter(source, fd, fs);
    const copied = yield* hashOpenFile(source, buffer, fs, (block, position) => {
      write(block, position);
      count(block.length);
    });
    fs.fchmodSync(fd, modeOf(source));
    return copied;
  } finally {
    fs.closeSync(fd);
  }
}

function modeOf({ before }: OpenSource): number {
  return Number((before.mode & READ_BITS) | OWNER_READS);
}
