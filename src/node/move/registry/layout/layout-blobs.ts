/** Blobs of an OCI layout: read and hashed, and written so that they are whole or not there. @module */

import { randomBytes } from "node:crypto";
import { close, read } from "node:fs";
import { promisify } from "node:util";
import {
  type BlobName,
  digestToHex,
  type HexDigest,
  ociDigest,
  ok,
  type Result,
} from "../../../../core/internal.ts";
import type { ChunkSink } from "../../../judge/source/blob-keeper.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { syncFolderOf } from "../../../system/files/durable-file.ts";
import { nodeFileSystem as fs } from "../../../system/files/file-system.ts";
import { makeFolder } from "../../../system/files/make-folders.ts";
import { PlacedFile } from "../../../system/files/placed-file.ts";
import { openPlainFile } from "../../../system/files/read-source.ts";
import { throwIfInterrupted } from "../../../system/runtime/interruption.ts";
import { attempt, reasonOf } from "../../../system/runtime/machine-reason.ts";
import { isSameDigest, nodeCrypto } from "../../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../../system/runtime/operation-fault.ts";
import type { BlobReader } from "../blob-bytes.ts";
import { malformed } from "../malformed.ts";
import type { BlobSource, ByteRange, PutBlob, PutOptions } from "../repository.ts";
import type { LayoutFolder } from "./layout-folder.ts";

const readAsync = promisify(read);
const closeAsync = promisify(close);

/** Bytes read at once. */
const CHUNK_BYTES: number = 256 * 1024;

const INGEST = "ingest";
const STAGED = /^runseal-[0-9a-f]{16}$/;

/** Milliseconds after which a staged blob that nothing was written to is the rest of a killed command. */
const ABANDONED_MS: number = 24 * 60 * 60 * 1000;

/** The size of a blob; `undefined` where it is missing. Fails with REGISTRY_MALFORMED if it is not a regular file, or READ_FAILED. */
export function blobSize(
  { blobs, reference }: LayoutFolder,
  digest: HexDigest,
): Result<number | undefined, OperationFault> {
  try {
    const stats = blobs.lstat(digest);
    if (stats === undefined) return ok(undefined);
    return stats.isFile() ? ok(stats.size) : malformed(reference, "blob");
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: reference, reason: reasonOf(thrown) });
  }
}

/** Reads the blobs of a layout. */
export function layoutReader(folder: LayoutFolder): BlobReader {
  return {
    shown: folder.reference,
    readRange: (blob, range, sink, signal) => readRange(folder, blob, range, sink, signal),
  };
}

async function readRange(
  { blobs, reference }: LayoutFolder,
  { digest, size }: BlobName,
  range: ByteRange,
  sink: ChunkSink,
  signal: AbortSignal | undefined,
): Promise<Result<undefined, OperationFault>> {
  try {
    const source = openPlainFile(blobs, digest, fs);
    if (source === "missing")
      return operationFault("REGISTRY_NOT_FOUND", {
        reason: "content",
        reference: `${reference}@${ociDigest(digest)}`,
      });
    if (source === "other") return malformed(reference, "blob");
    const { before, fd } = source;
    try {
      if (before.size !== BigInt(size)) return malformed(reference, "size");
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, range.length));
      const end = range.offset + range.length;
      for (let position = range.offset; position < end; ) {
        throwIfInterrupted(signal);
        const wanted = Math.min(buffer.length, end - position);
        const { bytesRead } = await readAsync(fd, buffer, 0, wanted, position);
        if (bytesRead === 0) return malformed(reference, "size");
        await sink(buffer.subarray(0, bytesRead));
        position += bytesRead;
      }
      return ok(undefined);
    } finally {
      await closeAsync(fd);
    }
  } catch (thrown) {
    // Only errors of the system: what a sink throws is thrown on.
    return operationFault("READ_FAILED", { path: reference, reason: reasonOf(thrown) });
  }
}

/** Writes a blob, unless one of its size is there. */
export async function writeBlob(
  folder: LayoutFolder,
  source: BlobSource,
  { sent, signal }: PutOptions,
): Promise<Result<PutBlob, OperationFault>> {
  const { digest, size } = source;
  const { blobs, reference, root } = folder;
  const found = blobSize(folder, digest);
  if (!found.ok) return found;
  if (found.value === size) return ok({ how: "present", sentBytes: 0 });
  try {
    makeFolder(root, INGEST, 0o755);
    using ingest = root.enter(INGEST);
    removeAbandoned(ingest);
    using file = new PlacedFile(ingest.address(`runseal-${randomBytes(8).toString("hex")}`));
    const written = await fill(file, source, { sent, signal });
    if (!written.ok) return written;
    await file.syncBeside(source.isClosed === true ? 0o600 : 0o644);
    file.rename(blobs.address(digest));
    syncFolderOf(blobs.address(digest));
    return ok({ how: "uploaded", sentBytes: size });
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: reference, reason: reasonOf(thrown) });
  }
}

/** Writes the bytes of a file, and compares what it wrote. Throws what the system says, and an Interruption. */
async function fill(
  file: PlacedFile,
  { digest, open, size }: BlobSource,
  { sent, signal }: PutOptions,
): Promise<Result<undefined, OperationFault>> {
  const hash = nodeCrypto.beginSha256();
  let length = 0;
  for await (const chunk of open(0)) {
    throwIfInterrupted(signal);
    if (!(chunk instanceof Uint8Array)) return chunk;
    if (length + chunk.length > size) break;
    hash.add(chunk);
    await file.addBeside(chunk);
    length += chunk.length;
    sent?.(chunk.length);
  }
  return length === size && isSameDigest(digest, digestToHex(hash.end()))
    ? ok(undefined)
    : operationFault("CHANGED_WHILE_READ", { path: ociDigest(digest) });
}

/** Removes what killed commands left. Another command may do the same at this moment. */
function removeAbandoned(ingest: AnchoredDir): void {
  for (const { name } of ingest.entries()) {
    if (!STAGED.test(name)) continue;
    const stats = ingest.lstat(name);
    if (stats === undefined || Date.now() - stats.mtimeMs < ABANDONED_MS) continue;
    attempt(() => ingest.unlink(name));
  }
}
