/**
 * The digest of a large file: while one block is hashed, the next is read beside it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { read } from "node:fs";
import { promisify } from "node:util";
import { digestToHex, type OutputFinding } from "../../core/index.ts";
import { nodeFileSystem } from "./file-system.ts";
import { isUnchanged, type OpenSource } from "./read-source.ts";

/** Bytes read ahead at once: so many that what a call costs beside the hashing doesn't count. */
const BLOCK_BYTES: number = 4 * 1024 * 1024;

/** Bytes read at once by who hashes them next: so few that a processor's cache still has them. */
const CACHED_BYTES: number = 1024 * 1024;

/** From this size on, reading ahead is worth its promises. */
export const BIG_FILE_BYTES: number = 2 * BLOCK_BYTES;

/** How a large file is hashed. */
export interface BigFilePace {
  /** Awaited after each block, of which it hears the length: whether to go on. */
  readonly goOn: (bytes: number) => Promise<boolean>;
  /** Asked before each block: whether a core is free to read it meanwhile. Where none is, it costs more than it brings. */
  readonly readsAhead: () => boolean;
}

const readAsync = promisify(read);

/**
 * Hashes an open file from its beginning; CHANGED_WHILE_READ as in `hashOpenFile`. Gives `undefined` where it was not to go
 * on. Throws what the system says, and what `goOn` throws.
 */
export async function hashBigFile(source: OpenSource, pace: BigFilePace): Promise<OutputFinding | undefined> {
  const hash = createHash("sha256");
  const blocks = new Blocks(source.fd);
  let bytes = 0;
  let block = blocks.read(0);
  for (;;) {
    bytes += block.length;
    // A file that grows as fast as it is read would never end.
    if (block.length === 0 || BigInt(bytes) > source.before.size) break;
    const ahead = pace.readsAhead() ? blocks.readAhead(bytes) : undefined;
    try {
      hash.update(block);
      if (!(await pace.goOn(block.length))) return undefined;
    } finally {
      // Nobody may close the file while it is being read: its number may be another's by then.
      await ahead?.catch(() => undefined);
    }
    block = ahead === undefined ? blocks.read(bytes) : await ahead;
  }
  if (!isUnchanged(source, bytes, nodeFileSystem)) return { kind: "unreadable", code: "CHANGED_WHILE_READ" };
  return { kind: "file", digest: digestToHex(hash.digest()), bytes };
}

/** The blocks of a file. One that is read ahead leaves the last one as it is; one that is read takes its place. */
class Blocks {
  readonly #fd: number;
  #buffer: Uint8Array = new Uint8Array(BLOCK_BYTES);
  /** Only who ever reads ahead needs two. */
  #other: Uint8Array | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Reads the block at a position into the place of the last one. Empty at the end of the file. */
  read(position: number): Uint8Array {
    const count = nodeFileSystem.readSync(this.#fd, this.#buffer, 0, CACHED_BYTES, position);
    return this.#buffer.subarray(0, count);
  }

  /** Reads the block at a position beside the last one, which is still in use. */
  async readAhead(position: number): Promise<Uint8Array> {
    const buffer = this.#other ?? new Uint8Array(BLOCK_BYTES);
    this.#other = this.#buffer;
    this.#buffer = buffer;
    const { bytesRead } = await readAsync(this.#fd, buffer, 0, BLOCK_BYTES, position);
    return buffer.subarray(0, bytesRead);
  }
}
