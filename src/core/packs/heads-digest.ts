/**
 * The digest in a pack's trailer: that of all its record heads.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { DIGEST_BYTES } from "../bytes/hex.ts";
import { HEAD_BYTES, writeHead } from "./pack-format.ts";
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
