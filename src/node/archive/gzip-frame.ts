/**
 * What is around the deflated bytes of one member of gzip (RFC 1952, section 2.3).
 *
 * Read here, and not by zlib: its gunzip goes on with a second member, which browsers refuse (PROTOCOL 20 allows one).
 *
 * @module
 */

import { crc32 } from "node:zlib";

/** Bytes behind the deflated ones: CRC-32 and length of what they are. */
export const GZIP_TRAILER_BYTES = 8;

/** The first two bytes. */
export const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** Bytes of a header: an extra field of the most bytes, and a name and a comment of some length. */
const MAX_HEADER_BYTES: number = 128 * 1024;

const FIXED_BYTES = 10;
const DEFLATE = 8;
const FLAGS = { headerCrc: 0x02, extra: 0x04, name: 0x08, comment: 0x10, reserved: 0xe0 } as const;

/** The bytes of a header at the beginning of some bytes; `more` where it goes on behind them, `broken` where they are not one. */
export function gzipHeaderBytes(bytes: Uint8Array): number | "more" | "broken" {
  const end = headerEnd(bytes);
  if (end === "more" && bytes.length > MAX_HEADER_BYTES) return "broken";
  return end;
}

function headerEnd(bytes: Uint8Array): number | "more" | "broken" {
  const { length } = bytes;
  if (length < FIXED_BYTES) return "more";
  const flags = bytes[3] ?? 0;
  const isGzip = GZIP_MAGIC.every((byte, at) => bytes[at] === byte) && bytes[2] === DEFLATE;
  if (!isGzip || (flags & FLAGS.reserved) !== 0) return "broken";
  let at = FIXED_BYTES;
  if ((flags & FLAGS.extra) !== 0) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const flag of [FLAGS.name, FLAGS.comment]) {
    if ((flags & flag) === 0 || at >= length) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return "more";
    at = end + 1;
  }
  // A text that has not begun yet is a byte at least.
  if (at >= length && (flags & (FLAGS.name | FLAGS.comment)) !== 0) return "more";
  if ((flags & FLAGS.headerCrc) === 0) return at <= length ? at : "more";
  if (at + 2 > length) return "more";
  const said = (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  return said === (crc32(bytes.subarray(0, at)) & 0xffff) ? at + 2 : "broken";
}

/** Sums up what was decompressed, for the trailer. */
export class GzipSums {
  #crc = 0;
  #bytes = 0;

  add(piece: Uint8Array): void {
    this.#crc = crc32(piece, this.#crc);
    this.#bytes = (this.#bytes + piece.length) % 2 ** 32;
  }

  /** Whether a trailer says the same. */
  isTrailer(trailer: Uint8Array): boolean {
    const view = new DataView(trailer.buffer, trailer.byteOffset, GZIP_TRAILER_BYTES);
    return view.getUint32(0, true) === this.#crc && view.getUint32(4, true) === this.#bytes;
  }
}
