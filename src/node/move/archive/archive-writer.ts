/**
 * Writes the blocks of an archive, and hashes them.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  type ArchiveEntry,
  digestToHex,
  END_MARKER,
  encodeHead,
  type HexDigest,
  paddingOf,
} from "../../../core/internal.ts";
import type { TakePiece } from "./sealed-bytes.ts";

/** Bytes that are handed out at once. */
const BUFFER_BYTES: number = 1024 * 1024;

/** Writes one archive. */
export class ArchiveWriter {
  readonly #take: TakePiece;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  readonly #hash = createHash("sha256");
  #filled = 0;
  /** Bytes so far. */
  bytes = 0;

  constructor(take: TakePiece) {
    this.#take = take;
  }

  /** Begins an entry. */
  async head(entry: ArchiveEntry): Promise<void> {
    await this.add(encodeHead(entry));
  }

  /** Adds bytes of a content. Small ones are collected. */
  async add(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    if (this.#filled + bytes.length > BUFFER_BYTES) await this.#flush();
    if (bytes.length >= BUFFER_BYTES) {
      this.#hash.update(bytes);
      await this.#take(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Ends the content of an entry of so many bytes. */
  async endContent(size: number): Promise<void> {
    const padding = paddingOf(size);
    if (padding > 0) await this.add(ZEROS.subarray(0, padding));
  }

  /** Adds a file whose bytes are in memory. */
  async file(path: string, mode: number, bytes: Uint8Array): Promise<void> {
    await this.head({ kind: "file", path, mode, size: bytes.length, target: "" });
    await this.add(bytes);
    await this.endContent(bytes.length);
  }

  /** Ends the archive, and gives its SHA-256. */
  async end(): Promise<HexDigest> {
    await this.add(END_MARKER);
    await this.#flush();
    return digestToHex(this.#hash.digest());
  }

  async #flush(): Promise<void> {
    if (this.#filled === 0) return;
    const piece = this.#buffer.subarray(0, this.#filled);
    this.#filled = 0;
    this.#hash.update(piece);
    await this.#take(piece);
  }
}

const ZEROS = new Uint8Array(512);
