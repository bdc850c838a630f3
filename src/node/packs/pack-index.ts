/**
 * The index of a pack: its records by digest. It is a cache of the record heads, and can be rebuilt from the pack (docs/store.md).
 *
 *     idx = "RSIX\x01\0\0\0" pack-id:32 count:u32 fanout:256*u32
 *           count * (digest:32 offset:u48 stored:u32 raw:u32 flags:u16)   sha256:32
 *
 * Entries are sorted by digest; `fanout[n]` counts those whose first byte is at most n. The hash is that of all bytes before it.
 *
 * @module
 */

import { hash, timingSafeEqual } from "node:crypto";
import { DIGEST_BYTES, type HexDigest } from "../../core/internal.ts";
import { isLawfulRecord, type RecordHead } from "./pack-format.ts";
import type { RecordColumns } from "./record-columns.ts";

const MAGIC = Buffer.from("RSIX\x01\0\0\0", "latin1");
const FANOUT_AT: number = MAGIC.length + DIGEST_BYTES + 4;
const ENTRIES_AT: number = FANOUT_AT + 256 * 4;
const ENTRY_BYTES = 48;

/** The bytes of an index in memory that all threads share. */
export type IndexBytes = Uint8Array<SharedArrayBuffer>;

/** A record as an index describes it. */
export interface IndexedRecord extends RecordHead {
  /** Where its head begins in the pack. */
  readonly offset: number;
}

/** Bytes of an index of so many records. */
export function indexBytes(records: number): number {
  return ENTRIES_AT + records * ENTRY_BYTES + DIGEST_BYTES;
}

/** Encodes the index of a pack. */
export function encodeIndex(id: HexDigest, records: RecordColumns): IndexBytes {
  const shared = new Uint8Array(new SharedArrayBuffer(indexBytes(records.count)));
  const bytes = Buffer.from(shared.buffer);
  bytes.set(MAGIC, 0);
  bytes.write(id, MAGIC.length, "hex");
  bytes.writeUInt32LE(records.count, FANOUT_AT - 4);
  const counts = new Uint32Array(256);
  let at = ENTRIES_AT;
  for (const index of orderByDigest(records)) {
    const place = index * DIGEST_BYTES;
    bytes.set(records.digests.subarray(place, place + DIGEST_BYTES), at);
    bytes.writeUIntLE(records.offsets[index] ?? 0, at + 32, 6);
    bytes.writeUInt32LE(records.stored[index] ?? 0, at + 38);
    bytes.writeUInt32LE(records.raws[index] ?? 0, at + 42);
    bytes.writeUInt16LE(records.flags[index] ?? 0, at + 46);
    const first = records.digests[place] ?? 0;
    counts[first] = (counts[first] ?? 0) + 1;
    at += ENTRY_BYTES;
  }
  let sum = 0;
  for (const [byte, count] of counts.entries()) {
    sum += count;
    bytes.writeUInt32LE(sum, FANOUT_AT + byte * 4);
  }
  bytes.set(hash("sha256", bytes.subarray(0, at), "buffer"), at);
  return shared;
}

/** Whether bytes are an index of the pack with this id and so many records, as far as the index itself shows it. */
export function isIndexOf(shared: IndexBytes, id: HexDigest, records: number): boolean {
  const bytes = Buffer.from(shared.buffer);
  if (bytes.length !== indexBytes(records) || bytes.compare(MAGIC, 0, 8, 0, 8) !== 0) return false;
  if (!timingSafeEqual(bytes.subarray(MAGIC.length, FANOUT_AT - 4), Buffer.from(id, "hex"))) return false;
  const end = bytes.length - DIGEST_BYTES;
  return (
    bytes.readUInt32LE(FANOUT_AT - 4) === records &&
    timingSafeEqual(hash("sha256", bytes.subarray(0, end), "buffer"), bytes.subarray(end)) &&
    isSorted(bytes, records)
  );
}

/**
 * Whether the entries are in the order of their digests, and the fanout counts them. An archive can bring an index that is not sorted and
 * has a right checksum: objects would not be found.
 */
function isSorted(bytes: Buffer, count: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let byte = 0;
  let before = 0;
  for (let entry = 0; entry < count; entry++) {
    const at = ENTRIES_AT + entry * ENTRY_BYTES;
    const prefix = view.getUint32(at);
    if (prefix < before) return false;
    if (prefix === before && entry > 0 && compareDigests(bytes, at - ENTRY_BYTES, bytes, at) > 0)
      return false;
    before = prefix;
    for (; byte < prefix >>> 24; byte++) {
      if (view.getUint32(FANOUT_AT + byte * 4, true) !== entry) return false;
    }
  }
  for (; byte < 256; byte++) if (view.getUint32(FANOUT_AT + byte * 4, true) !== count) return false;
  return true;
}

/** Whether two indexes are the same, byte for byte. */
export function isSameIndex(left: IndexBytes, right: IndexBytes): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Looks up records by digest in an index that `isIndexOf` accepted. */
export class PackIndex {
  readonly count: number;
  readonly #bytes: Buffer;

  constructor(bytes: IndexBytes) {
    this.#bytes = Buffer.from(bytes.buffer);
    this.count = this.#bytes.readUInt32LE(FANOUT_AT - 4);
  }

