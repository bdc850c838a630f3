/**
 * Hashing many small files: read as one, because a browser spends more on beginning to read a file than on reading a small one.
 *
 * @module
 */

import { createSHA256, type IHasher } from "hash-wasm";
import { readingCode } from "../source/reading-code.ts";
import { hashBlob } from "./hash-blob.ts";
import type { HashedFile } from "./hash-message.ts";

/** Bytes up to which hash-wasm hashes a file before WebCrypto would have begun. */
const TINY_BYTES: number = 16 * 1024;

/** One hasher for all of them: it hashes each at once. */
const loading: Promise<IHasher> = createSHA256();

/** Gives what came of each file. Counts the bytes that were read. Throws what is not a failure to read, which is a bug. */
export async function hashBlobs(
  blobs: readonly Blob[],
  progress: (bytes: number) => void,
): Promise<readonly HashedFile[]> {
  const [only] = blobs;
  if (only !== undefined && blobs.length === 1) return [await hashOne(only, progress)];
  const bytes = await readTogether(blobs);
  // One of them can't be read, or is shorter than it was: which one shows when each is read alone.
  if (bytes === undefined) return await Promise.all(blobs.map((blob) => hashOne(blob, progress)));
  progress(bytes.length);
  const hasher = await loading;
  let start = 0;
  return await Promise.all(
    blobs.map(({ size }) => {
      const own = bytes.subarray(start, start + size);
      start += size;
      return hashBytes(own, hasher);
    }),
  );
}

async function hashOne(blob: Blob, progress: (bytes: number) => void): Promise<HashedFile> {
  try {
    return await hashBlob(blob, progress);
  } catch (thrown) {
    return readingCode(thrown);
  }
}

/** The bytes of all files, one behind the other. Undefined where one of them can't be read. */
async function readTogether(blobs: readonly Blob[]): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const all = blobs.reduce((sum, { size }) => sum + size, 0);
  try {
    const bytes = new Uint8Array(await new Blob([...blobs]).arrayBuffer());
    return bytes.length === all ? bytes : undefined;
  } catch (thrown) {
    readingCode(thrown);
    return undefined;
  }
}

async function hashBytes(bytes: Uint8Array<ArrayBuffer>, hasher: IHasher): Promise<Uint8Array> {
  if (bytes.length <= TINY_BYTES) return hasher.init().update(bytes).digest("binary");
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
