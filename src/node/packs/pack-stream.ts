/**
 * A pack whose bytes arrive in chunks, as from a registry: its records one after the other, each hashed. Memory holds one record.
 *
 * @module
 */

import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import {
  ColumnsBuilder,
  DIGEST_AT,
  decodeTrailer,
  HEAD_BYTES,
  HEADER_BYTES,
  type HexDigest,
  isPackHeader,
  MAX_PACK_RECORDS,
  MAX_PACKED_BYTES,
  packIdOf,
  type RecordColumns,
  readHead,
  TRAILER_BYTES,
} from "../../core/internal.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { isSoundRecord } from "./record-content.ts";

/** Reads one pack of a known size. */
export class PackStream {
  readonly #end: number;
  readonly #take: (record: Buffer) => boolean;
  readonly #heads: Hash = createHash("sha256");
  readonly #columns = new ColumnsBuilder();
  /** Room for the largest record. */
  readonly #room: Buffer;
  #filled = 0;
  /** Where the bytes in the room begin in the pack. */
  #start = 0;
  #isBroken = false;

  /**
   * @param size of the pack, in bytes.
   * @param take gets each record, head included, whose content has the digest of its head, and gives whether it may be in this pack. The
   *   next record overwrites its bytes.
   */
  constructor(size: number, take: (record: Buffer) => boolean) {
    this.#end = size - TRAILER_BYTES;
    this.#take = take;
    this.#room = Buffer.allocUnsafeSlow(
      Math.min(HEAD_BYTES + MAX_PACKED_BYTES, Math.max(size, HEADER_BYTES)),
    );
    this.#isBroken = size < HEADER_BYTES + TRAILER_BYTES;
  }

  /** Takes the next bytes. */
  add(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#isBroken; ) {
      const count = Math.min(this.#wanted() - this.#filled, chunk.length - at);
      if (count <= 0) {
        this.#isBroken = true;
        return;
      }
      this.#room.set(chunk.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === this.#wanted()) this.#advance();
    }
  }

  /** Ends the pack: its records, if it is whole, lawful, and its id is that of its trailer; else `undefined`. */
  end(id: HexDigest): RecordColumns | undefined {
    const bytes = this.#room.subarray(0, this.#filled);
    const isAtEnd = this.#start === this.#end && bytes.length === TRAILER_BYTES;
    if (this.#isBroken || !isAtEnd) return undefined;
    const trailer = decodeTrailer(bytes, this.#end + TRAILER_BYTES);
    if (trailer === undefined || trailer.records !== this.#columns.count) return undefined;
    if (!timingSafeEqual(trailer.headsDigest, this.#heads.digest())) return undefined;
    const isNamed = timingSafeEqual(Buffer.from(packIdOf(bytes, nodeCrypto), "hex"), Buffer.from(id, "hex"));
    return isNamed ? this.#columns.columns() : undefined;
  }

  /** How many bytes the next step needs: the header, a head, a record, or the trailer. */
  #wanted(): number {
    if (this.#start === 0) return HEADER_BYTES;
    if (this.#start >= this.#end) return TRAILER_BYTES;
    if (this.#filled < HEAD_BYTES) return HEAD_BYTES;
    return HEAD_BYTES + (readHead(this.#room, 0)?.size ?? 0);
  }

  #advance(): void {
    if (this.#start === 0) {
      this.#isBroken = !isPackHeader(this.#room);
      this.#start = HEADER_BYTES;
      this.#filled = 0;
      return;
    }
    if (this.#start >= this.#end) return;
    const head = readHead(this.#room, 0);
    if (head === undefined || this.#start + HEAD_BYTES + head.size > this.#end) {
      this.#isBroken = true;
      return;
    }
    if (this.#filled === HEAD_BYTES + head.size) this.#endRecord(head.size);
  }

  #endRecord(size: number): void {
    const bytes = this.#room.subarray(0, this.#filled);
    const isSound = this.#columns.count < MAX_PACK_RECORDS && isSoundRecord(bytes) && this.#take(bytes);
    if (!isSound) {
      this.#isBroken = true;
      return;
    }
    this.#heads.update(bytes.subarray(0, HEAD_BYTES));
    this.#columns.add(this.#start, size, bytes, DIGEST_AT);
    this.#start += this.#filled;
    this.#filled = 0;
  }
}
