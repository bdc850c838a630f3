/**
 * Filling a new file with the bytes of another: by a clone if one is possible and faster, else by a copy.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import { digestToHex, type OutputFinding } from "../../../core/internal.ts";
import type { Cloner } from "../files/cloner.ts";
import { writeAll, writeAllBeside } from "../files/durable-file.ts";
import type { FileSystem } from "../files/file-system.ts";
import { copyWriter, holeBytes } from "../files/holes.ts";
import { isUnchanged, type OpenSource } from "../files/read-source.ts";
import { BYTES_A_STEP, type WaitingSteps } from "../runtime/interruption.ts";
import {
  Begun,
  BIG_FILE_BYTES,
  type FileRange,
  type HashedRange,
  hashBlocks,
  hashRange,
  type KeepBlock,
} from "./hash-big-file.ts";
import { digestOfBlock, hashOpenFile } from "./hash-file.ts";

/** What is used from file to file. */
export interface Filling {
  readonly buffer: Uint8Array;
  readonly cloner: Cloner;
  readonly fs: FileSystem;
  /** Whether large files are read and written by Node's thread pool, past the port, while this thread hashes. */
  readonly usesPool: boolean;
  /** Hears of all bytes, as they are hashed. */
  readonly count: (bytes: number) => void;
}

const CHANGED: OutputFinding = { kind: "unreadable", code: "CHANGED_WHILE_READ" };

/**
 * Fills an open file, empty so far and open for both, and gives the digest of the bytes that are in it; CHANGED_WHILE_READ
 * where the source's size or times moved meanwhile. Throws what the system says.
 */
export function* fillFile(source: OpenSource, target: number, filling: Filling): WaitingSteps<OutputFinding> {
  const { buffer, cloner, count, fs } = filling;
  if (cloner.cloneInto(source, target)) return yield* hashClone(source, target, filling);
  if (usesPoolFor(source, filling) && holeBytes(source.before) === 0)
    return yield* hashBlocks(source, () => true, writeBeside(target, count));
  const write = copyWriter(source, target, fs);
  return yield* hashOpenFile(source, buffer, fs, (block, position) => {
    write(block, position);
    count(block.length);
  });
}

function writeBeside(target: number, count: Filling["count"]): KeepBlock {
  return (block, position) => {
    count(block.length);
    return new Begun(writeAllBeside(target, block, position));
  };
}

/**
 * Fills an open, empty file with bytes that are in another, and gives the digest of what was written, and its length: shorter where
 * the other file ends before. A clone begins and ends with blocks of the file system, so nothing is cloned. Throws what the system says.
 */
export function* fillFromRange(
  range: FileRange,
  target: number,
  { buffer, count, fs, usesPool }: Omit<Filling, "cloner">,
): WaitingSteps<HashedRange> {
  if (usesPool && range.bytes >= BIG_FILE_BYTES)
    return yield* hashRange(range, () => true, writeBeside(target, count));
  let hash: Hash | undefined;
  let bytes = 0;
  let pause = BYTES_A_STEP;
  while (bytes < range.bytes) {
    const wanted = Math.min(buffer.length, range.bytes - bytes);
    const length = fs.readSync(range.fd, buffer, 0, wanted, range.offset + bytes);
    if (length === 0) break;
    const block = buffer.subarray(0, length);
    writeAll(target, block, bytes, fs);
    count(length);
    bytes += length;
    // Of small files, making a hash takes longer than hashing.
    if (bytes === length && bytes === range.bytes) return { bytes, digest: digestOfBlock(block) };
    hash ??= createHash("sha256");
    hash.update(block);
    if (bytes >= pause) {
      yield;
      pause = bytes + BYTES_A_STEP;
    }
  }
  return { bytes, digest: hash === undefined ? digestOfBlock(NOTHING) : digestToHex(hash.digest()) };
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** A clone's bytes are read from the clone: the source may have been another when it was made. */
function* hashClone(source: OpenSource, target: number, filling: Filling): WaitingSteps<OutputFinding> {
  const { fs } = filling;
  const clone = { fd: target, before: fs.fstatSync(target, { bigint: true }) };
  // Hashing a hole that an attacker appended to the source would take very long.
  if (clone.before.size !== source.before.size) return CHANGED;
  const found = yield* hashWhole(clone, filling);
  if (found.kind !== "file") return found;
  return isUnchanged(source, found.bytes, fs) ? found : CHANGED;
}

/** Hashes an open file. Throws what the system says. */
export function hashWhole(source: OpenSource, hashing: Omit<Filling, "cloner">): WaitingSteps<OutputFinding> {
  const { buffer, count, fs } = hashing;
  const hear = ({ length }: Uint8Array): undefined => {
    count(length);
  };
  return usesPoolFor(source, hashing)
    ? hashBlocks(source, () => true, hear)
    : hashOpenFile(source, buffer, fs, hear);
}

function usesPoolFor({ before }: OpenSource, { usesPool }: Pick<Filling, "usesPool">): boolean {
  return usesPool && before.size >= BIG_FILE_BYTES;
}
