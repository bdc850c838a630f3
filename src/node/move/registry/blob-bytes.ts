/**
 * Bytes of blobs: whole ones, hashed as they are read, and those in memory.
 *
 * @module
 */

import { type BlobName, digestToHex, ok, type Result } from "../../../core/internal.ts";
import type { ChunkSink } from "../../judge/source/blob-keeper.ts";
import { digestOf, isSameDigest, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { malformed, otherBytes } from "./malformed.ts";
import type { BlobSource, ByteRange, Repository } from "./repository.ts";

/** What blobs are read from. */
export type BlobReader = Pick<Repository, "shown" | "readRange">;

/** Bytes that are handed out at once, so that progress can be shown. */
const CHUNK_BYTES: number = 1024 * 1024;

/** A blob of bytes in memory, which must not change until it is put. */
export function memoryBlob(bytes: Uint8Array): BlobSource {
  return { digest: digestOf(bytes), size: bytes.length, open: (offset) => chunksOf(bytes, offset) };
}

async function* chunksOf(bytes: Uint8Array, offset: number): AsyncGenerator<Uint8Array> {
  for (let at = offset; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/**
 * Reads a whole blob, and hashes it. Fails with REGISTRY_MALFORMED at its end if it is another one: the sink must let nothing of it
 * count before.
 */
export async function readBlob(
  reader: BlobReader,
  blob: BlobName,
  sink: ChunkSink,
  signal?: AbortSignal,
): Promise<Result<undefined, OperationFault>> {
  const hash = nodeCrypto.beginSha256();
  const read = await reader.readRange(
    blob,
    { offset: 0, length: blob.size },
    (chunk) => {
      hash.add(chunk);
      return sink(chunk);
    },
    signal,
  );
  if (!read.ok) return read;
  return isSameDigest(blob.digest, digestToHex(hash.end()))
    ? ok(undefined)
    : otherBytes(reader.shown, blob.digest);
}

/** Reads a blob into memory. Fails with REGISTRY_MALFORMED if it has more bytes than the limit, and as `readBlob` does. */
export async function readIntoMemory(
  reader: BlobReader,
  blob: BlobName,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Result<Buffer, OperationFault>> {
  if (blob.size > limit) return malformed(reader.shown, "too-large");
  return await collect(blob.size, (sink) => readBlob(reader, blob, sink, signal));
}

/** Reads a part of a blob into memory. Nothing vouches for its bytes. */
export async function readPart(
  reader: BlobReader,
  blob: BlobName,
  range: ByteRange,
  signal: AbortSignal | undefined,
): Promise<Result<Buffer, OperationFault>> {
  return await collect(range.length, (sink) => reader.readRange(blob, range, sink, signal));
}

async function collect(
  length: number,
  read: (sink: ChunkSink) => Promise<Result<undefined, OperationFault>>,
): Promise<Result<Buffer, OperationFault>> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  const done = await read((chunk) => {
    bytes.set(chunk, filled);
    filled += chunk.length;
  });
  return done.ok ? ok(bytes) : done;
}
