/**
 * Blobs in memory, and reading small blobs into it.
 *
 * @module
 */

import { type BlobName, ok, type Result } from "../../core/internal.ts";
import type { BlobSource, Repository } from "../registry/repository.ts";
import { digestOf } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";

/** Bytes that are handed out at once, so that progress can be shown. */
const CHUNK_BYTES: number = 1024 * 1024;

/** A blob of bytes in memory, which must not change until it is put. */
export function memoryBlob(bytes: Uint8Array): BlobSource {
  return { digest: digestOf(bytes), size: bytes.length, open: (offset) => chunksOf(bytes, offset) };
}

async function* chunksOf(bytes: Uint8Array, offset: number): AsyncGenerator<Uint8Array> {
  for (let at = offset; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** Reads a blob into memory. Fails with REGISTRY_MALFORMED if it has more bytes than the limit, and as `readBlob` does. */
export async function readIntoMemory(
  repository: Repository,
  blob: BlobName,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array, OperationFault>> {
  const { size } = blob;
  if (size > limit)
    return operationFault("REGISTRY_MALFORMED", { reason: "too-large", reference: repository.shown });
  const bytes = new Uint8Array(size);
  let filled = 0;
  const read = await repository.readBlob(
    blob,
    (chunk) => {
      bytes.set(chunk, filled);
      filled += chunk.length;
    },
    signal,
  );
  return read.ok ? ok(bytes) : read;
}
