/**
 * The object in a record: decompressed if it has to be, never beyond the length that its head declares, and hashed.
 *
 * @module
 */

import { hash } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { COMPRESSED, DIGEST_BYTES, HEAD_BYTES, type RecordHead } from "../../core/internal.ts";
import { publishCause } from "../runtime/cause-channel.ts";
import { isSameDigest } from "./same-digest.ts";

/** The object of a record, given its content as it is stored; `undefined` if it can't be decompressed to its declared length. */
export function contentOf({ flags, raw }: RecordHead, stored: Buffer): Buffer | undefined {
  if (flags !== COMPRESSED) return stored;
  try {
    // Bounded before it is decompressed: a few bytes can expand to gigabytes.
    const inflated: unknown = inflateRawSync(stored, { maxOutputLength: Math.max(raw, 1), info: true });
    if (!isInflated(inflated)) return undefined;
    const { buffer, engine } = inflated;
    // One stream and nothing behind it: else a record could carry bytes that no digest covers.
    return buffer.length === raw && engine.bytesWritten === stored.length ? buffer : undefined;
  } catch (thrown) {
    publishCause(thrown);
    return undefined;
  }
}

/** What zlib gives with `info`, which its types leave out. `bytesWritten` counts the bytes that it consumed. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function isInflated(value: unknown): value is Inflated {
  if (typeof value !== "object" || value === null || !("buffer" in value && "engine" in value)) return false;
  const { buffer, engine } = value;
  return Buffer.isBuffer(buffer) && typeof engine === "object" && engine !== null && "bytesWritten" in engine;
}

/** Whether bytes have a digest: 32 raw bytes of `digests` at `place`. */
export function hasDigestAt(bytes: Uint8Array, digests: Uint8Array, place: number): boolean {
  actual.write(hash("sha256", bytes, "hex"), "hex");
  return isSameDigest(actual, 0, digests, place);
}

/** Reused: a buffer for each of many objects would be held until the next collection of garbage. */
const actual: Buffer = Buffer.alloc(DIGEST_BYTES);

/** Whether the content of a whole record, head included, has the digest in its head. */
export function isSoundRecord(head: RecordHead, record: Buffer): boolean {
  const content = contentOf(head, record.subarray(HEAD_BYTES));
  return content !== undefined && hasDigestAt(content, record, HEAD_BYTES - DIGEST_BYTES);
}
