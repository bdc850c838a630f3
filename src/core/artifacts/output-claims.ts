/**
 * OUTPUT_HASHES.json: what the bundle claims of each output (PROTOCOL 2, and phase 9 of 8).
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../hex.ts";
import type { JsonObject, JsonValue } from "../json-value.ts";
import {
  findPathsBelowOthers,
  type OutputPath,
  type PathBreach,
  type PathRules,
  parseOutputPath,
} from "../output-path.ts";

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

const PREFIX = "sha256:";

/** Reads the claims in the order of the document. */
export function readClaims(hashes: JsonObject, rules: PathRules): readonly OutputClaim[] {
  const claims: OutputClaim[] = [];
  const lawful: string[] = [];
  for (const [path, declared] of hashes) {
    const parsed = parseOutputPath(path, rules);
    if (parsed.ok) {
      lawful.push(path);
      claims.push({ lawful: true, path: parsed.value, digest: parseDeclaredDigest(declared) });
    } else claims.push({ lawful: false, path, breach: parsed.code });
  }
  // Only among lawful paths: whatever lies below an unlawful one has the same breach, and no other is bounded.
  const below = findPathsBelowOthers(lawful);
  if (below.size === 0) return claims;
  return claims.map(
    (claim): OutputClaim =>
      below.has(claim.path) ? { lawful: false, path: claim.path, breach: "below-another-output" } : claim,
  );
}

/** Writes a digest as OUTPUT_HASHES.json declares it. */
export function declareDigest(digest: HexDigest): string {
  return PREFIX + digest;
}

/** Reads a digest as OUTPUT_HASHES.json declares it; `undefined` for anything else. */
export function parseDeclaredDigest(declared: JsonValue | undefined): HexDigest | undefined {
  if (typeof declared !== "string" || !declared.startsWith(PREFIX)) return undefined;
  const digest = declared.slice(PREFIX.length);
  return isHexDigest(digest) ? digest : undefined;
}
