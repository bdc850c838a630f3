/**
 * Packs and indexes as bytes, made and read by docs/store.md alone: nothing of it is shared with what is tested. Each number can lie.
 *
 * @module
 */

import { createHash } from "node:crypto";

export const HEADER = Buffer.from("RSPACK\x01\n\0\0\0\0\0\0\0\0", "latin1");
export const HEAD_BYTES = 56;
export const TRAILER_BYTES = 56;
export const MIB = 1024 * 1024;

/** @param {readonly (Uint8Array | string)[]} parts */
export function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/**
 * @typedef {{ readonly magic?: string, readonly flags?: number, readonly raw?: number | bigint,
 *   readonly stored?: number | bigint, readonly digest?: Buffer }} RecordLies
 * @typedef {{ readonly header?: Buffer, readonly trailerMagic?: string, readonly records?: number | bigint,
 *   readonly length?: number | bigint, readonly headsDigest?: Buffer }} PackLies
 * @typedef {{ digest: Buffer, offset: number, stored: number, raw: number, flags: number }} IndexEntry
 * @typedef {{ readonly unsorted?: boolean, readonly magic?: string, readonly count?: number,
 *   readonly fanout?: (byte: number, count: number) => number }} IndexLies
 */

/**
 * A record; what is not given is what the content makes it.
 *
 * @param {Buffer} content
 * @param {RecordLies} lies
 */
export function recordOf(content, lies = {}) {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(lies.magic ?? "RSO1", 0, "latin1");
  head.writeUInt32LE(lies.flags ?? 0, 4);
  head.writeBigUInt64LE(BigInt(lies.raw ?? content.length), 8);
  head.writeBigUInt64LE(BigInt(lies.stored ?? content.length), 16);
  (lies.digest ?? sha256(content)).copy(head, 24);
  return Buffer.concat([head, content]);
}

/**
 * A pack of records, its id, and where each record begins.
 *
 * @param {readonly Buffer[]} records
 * @param {PackLies} lies
 */
export function packOf(records, lies = {}) {
  /** @type {number[]} */
  const offsets = [];
  let length = HEADER.length;
  for (const record of records) {
    offsets.push(length);
    length += record.length;
  }
  const heads = records.map((record) => record.subarray(0, HEAD_BYTES));
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.write(lies.trailerMagic ?? "RSEND\x01\0\0", 0, "latin1");
  trailer.writeBigUInt64LE(BigInt(lies.records ?? records.length), 8);
  trailer.writeBigUInt64LE(BigInt(lies.length ?? length), 16);
  (lies.headsDigest ?? sha256(...heads)).copy(trailer, 24);
  const bytes = Buffer.concat([lies.header ?? HEADER, ...records, trailer]);
  return { id: sha256(trailer).toString("hex"), bytes, offsets };
}

/**
 * The index entries of records, in their order in the pack.
 *
 * @param {readonly Buffer[]} records
 * @returns {IndexEntry[]}
 */
export function entriesOf(records) {
  let offset = HEADER.length;
  return records.map((record) => {
    const entry = {
      digest: record.subarray(24, HEAD_BYTES),
      offset,
      stored: record.readUInt32LE(16),
      raw: record.readUInt32LE(8),
      flags: record.readUInt32LE(4),
    };
    offset += record.length;
    return entry;
  });
}

/**
 * An index of entries, with a right checksum, whatever they say.
 *
 * @param {string} id
 * @param {readonly IndexEntry[]} entries
 * @param {IndexLies} lies
 */
export function indexOf(id, entries, lies = {}) {
  const sorted = lies.unsorted === true ? entries : [...entries].sort((a, b) => a.digest.compare(b.digest));
  const head = Buffer.alloc(44 + 1024);
  head.write(lies.magic ?? "RSIX\x01\0\0\0", 0, "latin1");
  head.write(id, 8, "hex");
  head.writeUInt32LE(lies.count ?? sorted.length, 40);
  for (let byte = 0; byte < 256; byte++) {
    const count = sorted.filter(({ digest }) => digest[0] <= byte).length;
    head.writeUInt32LE((lies.fanout?.(byte, count) ?? count) >>> 0, 44 + byte * 4);
  }
  const rows = sorted.map(({ digest, offset, stored, raw, flags }) => {
    const row = Buffer.alloc(48);
    digest.copy(row, 0);
    row.writeUIntLE(offset, 32, 6);
    row.writeUInt32LE(stored >>> 0, 38);
    row.writeUInt32LE(raw >>> 0, 42);
    row.writeUInt16LE(flags & 0xffff, 46);
    return row;
  });
  const bytes = Buffer.concat([head, ...rows]);
  return Buffer.concat([bytes, sha256(bytes)]);
}

/**
 * The records of a pack that follows the format in everything; `undefined` for any other.
 *
 * @param {string} id
 * @param {Buffer} bytes
 */
export function readPack(id, bytes) {
  const end = bytes.length - TRAILER_BYTES;
  if (end < HEADER.length || bytes.length > 1024 * MIB) return undefined;
  if (!bytes.subarray(0, HEADER.length).equals(HEADER)) return undefined;
  const trailer = bytes.subarray(end);
  if (sha256(trailer).toString("hex") !== id) return undefined;
  if (trailer.toString("latin1", 0, 8) !== "RSEND\x01\0\0") return undefined;
  if (trailer.readBigUInt64LE(16) !== BigInt(end)) return undefined;
  /** @type {Buffer[]} */
  const records = [];
  for (let at = HEADER.length; at < end; ) {
    if (at + HEAD_BYTES > end) return undefined;
    const flags = bytes.readUInt32LE(at + 4);
    const raw = bytes.readBigUInt64LE(at + 8);
    const stored = bytes.readBigUInt64LE(at + 16);
    const isLawful = flags === 0 && raw <= MIB && stored === raw;
    if (bytes.toString("latin1", at, at + 4) !== "RSO1" || !isLawful) return undefined;
    const next = at + HEAD_BYTES + Number(stored);
    if (next > end) return undefined;
    records.push(bytes.subarray(at, next));
    at = next;
  }
  if (BigInt(records.length) !== trailer.readBigUInt64LE(8) || records.length > 2 ** 20) return undefined;
  const heads = records.map((record) => record.subarray(0, HEAD_BYTES));
  return sha256(...heads).equals(trailer.subarray(24)) ? records : undefined;
}

/**
 * The object of a record; `undefined` if its bytes do not have its digest.
 *
 * @param {Buffer} record
 * @returns {Buffer | undefined}
 */
export function objectIn(record) {
  const content = record.subarray(HEAD_BYTES);
  return sha256(content).equals(record.subarray(24, HEAD_BYTES)) ? content : undefined;
}
