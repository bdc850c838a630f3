/**
 * The bytes of a pack: many small objects in one file (docs/store.md). All numbers are little-endian.
 *
 *     pack    = "RSPACK\x01\n" flags:u32 reserved:u32   record*   trailer
 *     record  = "RSO1" flags:u32 raw:u64 stored:u64 digest:32   content[stored]
 *     trailer = "RSEND\x01\0\0" records:u64 length:u64 sha256:32
 *
 * `flags` and `reserved` are 0, and `raw` equals `stored`. `length` counts the bytes before the trailer, and `sha256` is that of all record heads in their order. A pack's id is the SHA-256 of
 * its trailer. What has another form is `undefined`, and nothing is trusted.
 *
 * @module
 */

import { isSameBytes } from "../../system/bytes/bytes.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { DIGEST_BYTES, digestToHex, type HexDigest } from "../../system/bytes/hex.ts";

/** Bytes before the first record. */
export const HEADER_BYTES = 16;

/** Bytes of a record before its content. */
export const HEAD_BYTES = 56;

/** Where the digest is in a head, 32 raw bytes. */
export const DIGEST_AT: number = HEAD_BYTES - DIGEST_BYTES;

/** Bytes behind the last record. */
export const TRAILER_BYTES = 56;

/** Most bytes of an object in a pack. Larger objects are files of their own. */
export const MAX_PACKED_BYTES: number = 1024 * 1024;

/** Most bytes of a pack. */
export const MAX_PACK_BYTES: number = 1024 * 1024 * 1024;

/** Most records of a pack: its index has at most 48 MiB. */
export const MAX_PACK_RECORDS: number = 1024 * 1024;

const HEADER = latin1("RSPACK\x01\n\0\0\0\0\0\0\0\0");
/** The first bytes of each record. */
const RECORD_MAGIC: Uint8Array = latin1("RSO1");
const TRAILER_MAGIC = latin1("RSEND\x01\0\0");

/** What a record's head says. */
export interface RecordHead {
  /** Bytes of the object, and so of the content. */
  readonly size: number;
}

/** What a trailer says. */
export interface Trailer {
  readonly records: number;
  /** Bytes before the trailer. */
  readonly length: number;
  /** 32 raw bytes. */
  readonly headsDigest: Uint8Array;
}

/** The first bytes of each pack. */
export function packHeader(): Uint8Array {
  return HEADER;
}

/** Whether bytes begin as a pack of this version does. Flags that are unknown are refused. */
export function isPackHeader(bytes: Uint8Array): boolean {
  return isSameBytes(bytes.subarray(0, HEADER_BYTES), HEADER);
}

/** Writes the head of a record of `size` bytes into `target` at `offset`. The digest is 32 raw bytes of `digests` at `place`. */
export function writeHead(
  target: Uint8Array,
  offset: number,
  size: number,
  digests: Uint8Array,
  place: number,
): void {
  const view = viewOf(target);
  target.set(RECORD_MAGIC, offset);
  view.setUint32(offset + 4, 0, true);
  view.setUint32(offset + 8, size, true);
  view.setUint32(offset + 12, 0, true);
  view.setUint32(offset + 16, size, true);
  view.setUint32(offset + 20, 0, true);
  target.set(digests.subarray(place, place + DIGEST_BYTES), offset + DIGEST_AT);
}

/** Reads a record's head at an offset; its digest is in the last 32 bytes of the head. `undefined` if it is not lawful. */
export function readHead(bytes: Uint8Array, offset: number): RecordHead | undefined {
  if (bytes.length - offset < HEAD_BYTES || !beginsWith(bytes, offset, RECORD_MAGIC)) return undefined;
  const view = viewOf(bytes);
  const flags = view.getUint32(offset + 4, true);
  const raw = view.getUint32(offset + 8, true);
  const stored = view.getUint32(offset + 16, true);
  const isSmall = view.getUint32(offset + 12, true) === 0 && view.getUint32(offset + 20, true) === 0;
  return isSmall && isLawfulRecord(flags, raw, stored) ? { size: raw } : undefined;
}

/** Whether a record may have these flags and lengths. */
export function isLawfulRecord(flags: number, raw: number, stored: number): boolean {
  return flags === 0 && raw <= MAX_PACKED_BYTES && stored === raw;
}

/** Encodes a trailer. */
export function encodeTrailer({ headsDigest, length, records }: Trailer): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES);
  const view = viewOf(bytes);
  bytes.set(TRAILER_MAGIC, 0);
  view.setBigUint64(8, BigInt(records), true);
  view.setBigUint64(16, BigInt(length), true);
  bytes.set(headsDigest, TRAILER_BYTES - DIGEST_BYTES);
  return bytes;
}

/** Decodes the trailer of a pack of so many bytes; `undefined` if it is not the trailer of such a pack. */
export function decodeTrailer(bytes: Uint8Array, packBytes: number): Trailer | undefined {
  if (bytes.length !== TRAILER_BYTES || !beginsWith(bytes, 0, TRAILER_MAGIC)) return undefined;
  const view = viewOf(bytes);
  const records = Number(view.getBigUint64(8, true));
  const length = Number(view.getBigUint64(16, true));
  if (length !== packBytes - TRAILER_BYTES || records > MAX_PACK_RECORDS) return undefined;
  if (HEADER_BYTES + records * HEAD_BYTES > length) return undefined;
  return { records, length, headsDigest: bytes.subarray(TRAILER_BYTES - DIGEST_BYTES) };
}

/** The id of the pack with this trailer. */
export function packIdOf(trailer: Uint8Array, crypto: Pick<Crypto, "sha256">): HexDigest {
  return digestToHex(crypto.sha256(trailer));
}

/** A view of the numbers in some bytes. */
export function viewOf({ buffer, byteLength, byteOffset }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Whether bytes have a mark at an offset. Not for digests. */
export function beginsWith(bytes: Uint8Array, offset: number, mark: Uint8Array): boolean {
  for (let index = 0; index < mark.length; index++) if (bytes[offset + index] !== mark[index]) return false;
  return true;
}

/** The bytes of a text of characters up to U+00FF. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
