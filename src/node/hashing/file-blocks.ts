/**
 * The blocks of a large file, each of which may be read while the one before it is still in use.
 *
 * @module
 */

import { read } from "node:fs";
import { promisify } from "node:util";
import { nodeFileSystem } from "../files/file-system.ts";

/** Bytes read ahead at once: so many that what a call costs beside the hashing doesn't count. */
export const BLOCK_BYTES: number = 4 * 1024 * 1024;

/** Bytes read at once by who hashes them next: so few that a processor's cache still has them. */
const CACHED_BYTES: number = 1024 * 1024;

const readAsync = promisify(read);

/** One that is read ahead leaves the last one as it is; one that is read takes its place. */
export class FileBlocks {
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
