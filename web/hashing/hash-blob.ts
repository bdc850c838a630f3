/**
 * Hashing one file: by WebCrypto as a whole while it is small, else by hash-wasm in pieces, because WebCrypto has no SHA-256 over
 * pieces and a file may be larger than memory.
 *
 * @module
 */

import { createSHA256, type IHasher } from "hash-wasm";

/** Bytes up to which a file is read as a whole. */
export const WHOLE_BYTES: number = 4 * 1024 * 1024;

/** Bytes that are read at once of a larger file. */
const PIECE_BYTES: number = 8 * 1024 * 1024;

/** Gives the digest, 32 raw bytes. Throws the DOMException of the reading. Counts the bytes that were read. */
export async function hashBlob(blob: Blob, progress: (bytes: number) => void): Promise<Uint8Array> {
  if (blob.size <= WHOLE_BYTES) {
    const bytes = await blob.arrayBuffer();
    progress(bytes.byteLength);
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }
  const hasher: IHasher = (await createSHA256()).init();
  let next = readPiece(blob, 0);
  for (let start = 0; start < blob.size; start += PIECE_BYTES) {
    const bytes = await next;
    // The next piece is read while this one is hashed.
    if (start + PIECE_BYTES < blob.size) next = readPiece(blob, start + PIECE_BYTES);
    hasher.update(bytes);
    progress(bytes.length);
  }
  return hasher.digest("binary");
}

async function readPiece(blob: Blob, start: number): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(start, start + PIECE_BYTES).arrayBuffer());
}
