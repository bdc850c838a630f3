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

import type { Crypto } from "../../system/bytes/crypto.ts";
import { DIGEST_BYTES, type HexDigest, parseHexInto } from "../../system/bytes/hex.ts";
import { compareDigests } from "./compare-digests.ts";
import { beginsWith, isLawfulRecord, latin1, type RecordHead, viewOf } from "./pack-format.ts";
import type { RecordColumns } from "./record-columns.ts";

const MAGIC = latin1("RSIX\x01\0\0\0");
const FANOUT_AT: number = MAGIC.length + DIGEST_BYTES + 4;
const ENTRIES_AT: number = FANOUT_AT + 256 * 4;
const ENTRY_BYTES = 48;

/** A record as an index describes it. */
export interface IndexedRecord extends RecordHead {
  /** Where its head begins in the pack. */
  readonly offset: number;
}

/** Bytes of an index of so many records. */
export function indexBytes(records: number): number {
  return ENTRIES_AT + records * ENTRY_BYTES + DIGEST_BYTES;
}

/** Encodes the index of a pack into `bytes`, which has `indexBytes` of its records. */
export function fillIndex(bytes: Uint8Array, id: HexDigest, records: RecordColumns, crypto: Crypto): void {
  const view = viewOf(bytes);
  bytes.set(MAGIC, 0);
  bytes.set(rawOf(id), MAGIC.length);
  view.setUint32(FANOUT_AT - 4, records.count, true);
  const counts = new Uint32Array(256);
  let at = ENTRIES_AT;
  for (const index of orderByDigest(records)) {
    const place = index * DIGEST_BYTES;
    bytes.set(records.digests.subarray(place, place + DIGEST_BYTES), at);
    const offset = records.offsets[index] ?? 0;
    view.setUint32(at + 32, offset % 2 ** 32, true);
    view.setUint16(at + 36, Math.floor(offset / 2 ** 32), true);
    view.setUint32(at + 38, records.sizes[index] ?? 0, true);
    view.setUint32(at + 42, records.sizes[index] ?? 0, true);
    view.setUint16(at + 46, 0, true);
    const first = records.digests[place] ?? 0;
    counts[first] = (counts[first] ?? 0) + 1;
    at += ENTRY_BYTES;
  }
  let sum = 0;
  for (const [byte, count] of counts.entries()) {
    sum += count;
    view.setUint32(FANOUT_AT + byte * 4, sum, true);
  }
  bytes.set(crypto.sha256(bytes.subarray(0, at)), at);
}

/** Whether bytes are an index of the pack with this id and so many records, as far as the index itself shows it. */
export function isIndexOf(bytes: Uint8Array, id: HexDigest, records: number, crypto: Crypto): boolean {
  if (bytes.length !== indexBytes(records) || !isHeadOf(bytes, id, crypto)) return false;
  const end = bytes.length - DIGEST_BYTES;
  return (
    viewOf(bytes).getUint32(FANOUT_AT - 4, true) === records &&
    crypto.equalDigests(crypto.sha256(bytes.subarray(0, end)), bytes.subarray(end)) &&
    isSorted(bytes, records)
  );
}

/** Whether bytes begin as the index of this pack does. */
function isHeadOf(bytes: Uint8Array, id: HexDigest, crypto: Crypto): boolean {
  return (
    bytes.length >= ENTRIES_AT &&
    beginsWith(bytes, 0, MAGIC) &&
    crypto.equalDigests(bytes.subarray(MAGIC.length, FANOUT_AT - 4), rawOf(id))
  );
}

function rawOf(id: HexDigest): Uint8Array {
  const raw = new Uint8Array(DIGEST_BYTES);
  parseHexInto(id, raw);
  return raw;
}

/**
 * Whether the entries are in the order of their digests, and the fanout counts them. An archive can bring an index that is not sorted and
 * has a right checksum: objects would not be found.
 */
function isSorted(bytes: Uint8Array, count: number): boolean {
  const view = viewOf(bytes);
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

/** Looks up records by digest in an index that `isIndexOf` accepted. */
export class PackIndex {
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.count = this.#view.getUint32(FANOUT_AT - 4, true);
  }

  /** The number of the entry for a digest, 32 raw bytes of `digests` at `place`; -1 if the pack does not hold it. */
  find(digests: Uint8Array, place: number): number {
    const first = digests[place] ?? 0;
    let low = first === 0 ? 0 : this.#view.getUint32(FANOUT_AT + (first - 1) * 4, true);
    let high = this.#view.getUint32(FANOUT_AT + first * 4, true);
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
    return entryAt(this.#view, ENTRIES_AT + entry * ENTRY_BYTES);
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
  head: Uint8Array,
  id: HexDigest,
  indexSize: number,
  first: number,
  crypto: Crypto,
): { readonly offset: number; readonly length: number } | undefined {
  if (head.length !== ENTRIES_AT || !isHeadOf(head, id, crypto)) return undefined;
  const view = viewOf(head);
  const count = view.getUint32(FANOUT_AT - 4, true);
  const low = first === 0 ? 0 : view.getUint32(FANOUT_AT + (first - 1) * 4, true);
  const high = view.getUint32(FANOUT_AT + first * 4, true);
  if (indexBytes(count) !== indexSize || low > high || high > count) return undefined;
  return { offset: ENTRIES_AT + low * ENTRY_BYTES, length: (high - low) * ENTRY_BYTES };
}

/** The entry for a digest, 32 raw bytes of `digests` at `place`, in a part of an index; `undefined` if it has none that may be. */
export function findInBucket(
  bucket: Uint8Array,
  digests: Uint8Array,
  place: number,
): IndexedRecord | undefined {
  for (let at = 0; at < bucket.length; at += ENTRY_BYTES) {
    if (compareDigests(bucket, at, digests, place) === 0) return entryAt(viewOf(bucket), at);
  }
  return undefined;
}

function entryAt(view: DataView, at: number): IndexedRecord | undefined {
  const offset = view.getUint32(at + 32, true) + view.getUint16(at + 36, true) * 2 ** 32;
  const size = view.getUint32(at + 38, true);
  const isLawful = isLawfulRecord(view.getUint16(at + 46, true), view.getUint32(at + 42, true), size);
  return isLawful ? { offset, size } : undefined;
}

/** The numbers of the records in the order of their digests. Two passes over 16 bits each: comparing all would take much longer. */
function orderByDigest({ count, digests }: RecordColumns): Uint32Array {
  const keys = new Uint32Array(count);
  const view = viewOf(digests);
  for (let index = 0; index < count; index++) keys[index] = view.getUint32(index * DIGEST_BYTES);
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
