/**
 * The digest of one open file.
 *
 * @module
 */

import { createHash, hash as hashAtOnce } from "node:crypto";
import { digestToHex, type HexDigest, type OutputFinding } from "../../../core/internal.ts";
import type { FileSystem } from "../files/file-system.ts";
import { isUnchanged, type OpenSource } from "../files/read-source.ts";
import { BYTES_A_STEP, type Steps } from "../runtime/interruption.ts";

/** Bytes of one read: enough to hide the cost of the system call, and few enough to be in the processor's cache when hashed. */
export const BLOCK_BYTES: number = 1024 * 1024;

/** Room for a packed object, and for the byte more that is asked for to see that a file has grown. */
export const SMALL_FILE_ROOM: number = BLOCK_BYTES + 1;

/** A buffer for `hashOpenFile`, to be reused from file to file. `most` limits it to the size of a single file. */
export function makeReadBuffer(most: number = BLOCK_BYTES): Uint8Array {
  return new Uint8Array(Math.min(most, BLOCK_BYTES));
}

/**
 * Hashes an open file from its beginning; CHANGED_WHILE_READ where its size or times moved meanwhile. Each block is
 * handed to `keep` first, with its position: what was kept is what was hashed. Throws what the system says.
 */
export function* hashOpenFile(
  source: OpenSource,
  buffer: Uint8Array,
  fs: FileSystem,
  keep?: (block: Uint8Array, position: number) => void,
): Steps<OutputFinding> {
  if (source.before.size < buffer.length) return hashSmallFile(source, buffer, fs, keep);
  const hash = createHash("sha256");
  let bytes = 0;
  let pause = BYTES_A_STEP;
  for (;;) {
    const count = fs.readSync(source.fd, buffer, 0, buffer.length, null);
    if (count === 0) break;
    const block = buffer.subarray(0, count);
    keep?.(block, bytes);
    hash.update(block);
    bytes += count;
    // A file that grows as fast as it is read would never end, and a copy of it fill the disk.
    if (BigInt(bytes) > source.before.size) break;
    if (bytes >= pause) {
      yield;
      pause = bytes + BYTES_A_STEP;
    }
  }
  if (!isUnchanged(source, bytes, fs)) return { kind: "unreadable", code: "CHANGED_WHILE_READ" };
  return { kind: "file", digest: digestToHex(hash.digest()), bytes };
}

/** The same of a file that is smaller than the buffer. */
function hashSmallFile(
  source: OpenSource,
  buffer: Uint8Array,
  fs: FileSystem,
  keep?: (block: Uint8Array, position: number) => void,
): OutputFinding {
  const block = readSmallFile(source, buffer, fs);
  if (block.length > 0) keep?.(block, 0);
  if (!isUnchanged(source, block.length, fs)) return { kind: "unreadable", code: "CHANGED_WHILE_READ" };
  return { kind: "file", digest: digestOfBlock(block), bytes: block.length };
}

/**
 * Reads a file that is smaller than the buffer, in few calls, of which a small file's time is made. One byte more is asked
 * for than should be there: a file that has grown shows it. Throws what the system says.
 */
export function readSmallFile(source: OpenSource, buffer: Uint8Array, fs: FileSystem): Uint8Array {
  const size = Number(source.before.size);
  let bytes = 0;
  do {
    const count = fs.readSync(source.fd, buffer, bytes, size + 1 - bytes, null);
    if (count === 0) break;
    bytes += count;
  } while (bytes < size);
  return buffer.subarray(0, bytes);
}

/** The SHA-256 of bytes in memory, at once. */
export function digestOfBlock(block: Uint8Array): HexDigest {
  return hashAtOnce("sha256", block, "hex") as HexDigest;
}
