/**
 * The blocks in which files are read. A large file can have its next block read while the last one is in use.
 *
 * @module
 */

import { read } from "node:fs";
import { promisify } from "node:util";
import { nodeFileSystem } from "../files/file-system.ts";

/** Bytes of one read: enough to hide the cost of the system call, and few enough to be in the processor's cache when hashed. */
export const BLOCK_BYTES: number = 1024 * 1024;

/** Bytes of one read ahead. Four blocks: such a read also costs a change of threads and a promise. */
export const READ_AHEAD_BYTES: number = 4 * BLOCK_BYTES;

const readAsync = promisify(read);

/** `read` overwrites the last block. `readAhead` keeps it. */
export class FileBlocks {
  readonly #fd: number;
  #buffer: Uint8Array = new Uint8Array(READ_AHEAD_BYTES);
  /** The second buffer. Only reading ahead needs one. */
  #other: Uint8Array | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Reads the block at a position, over the last one. Empty at the end of the file. */
  read(position: number): Uint8Array {
    const count = nodeFileSystem.readSync(this.#fd, this.#buffer, 0, BLOCK_BYTES, position);
    return this.#buffer.subarray(0, count);
  }

  /** Reads the block at a position into the other buffer: the last block may still be in use. */
  async readAhead(position: number): Promise<Uint8Array> {
    const buffer = this.#other ?? new Uint8Array(READ_AHEAD_BYTES);
    this.#other = this.#buffer;
    this.#buffer = buffer;
    const { bytesRead } = await readAsync(this.#fd, buffer, 0, READ_AHEAD_BYTES, position);
    return buffer.subarray(0, bytesRead);
  }
}
