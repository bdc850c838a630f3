/**
 * Packs files while they are hashed, in any thread: from the same bytes, so that each file is read once.
 *
 * @module
 */

import { constants } from "node:fs";
import {
  DIGEST_BYTES,
  HEAD_BYTES,
  HEADER_BYTES,
  MAX_PACKED_BYTES,
  PackIndex,
  packHeader,
  writeHead,
} from "../../../core/internal.ts";
import { writeAll } from "../files/durable-file.ts";
import type { FileSystem } from "../files/file-system.ts";
import { claimDigest } from "./digest-claims.ts";
import {
  failPacking,
  notePlace,
  PACK_MODES,
  type PackBoard,
  type PackPlace,
  packingFailure,
  partialName,
  reserve,
} from "./pack-board.ts";
import { enterPacks } from "./pack-catalog.ts";

/** Bytes written at once. */
const CHUNK_BYTES: number = 4 * 1024 * 1024;

/** The first thread that needs a partial pack makes it. Its random name is one that no other process knows. */
const OPEN_PARTIAL: number = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;

/** Readers of a file whose object every user may read. */
const ALL_READ = 0o444;

/** Packs the files of one thread. */
export class FilePacker {
  readonly #board: PackBoard;
  readonly #digests: Buffer;
  readonly #known: readonly PackIndex[];
  readonly #chunks: readonly Chunk[];

  /** @param digests of all files, 32 raw bytes each, in memory that all threads share. */
  constructor(board: PackBoard, digests: Uint8Array<SharedArrayBuffer>, fs: FileSystem) {
    this.#board = board;
    this.#digests = Buffer.from(digests.buffer);
    this.#known = board.known.map(({ index }) => new PackIndex(index));
    this.#chunks = PACK_MODES.map((_, mode) => new Chunk(board, mode, this.#digests, fs));
  }

  /** Packs a file, given its bytes and its mode; its digest is on the board. Skips large files, and objects that exist. */
  add(index: number, bytes: Uint8Array, mode: number): void {
    if (bytes.length > MAX_PACKED_BYTES || packingFailure(this.#board) !== undefined) return;
    const place = index * DIGEST_BYTES;
    if (this.#known.some((pack) => pack.find(this.#digests, place) >= 0)) return;
    if (claimDigest(this.#board.claims, this.#digests, index) !== index) return;
    this.#try(() => this.#chunks[(mode & ALL_READ) === ALL_READ ? 0 : 1]?.add(index, bytes));
  }

  /** Writes what is left, once no file follows. */
  finish(): void {
    for (const chunk of this.#chunks) this.#try(() => chunk.flush());
  }

  /** Closes the partial packs. */
  close(): void {
    for (const chunk of this.#chunks) chunk.close();
  }

  /** A disk that is full ends the packing for all threads, not the hashing: a failed run is sealed without its objects. */
  #try(act: () => void): void {
    if (packingFailure(this.#board) !== undefined) return;
    try {
      act();
    } catch (thrown) {
      failPacking(this.#board, thrown);
    }
  }
}

/** Records of one mode that are not written yet. */
class Chunk {
  readonly #board: PackBoard;
  readonly #mode: number;
  readonly #digests: Buffer;
  readonly #fs: FileSystem;
  /** Made for the first record. */
  #bytes: Buffer | undefined;
  #length = 0;
  /** The files in it, and where their records begin. */
  #files: number[] = [];
  #starts: number[] = [];
  #open: { readonly pack: number; readonly fd: number } | undefined;

  constructor(board: PackBoard, mode: number, digests: Buffer, fs: FileSystem) {
    this.#board = board;
    this.#mode = mode;
    this.#digests = digests;
    this.#fs = fs;
  }

  add(index: number, content: Uint8Array): void {
    this.#bytes ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const { length } = content;
    if (this.#length + HEAD_BYTES + length > this.#bytes.length) this.flush();
    writeHead(this.#bytes, this.#length, length, this.#digests, index * DIGEST_BYTES);
    this.#bytes.set(content, this.#length + HEAD_BYTES);
    this.#files.push(index);
    this.#starts.push(this.#length);
    this.#length += HEAD_BYTES + length;
  }

  flush(): void {
    if (this.#bytes === undefined || this.#length === 0) return;
    const place = reserve(this.#board, this.#mode, this.#files.length, this.#length);
    const fd = this.#enter(place);
    writeAll(fd, this.#bytes.subarray(0, this.#length), place.offset, this.#fs);
    for (const [at, index] of this.#files.entries()) {
      notePlace(this.#board, index, { ...place, offset: place.offset + (this.#starts[at] ?? 0) });
    }
    this.#files = [];
    this.#starts = [];
    this.#length = 0;
  }

  close(): void {
    if (this.#open !== undefined) this.#fs.closeSync(this.#open.fd);
    this.#open = undefined;
  }

  #enter({ offset, pack }: PackPlace): number {
    if (this.#open?.pack !== pack) {
      this.close();
      const folder = enterPacks(this.#board.folder, this.#fs);
      const fd = folder.open(partialName(this.#board, pack), OPEN_PARTIAL, 0o600);
      this.#open = { pack, fd };
    }
    const { fd } = this.#open ?? { fd: -1 };
    if (offset === HEADER_BYTES) writeAll(fd, packHeader(), 0, this.#fs);
    return fd;
  }
}
