/** What the page and its workers say to each other. @module */

/** A file to hash. */
export interface HashRequest {
  /** The page's own number for it. */
  readonly id: number;
  readonly blob: Blob;
}

/** What came of it, or how far it is. */
export type HashAnswer =
  | { readonly kind: "bytes"; readonly bytes: number }
  /** 32 raw bytes. */
  | { readonly kind: "digest"; readonly id: number; readonly digest: Uint8Array }
  | { readonly kind: "failure"; readonly id: number; readonly code: "READ_FAILED" | "CHANGED_WHILE_READ" };
