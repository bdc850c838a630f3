/**
 * The end of a pack: its trailer, with the digest of all its record heads, and the id that follows from it.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { DIGEST_BYTES, type HexDigest } from "../../system/bytes/hex.ts";
import { encodeTrailer, HEAD_BYTES, HEADER_BYTES, packIdOf, writeHead } from "./pack-format.ts";
import type { RecordColumns } from "./record-columns.ts";

/** Heads hashed at once. */
const HEADS_AT_ONCE = 1024;

/** The SHA-256 of all record heads in their order, 32 raw bytes. */
export function digestOfHeads(
  { count, digests, sizes }: RecordColumns,
  crypto: Pick<Crypto, "beginSha256">,
): Uint8Array {
  const hash = crypto.beginSha256();
  const heads = new Uint8Array(HEADS_AT_ONCE * HEAD_BYTES);
  for (let start = 0; start < count; start += HEADS_AT_ONCE) {
    const end = Math.min(start + HEADS_AT_ONCE, count);
    for (let index = start; index < end; index++)
      writeHead(heads, (index - start) * HEAD_BYTES, sizes[index] ?? 0, digests, index * DIGEST_BYTES);
    hash.add(heads.subarray(0, (end - start) * HEAD_BYTES));
  }
  return hash.end();
}

/** The trailer of a pack with these records, and the pack's id. */
export function endOfPack(
  records: RecordColumns,
  crypto: Pick<Crypto, "beginSha256" | "sha256">,
): { readonly trailer: Uint8Array; readonly id: HexDigest } {
  const { count, offsets, sizes } = records;
  const last = count - 1;
  const length = count === 0 ? HEADER_BYTES : (offsets[last] ?? 0) + HEAD_BYTES + (sizes[last] ?? 0);
  const trailer = encodeTrailer({ records: count, length, headsDigest: digestOfHeads(records, crypto) });
  return { trailer, id: packIdOf(trailer, crypto) };
}
