/**
 * The index of a pack (core/records/packs/pack-index.ts) in memory that all threads share.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { fillIndex, type HexDigest, indexBytes, type RecordColumns } from "../../../core/internal.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** The bytes of an index in memory that all threads share. */
export type IndexBytes = Uint8Array<SharedArrayBuffer>;

/** Encodes the index of a pack. */
export function encodeIndex(id: HexDigest, records: RecordColumns): IndexBytes {
  const bytes = new Uint8Array(new SharedArrayBuffer(indexBytes(records.count)));
  fillIndex(bytes, id, records, nodeCrypto);
  return bytes;
}

/** Whether two indexes are the same, byte for byte. */
export function isSameIndex(left: IndexBytes, right: IndexBytes): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
