/**
 * A pack whose bytes arrive in pieces, from an archive or a registry: its records one after the other, and its trailer.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { digestOfHeads } from "./heads-digest.ts";
import {
  DIGEST_AT,
  decodeTrailer,
  HEAD_BYTES,
  HEADER_BYTES,
  isPackHeader,
  MAX_PACK_BYTES,
  MAX_PACK_RECORDS,
  packIdOf,
  readHead,
  TRAILER_BYTES,
} from "./pack-format.ts";
import { ColumnsBuilder, type RecordColumns } from "./record-columns.ts";

/** Takes the records of a pack. */
export interface RecordSink {
  /** A record begins: so many bytes, at this offset of the pack; its digest is 32 raw bytes of `digests` at `place`. Gives whether it is lawful. */
  begin(size: number, offset: number, digests: Uint8Array, place: number): boolean;
  /** A piece of its content. */
  add(piece: Uint8Array): void;
  /** All of its content has come. Gives whether it is lawful. */
  end(): boolean;
}

/** Reads one pack from its pieces. */
export class PackStream {
  readonly #size: number;
  readonly #sink: RecordSink;
  readonly #crypto: Crypto;
  readonly #records = new ColumnsBuilder();
  readonly #part = new Uint8Array(Math.max(HEAD_BYTES, TRAILER_BYTES));
  #filled = 0;
  /** Bytes of the pack that were read. */
  #at = 0;
  /** Bytes that are left of a content. */
  #left = 0;
  #isWhole = false;

  /** @param size bytes of the pack. */
  constructor(size: number, sink: RecordSink, crypto: Crypto) {
    this.#size = size;
    this.#crypto = crypto;
    this.#sink = sink;
  }

  /** Whether a pack may have so many bytes. */
  static mayHave(size: number): boolean {
    return size >= HEADER_BYTES + HEAD_BYTES + TRAILER_BYTES && size <= MAX_PACK_BYTES;
  }

  /** Takes a piece; gives whether it is lawful. After one that is not, nothing may be added. */
  add(piece: Uint8Array): boolean {
    for (let at = 0; at < piece.length; ) {
      if (this.#left > 0) {
        const content = piece.subarray(at, at + this.#left);
        this.#sink.add(content);
        at += content.length;
        this.#at += content.length;
        this.#left -= content.length;
        if (this.#left === 0 && !this.#sink.end()) return false;
        continue;
      }
      const wanted = this.#partBytes();
      const taken = Math.min(wanted - this.#filled, piece.length - at);
      this.#part.set(piece.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      this.#at += taken;
      if (this.#filled < wanted) continue;
      this.#filled = 0;
      if (!this.#endPart(wanted)) return false;
    }
    return true;
  }

  /** The records of the pack, if all of it came and its id is this one. */
  finish(id: HexDigest): RecordColumns | undefined {
    const trailer = this.#part.subarray(0, TRAILER_BYTES);
    const isNamed = this.#isWhole && matchesDigest(packIdOf(trailer, this.#crypto), id, this.#crypto);
    return isNamed ? this.#records.columns() : undefined;
  }

  #partBytes(): number {
    const begun = this.#at - this.#filled;
    if (begun === 0) return HEADER_BYTES;
    return begun === this.#size - TRAILER_BYTES ? TRAILER_BYTES : HEAD_BYTES;
  }

  #endPart(length: number): boolean {
    if (this.#at === HEADER_BYTES) return isPackHeader(this.#part.subarray(0, length));
    if (this.#at === this.#size) {
      this.#isWhole = this.#isTrailer();
      return this.#isWhole;
    }
    const head = readHead(this.#part, 0);
    if (head === undefined) return false;
    const end = this.#at + head.size;
    if (end > this.#size - TRAILER_BYTES || this.#records.count >= MAX_PACK_RECORDS) return false;
    this.#records.add(this.#at - HEAD_BYTES, head.size, this.#part, DIGEST_AT);
    if (!this.#sink.begin(head.size, this.#at, this.#part, DIGEST_AT)) return false;
    this.#left = head.size;
    return this.#left > 0 || this.#sink.end();
  }

  #isTrailer(): boolean {
    const records = this.#records.columns();
    const trailer = decodeTrailer(this.#part.subarray(0, TRAILER_BYTES), this.#size);
    return (
      trailer?.records === records.count &&
      this.#crypto.equalDigests(trailer.headsDigest, digestOfHeads(records, this.#crypto))
    );
  }
}
