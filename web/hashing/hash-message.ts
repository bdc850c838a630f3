/** What the session and its hash workers say to each other. @module */

import type { ReadingCode } from "../../src/core/internal.ts";

/** What came of a file. A digest has 32 raw bytes. */
export type HashedFile = Uint8Array | ReadingCode;

/** Files to hash: one, or many small ones, because a message costs more than a small file. */
export interface HashRequest {
  /** The pool's own number for them. */
  readonly id: number;
  readonly blobs: readonly Blob[];
}

/** What came of them, or how far the worker is. */
export type HashAnswer =
  | { readonly kind: "bytes"; readonly bytes: number }
  /** In the order of the request. */
  | { readonly kind: "hashed"; readonly id: number; readonly files: readonly HashedFile[] };
