/**
 * OUTPUT_HASHES.json: what the bundle claims of each output (PROTOCOL 2, and phase 9 of 8).
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../bytes/hex.ts";
import type { Listing } from "../bytes/listing.ts";
import type { JsonValue } from "../json/json-value.ts";
import type { OutputPath, PathBreach } from "../paths/output-path.ts";

/** One entry of `hashes`: a path and the digest that its file must have. */
export type OutputClaim = LawfulClaim | UnlawfulClaim;

/** A claim whose path may be looked for. */
export interface LawfulClaim {
  readonly lawful: true;
  readonly path: OutputPath;
  /** Undefined where the declared value isn't `sha256:` and 64 lowercase hex: it equals nothing. */
  readonly digest: HexDigest | undefined;
}

/** A claim whose path breaks the law of paths: nothing is opened for it. */
export interface UnlawfulClaim {
  readonly lawful: false;
  readonly path: string;
  readonly breach: PathBreach;
}

/** What stands before a digest in OUTPUT_HASHES.json. */
export const DIGEST_PREFIX = "sha256:";

/** Claims by their index in the document: an array where they are few, else a `ManyClaims`. */
export type OutputClaims = Listing<OutputClaim>;

/** Writes a digest as OUTPUT_HASHES.json declares it. */
export function declareDigest(digest: HexDigest): string {
  return DIGEST_PREFIX + digest;
}

/** Reads a digest as OUTPUT_HASHES.json declares it; `undefined` for anything else. */
export function parseDeclaredDigest(declared: JsonValue | undefined): HexDigest | undefined {
  if (typeof declared !== "string" || !declared.startsWith(DIGEST_PREFIX)) return undefined;
  const digest = declared.slice(DIGEST_PREFIX.length);
  return isHexDigest(digest) ? digest : undefined;
}
