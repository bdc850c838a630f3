/**
 * What the import worker finds in a file.
 *
 * @module
 */

/** A seed, or why there is none. */
export type ParsedKey =
  | { readonly kind: "seed"; readonly seed: Uint8Array }
  | { readonly kind: "needs-passphrase" }
  | { readonly kind: "wrong-passphrase" }
  | { readonly kind: "unsupported" };

/** The worker's exit code for each: all that it says beside the seed. */
export const WORKER_EXIT: Readonly<Record<ParsedKey["kind"], number>> = {
  seed: 0,
  "needs-passphrase": 10,
  "wrong-passphrase": 11,
  unsupported: 12,
};
