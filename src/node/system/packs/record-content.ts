/**
 * The object in a record: its bytes have the digest of its head.
 *
 * @module
 */

import { hash } from "node:crypto";
import { DIGEST_AT, DIGEST_BYTES, HEAD_BYTES } from "../../../core/internal.ts";
import { isSameDigest } from "./same-digest.ts";

/** Whether bytes have a digest: 32 raw bytes of `digests` at `place`. */
export function hasDigestAt(bytes: Uint8Array, digests: Uint8Array, place: number): boolean {
  actual.write(hash("sha256", bytes, "hex"), "hex");
  return isSameDigest(actual, 0, digests, place);
}

/** Reused: a buffer for each of many objects would be held until the next collection of garbage. */
const actual: Buffer = Buffer.alloc(DIGEST_BYTES);

/** Whether the content of a whole record, head included, has the digest in its head. */
export function isSoundRecord(record: Buffer): boolean {
  return hasDigestAt(record.subarray(HEAD_BYTES), record, DIGEST_AT);
}
