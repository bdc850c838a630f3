/**
 * The digest of a large file: while one block is hashed, the next is read beside it, and a copy of the block may be written.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { read } from "node:fs";
import { promisify } from "node:util";
import { digestToHex, type HexDigest, type OutputFinding } from "../../../core/internal.ts";
import { nodeFileSystem } from "../files/file-system.ts";
import { isUnchanged, type OpenSource } from "../files/read-source.ts";
import type { WaitingSteps } from "../runtime/interruption.ts";
import { BLOCK_BYTES } from "./hash-file.ts";

/** Bytes of one read ahead. Four blocks: such a read also costs a change of threads and a promise. */
const READ_AHEAD_BYTES: number = 4 * BLOCK_BYTES;

/** From this size on, reading ahead is worth its promises. */
export const BIG_FILE_BYTES: number = 2 * READ_AHEAD_BYTES;

/** How a large file is hashed. */
export interface BigFilePace {
  /** Awaited after each block, of which it hears the length: whether to go on. */
  readonly goOn: (bytes: number) => Promise<boolean>;
  /** Asked before each block: whether a core is free to read it meanwhile. Where none is, it costs more than it brings. */
  readonly readsAhead: () => boolean;
}

/** Takes a block before it is hashed, and gives what it began of which the block is part until it has ended. */
export type KeepBlock = (block: Uint8Array, position: number) => Begun<void> | undefined;

/**
 * Hashes an open file from its beginning, with a pause after each block; CHANGED_WHILE_READ as in `hashOpenFile`. Throws what
 * the system says, and what `keep` and what it began throw.
 */
export function* hashBlocks(
  source: OpenSource,
  readsAhead: () => boolean,
  keep: KeepBlock,
): WaitingSteps<OutputFinding> {
  // No more than was there: a file that grows as fast as it is read would never end, and a copy of it fill the disk.
  const size = Number(source.before.size);
  const { bytes, digest } = yield* hashRange({ fd: source.fd, offset: 0, bytes: size }, readsAhead, keep);
  if (!isUnchanged(source, bytes, nodeFileSystem)) return { kind: "unreadable", code: "CHANGED_WHILE_READ" };
  return { kind: "file", digest, bytes };
}

/** Bytes in a file that is open. */
export interface FileRange {
  readonly fd: number;
  /** Where they begin in the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** What was read of a range: fewer bytes where the file ends before. */
export interface HashedRange {
  readonly bytes: number;
  readonly digest: HexDigest;
}

/** The same of bytes in a file. Positions count from the beginning of the range. */
export function* hashRange(
  range: FileRange,
  readsAhead: () => boolean,
  keep: KeepBlock,
): WaitingSteps<HashedRange> {
  const hash = createHash("sha256");
  const blocks = new FileBlocks(range);
  let bytes = 0;
  let block = blocks.read(0);
  while (block.length > 0) {
    const position = bytes;
    bytes += block.length;
    const ahead = readsAhead() ? new Begun(blocks.readAhead(bytes)) : undefined;
    let kept: Begun<void> | undefined;
    try {
      kept = keep(block, position);
      hash.update(block);
    } finally {
      // The file must stay open while it is read or written: its descriptor could name another file by then.
      yield endOf(ahead, kept);
    }
    kept?.take();
    block = ahead === undefined ? blocks.read(bytes) : ahead.take();
  }
  return { bytes, digest: digestToHex(hash.digest()) };
}

/** The same at a pace. Gives `undefined` where it was not to go on. Throws what `goOn` throws, too. */
export async function hashBigFile(
  source: OpenSource,
  { goOn, readsAhead }: BigFilePace,
): Promise<OutputFinding | undefined> {
  let length = 0;
  const steps = hashBlocks(source, readsAhead, (block) => {
    length = block.length;
    return undefined;
  });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await step.value;
    if (!(await goOn(length))) return undefined;
  }
}

const readAsync = promisify(read);

/** The blocks of a range. `read` overwrites the last block. `readAhead` keeps it. */
class FileBlocks {
  readonly #range: FileRange;
  #buffer: Uint8Array = new Uint8Array(READ_AHEAD_BYTES);
  /** The second buffer. Only reading ahead needs one. */
  #other: Uint8Array | undefined;

  constructor(range: FileRange) {
    this.#range = range;
  }

  /** Reads the block at a position, over the last one. Empty at the end of the range or of the file. */
  read(position: number): Uint8Array {
    const { bytes, fd, offset } = this.#range;
    const length = Math.min(BLOCK_BYTES, bytes - position);
    if (length === 0) return this.#buffer.subarray(0, 0);
    const count = nodeFileSystem.readSync(fd, this.#buffer, 0, length, offset + position);
    return this.#buffer.subarray(0, count);
  }

  /** Reads the block at a position into the other buffer: the last block may still be in use. */
  async readAhead(position: number): Promise<Uint8Array> {
    const buffer = this.#other ?? new Uint8Array(READ_AHEAD_BYTES);
    this.#other = this.#buffer;
    this.#buffer = buffer;
    const { bytes, fd, offset } = this.#range;
    const length = Math.min(READ_AHEAD_BYTES, bytes - position);
    if (length === 0) return buffer.subarray(0, 0);
    const { bytesRead } = await readAsync(fd, buffer, 0, length, offset + position);
    return buffer.subarray(0, bytesRead);
  }
}

/** Work that was begun. Its failure is kept until the result is taken. */
export class Begun<Value> {
  /** Settles when the work has ended, well or not. Never rejects. */
  readonly ended: Promise<void>;
  #take: () => Value = () => {
    throw new TypeError("it is taken once it has ended");
  };

  constructor(work: Promise<Value>) {
    this.ended = work.then(
      (value) => {
        this.#take = () => value;
      },
      (thrown: unknown) => {
        this.#take = () => {
          throw thrown;
        };
      },
    );
  }

  /** What came of it. Throws what it failed with. */
  take(): Value {
    return this.#take();
  }
}

/** Settles when all of these have ended; undefined where there is none. */
function endOf(...begun: readonly (Begun<unknown> | undefined)[]): Promise<void> | undefined {
  const ends = begun.flatMap((one) => (one === undefined ? [] : [one.ended]));
  return ends.length === 0 ? undefined : Promise.all(ends).then(() => undefined);
}
