/**
 * Filling a new file with the bytes of another: by a clone where that can be had and may pay, else by a copy.
 *
 * @module
 */

import type { OutputFinding } from "../../core/index.ts";
import type { Steps } from "../interruption.ts";
import type { Cloner } from "./cloner.ts";
import { writeAll } from "./durable-file.ts";
import type { FileSystem } from "./file-system.ts";
import { hashOpenFile } from "./hash-file.ts";
import { isUnchanged, type OpenSource } from "./read-source.ts";

/** What is used from file to file. */
export interface Filling {
  readonly buffer: Uint8Array;
  readonly cloner: Cloner;
  readonly fs: FileSystem;
  /** Hears of all bytes, as they are hashed. */
  readonly count: (bytes: number) => void;
}

/**
 * Fills an open file, empty so far and open for both, and gives the digest of the bytes that are in it; CHANGED_WHILE_READ
 * where the source's size or times moved meanwhile. Throws what the system says.
 */
export function* fillFile(source: OpenSource, target: number, filling: Filling): Steps<OutputFinding> {
  const { buffer, cloner, count, fs } = filling;
  if (cloner.cloneInto(source, target)) return yield* hashClone(source, target, filling);
  const write = (block: Uint8Array, position: number): void => {
    writeAll(target, block, position, fs);
    count(block.length);
  };
  return yield* hashOpenFile(source, buffer, fs, write);
}

/** A clone's bytes are read from the clone: the source may have been another when it was made. */
function* hashClone(
  source: OpenSource,
  target: number,
  { buffer, count, fs }: Filling,
): Steps<OutputFinding> {
  const clone = { fd: target, before: fs.fstatSync(target, { bigint: true }) };
  const changed = { kind: "unreadable", code: "CHANGED_WHILE_READ" } as const;
  // Hashing a hole that somebody put behind the source would take for ever.
  if (clone.before.size !== source.before.size) return changed;
  const found = yield* hashOpenFile(clone, buffer, fs, ({ length }) => count(length));
  if (found.kind !== "file") return found;
  return isUnchanged(source, found.bytes, fs) ? found : changed;
}
