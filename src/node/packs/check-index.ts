/**
 * Whether an index is that of its pack. A checksum shows what a disk or a kill did to it. An archive can bring an index that lies and has
 * a right checksum: then the heads that it lists are not those that the pack's trailer hashes, which is found without reading the pack.
 *
 * @module
 */

import { createHash, hash, timingSafeEqual } from "node:crypto";
import { DIGEST_BYTES, type HexDigest } from "../../core/internal.ts";
import { HEAD_BYTES, HEADER_BYTES, MAX_PACK_RECORDS, type Trailer, writeHead } from "./pack-format.ts";
import {
  ENTRIES_AT,
  ENTRY_BYTES,
  FANOUT_AT,
  FLAGS_AT,
  type IndexBytes,
  indexBytes,
  MAGIC,
  OFFSET_AT,
  RAW_AT,
  STORED_AT,
} from "./pack-index.ts";

/** Heads hashed at once. */
const HEADS_AT_ONCE = 1024;

const EMPTY_HEAD = { flags: 0, raw: 0, stored: 0 };
const NO_DIGEST: Buffer = Buffer.alloc(DIGEST_BYTES);

/** Whether bytes are an index of the pack with this id and so many records, as far as the index itself shows it. */
export function isIndexOf(shared: IndexBytes, id: HexDigest, records: number): boolean {
  const bytes = Buffer.from(shared.buffer);
  if (bytes.length !== indexBytes(records) || bytes.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) !== 0)
    return false;
  if (!timingSafeEqual(bytes.subarray(MAGIC.length, FANOUT_AT - 4), Buffer.from(id, "hex"))) return false;
  const end = bytes.length - DIGEST_BYTES;
  return (
    bytes.readUInt32LE(FANOUT_AT - 4) === records &&
    timingSafeEqual(hash("sha256", bytes.subarray(0, end), "buffer"), bytes.subarray(end)) &&
    isSorted(bytes, records)
  );
}

/** Whether the entries are in the order of their digests, and the fanout counts them. */
function isSorted(bytes: Buffer, count: number): boolean {
  const view = viewOf(bytes);
  let byte = 0;
  let before = 0;
  for (let entry = 0; entry < count; entry++) {
    const at = ENTRIES_AT + entry * ENTRY_BYTES;
    const prefix = view.getUint32(at);
    if (prefix < before) return false;
    if (prefix === before && entry > 0) {
      const last = at - ENTRY_BYTES;
      if (bytes.compare(bytes, last, last + DIGEST_BYTES, at, at + DIGEST_BYTES) < 0) return false;
    }
    before = prefix;
    for (; byte < prefix >>> 24; byte++)
      if (view.getUint32(FANOUT_AT + byte * 4, true) !== entry) return false;
  }
  for (; byte < 256; byte++) if (view.getUint32(FANOUT_AT + byte * 4, true) !== count) return false;
  return true;
}

/**
 * Whether an index that `isIndexOf` accepted lists the record heads that the trailer counts and hashes, one behind the other. Takes about
 * a microsecond for each record: too long for each reader, which checks the head of each record that it reads.
 */
export function listsHeads(index: IndexBytes, { headsDigest, length, records }: Trailer): boolean {
  const bytes = Buffer.from(index.buffer);
  const view = viewOf(bytes);
  const order = orderByOffset(view, records, length);
  if (order === undefined) return false;
  // Its other bytes are the same in each head.
  const heads = Buffer.alloc(Math.min(HEADS_AT_ONCE, records) * HEAD_BYTES);
  for (let at = 0; at < heads.length; at += HEAD_BYTES) writeHead(heads, at, EMPTY_HEAD, NO_DIGEST, 0);
  const written = viewOf(heads);
  const hashed = createHash("sha256");
  let filled = 0;
  let next = HEADER_BYTES;
  for (const key of order) {
    const at = ENTRIES_AT + (key % MAX_PACK_RECORDS) * ENTRY_BYTES;
    const stored = view.getUint32(at + STORED_AT, true);
    if (Math.floor(key / MAX_PACK_RECORDS) !== next) return false;
    next += HEAD_BYTES + stored;
    written.setUint32(filled + 4, view.getUint16(at + FLAGS_AT, true), true);
    written.setUint32(filled + 8, view.getUint32(at + RAW_AT, true), true);
    written.setUint32(filled + 16, stored, true);
    // Several times as fast as copying such a small piece by a call.
    const digest = filled + HEAD_BYTES - DIGEST_BYTES;
    for (let word = 0; word < DIGEST_BYTES; word += 4)
      written.setUint32(digest + word, view.getUint32(at + word));
    filled += HEAD_BYTES;
    if (filled < heads.length) continue;
    hashed.update(heads);
    filled = 0;
  }
  hashed.update(heads.subarray(0, filled));
  return next === length && timingSafeEqual(hashed.digest(), headsDigest);
}

/** For each entry its offset times `MAX_PACK_RECORDS` plus its number, sorted; `undefined` if an offset is not in the pack. */
function orderByOffset(view: DataView, count: number, length: number): Float64Array | undefined {
  const keys = new Float64Array(count);
  for (let entry = 0; entry < count; entry++) {
    const at = ENTRIES_AT + entry * ENTRY_BYTES + OFFSET_AT;
    const offset = view.getUint32(at, true);
    if (offset >= length || view.getUint16(at + 4, true) !== 0) return undefined;
    keys[entry] = offset * MAX_PACK_RECORDS + entry;
  }
  return keys.sort();
}

function viewOf({ buffer, byteLength, byteOffset }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
