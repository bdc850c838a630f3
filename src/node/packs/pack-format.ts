/**
 * The bytes of a pack: many small objects in one file (docs/store.md). All numbers are little-endian.
 *
 *     pack    = "RSPACK\x01\n" flags:u32 reserved:u32   record*   trailer
 *     record  = "RSO1" flags:u32 raw:u64 stored:u64 digest:32   bytes[stored]
 *     trailer = "RSEND\x01\0\0" records:u64 length:u64 sha256:32
 *
 * `length` counts the bytes before the trailer, and `sha256` is that of all record heads in their order. A pack's id is the SHA-256 of
 * its trailer. Here are pure functions: what has another form is `undefined`, and nothing is trusted.
 *
 * @module
 */

import { hash } from "node:crypto";
import { DIGEST_BYTES, type HexDigest } from "../../core/internal.ts";

/** Bytes before the first record. */
export const HEADER_BYTES = 16;

/** Bytes of a record before its content. */
export const HEAD_BYTES = 56;

/** Bytes behind the last record. */
export const TRAILER_BYTES = 56;

/** Most bytes of an object in a pack. Larger objects are files of their own. */
export const MAX_PACKED_BYTES: number = 1024 * 1024;

/** Most bytes of a pack. */
export const MAX_PACK_BYTES: number = 1024 * 1024 * 1024;

/** Most records of a pack: its index has at most 48 MiB. */
export const MAX_PACK_RECORDS: number = 1024 * 1024;

/** Record flag: the content is compressed, as one raw deflate stream (RFC 1951). */
export const COMPRESSED = 1;

const HEADER = Buffer.from("RSPACK\x01\n\0\0\0\0\0\0\0\0", "latin1");
/** The first bytes of each record. */
export const RECORD_MAGIC: Buffer = Buffer.from("RSO1", "latin1");
const TRAILER_MAGIC = Buffer.from("RSEND\x01\0\0", "latin1");

/** What a record's head says. */
export interface RecordHead {
  readonly flags: number;
  /** Bytes of the object. */
  readonly raw: number;
  /** Bytes of its content in the pack. */
  readonly stored: number;
}

/** What a trailer says. */
export interface Trailer {
  readonly records: number;
  /** Bytes before the trailer. */
  readonly length: number;
  /** 32 raw bytes. */
  readonly headsDigest: Buffer;
}

/** The first bytes of each pack. */
export function packHeader(): Buffer {
  return HEADER;
}

/** Whether bytes begin as a pack of this version does. Flags that are unknown are refused. */
export function isPackHeader(bytes: Buffer): boolean {
  return bytes.length >= HEADER_BYTES && bytes.compare(HEADER, 0, HEADER_BYTES, 0, HEADER_BYTES) === 0;
}

/** Writes a record's head into `target` at `offset`. The digest is 32 raw bytes of `digests` at `place`. */
export function writeHead(
  target: Buffer,
  offset: number,
  { flags, raw, stored }: RecordHead,
  digests: Uint8Array,
  place: number,
): void {
  target.set(RECORD_MAGIC, offset);
  target.writeUInt32LE(flags, offset + 4);
  target.writeUInt32LE(raw, offset + 8);
  target.writeUInt32LE(0, offset + 12);
  target.writeUInt32LE(stored, offset + 16);
  target.writeUInt32LE(0, offset + 20);
  target.set(digests.subarray(place, place + DIGEST_BYTES), offset + HEAD_BYTES - DIGEST_BYTES);
}

/** Reads a record's head at an offset; its digest is in the last 32 bytes of the head. `undefined` if it is not lawful. */
export function readHead(bytes: Buffer, offset: number): RecordHead | undefined {
  if (bytes.length - offset < HEAD_BYTES || bytes.compare(RECORD_MAGIC, 0, 4, offset, offset + 4) !== 0)
    return undefined;
  const flags = bytes.readUInt32LE(offset + 4);
  const raw = bytes.readUInt32LE(offset + 8);
  const stored = bytes.readUInt32LE(offset + 16);
  const isSmall = bytes.readUInt32LE(offset + 12) === 0 && bytes.readUInt32LE(offset + 20) === 0;
  if (!isSmall || !isLawfulRecord({ flags, raw, stored })) return undefined;
  return { flags, raw, stored };
}

/** Whether a record may have these flags and lengths. */
export function isLawfulRecord({ flags, raw, stored }: RecordHead): boolean {
  if (raw > MAX_PACKED_BYTES || stored > raw) return false;
  return flags === COMPRESSED || (flags === 0 && stored === raw);
}

/** Encodes a trailer. */
export function encodeTrailer({ headsDigest, length, records }: Trailer): Buffer {
  const bytes = Buffer.alloc(TRAILER_BYTES);
  bytes.set(TRAILER_MAGIC, 0);
  bytes.writeBigUInt64LE(BigInt(records), 8);
  bytes.writeBigUInt64LE(BigInt(length), 16);
  bytes.set(headsDigest, TRAILER_BYTES - DIGEST_BYTES);
  return bytes;
}

/** Decodes the trailer of a pack of so many bytes; `undefined` if it is not the trailer of such a pack. */
export function decodeTrailer(bytes: Buffer, packBytes: number): Trailer | undefined {
  if (bytes.length !== TRAILER_BYTES || bytes.compare(TRAILER_MAGIC, 0, 8, 0, 8) !== 0) return undefined;
  const records = Number(bytes.readBigUInt64LE(8));
  const length = Number(bytes.readBigUInt64LE(16));
  if (length !== packBytes - TRAILER_BYTES || records > MAX_PACK_RECORDS) return undefined;
  if (HEADER_BYTES + records * HEAD_BYTES > length) return undefined;
  return { records, length, headsDigest: bytes.subarray(TRAILER_BYTES - DIGEST_BYTES) };
}

/** The id of the pack with this trailer. */
export function packIdOf(trailer: Buffer): HexDigest {
  return hash("sha256", trailer, "hex") as HexDigest;
}