  /** The number of the entry for a digest, 32 raw bytes of `digests` at `place`; -1 if the pack does not hold it. */
  find(digests: Uint8Array, place: number): number {
    const first = digests[place] ?? 0;
    let low = first === 0 ? 0 : this.#bytes.readUInt32LE(FANOUT_AT + (first - 1) * 4);
    let high = this.#bytes.readUInt32LE(FANOUT_AT + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = ENTRIES_AT + middle * ENTRY_BYTES;
      const order = compareDigests(this.#bytes, at, digests, place);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** What an entry says of its record; `undefined` if no record may be so. */
  at(entry: number): IndexedRecord | undefined {
    return entryAt(this.#bytes, ENTRIES_AT + entry * ENTRY_BYTES);
  }

  /** Copies the digest of an entry, 32 raw bytes, into `target` at `place`. */
  copyDigest(entry: number, target: Uint8Array, place: number): void {
    const at = ENTRIES_AT + entry * ENTRY_BYTES;
    target.set(this.#bytes.subarray(at, at + DIGEST_BYTES), place);
  }
}

/** Bytes of an index before its entries: what says where those of a digest are. */
export const INDEX_HEAD_BYTES: number = ENTRIES_AT;

/**
 * Where an index of so many bytes has the entries of digests with this first byte, for a reader of parts; `undefined` if the head is
 * not that of such an index. Nothing vouches for a part: the record that an entry leads to does.
 */
export function bucketIn(
  head: Buffer,
  id: HexDigest,
  indexSize: number,
  first: number,
): { readonly offset: number; readonly length: number } | undefined {
  if (head.length !== ENTRIES_AT || head.compare(MAGIC, 0, 8, 0, 8) !== 0) return undefined;
  if (!timingSafeEqual(head.subarray(MAGIC.length, FANOUT_AT - 4), Buffer.from(id, "hex"))) return undefined;
  const count = head.readUInt32LE(FANOUT_AT - 4);
  const low = first === 0 ? 0 : head.readUInt32LE(FANOUT_AT + (first - 1) * 4);
  const high = head.readUInt32LE(FANOUT_AT + first * 4);
  if (indexBytes(count) !== indexSize || low > high || high > count) return undefined;
  return { offset: ENTRIES_AT + low * ENTRY_BYTES, length: (high - low) * ENTRY_BYTES };
}

/** The entry for a digest, 32 raw bytes of `digests` at `place`, in a part of an index; `undefined` if it has none that may be. */
export function findInBucket(bucket: Buffer, digests: Uint8Array, place: number): IndexedRecord | undefined {
  for (let at = 0; at < bucket.length; at += ENTRY_BYTES) {
    if (compareDigests(bucket, at, digests, place) === 0) return entryAt(bucket, at);
  }
  return undefined;
}

function entryAt(bytes: Buffer, at: number): IndexedRecord | undefined {
  const record = {
    offset: bytes.readUIntLE(at + 32, 6),
    stored: bytes.readUInt32LE(at + 38),
    raw: bytes.readUInt32LE(at + 42),
    flags: bytes.readUInt16LE(at + 46),
  };
  return isLawfulRecord(record) ? record : undefined;
}

/** The order of two digests by their bytes. It decides where to look, never what to believe: a record that is found is hashed. */
function compareDigests(left: Uint8Array, leftPlace: number, right: Uint8Array, rightPlace: number): number {
  for (let at = 0; at < DIGEST_BYTES; at += 4) {
    const order = wordAt(left, leftPlace + at) - wordAt(right, rightPlace + at);
    if (order !== 0) return order;
  }
  return 0;
}

/** Four bytes as a number. Byte by byte: a call into the system's code for each step of a search would take most of its time. */
function wordAt(bytes: Uint8Array, place: number): number {
  const high = ((bytes[place] ?? 0) << 8) | (bytes[place + 1] ?? 0);
  return high * 0x10000 + (((bytes[place + 2] ?? 0) << 8) | (bytes[place + 3] ?? 0));
}

/** The numbers of the records in the order of their digests. Two passes over 16 bits each: comparing all would take much longer. */
function orderByDigest({ count, digests }: RecordColumns): Uint32Array {
  const keys = new Uint32Array(count);
  for (let index = 0; index < count; index++) keys[index] = digests.readUInt32BE(index * DIGEST_BYTES);
  let order = new Uint32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  for (const shift of [0, 16]) order = sortBy16Bits(order, keys, shift);
  const compare = (left: number, right: number): number =>
    compareDigests(digests, left * DIGEST_BYTES, digests, right * DIGEST_BYTES);
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < count && keys[order[end] ?? 0] === keys[order[start] ?? 0]) end++;
    if (end - start > 1) order.subarray(start, end).sort(compare);
    start = end;
  }
  return order;
}

function sortBy16Bits(order: Uint32Array, keys: Uint32Array, shift: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(0x10001);
  const bucketOf = (index: number): number => ((keys[index] ?? 0) >>> shift) & 0xffff;
  for (const index of order) next[bucketOf(index) + 1] = (next[bucketOf(index) + 1] ?? 0) + 1;
  for (let bucket = 0; bucket < 0x10000; bucket++)
    next[bucket + 1] = (next[bucket + 1] ?? 0) + (next[bucket] ?? 0);
  const sorted = new Uint32Array(order.length);
  for (const index of order) {
    const bucket = bucketOf(index);
    const place = next[bucket] ?? 0;
    sorted[place] = index;
    next[bucket] = place + 1;
  }
  return sorted;
}
