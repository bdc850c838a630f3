/**
 * From the member `hashes` of OUTPUT_HASHES.json to the claims that its outputs are held against (PROTOCOL 9.1).
 *
 * @module
 */

import type { JsonObject } from "../json/json-value.ts";
import { TextObject } from "../json/text-object.ts";
import { findPathsBelowOthers, type PathRules, parseOutputPath } from "../paths/output-path.ts";
import { ManyClaims } from "./many-claims.ts";
import { type OutputClaim, type OutputClaims, parseDeclaredDigest } from "./output-claims.ts";

/** Reads the claims in the order of the document. */
export function readClaims(hashes: JsonObject, rules: PathRules): OutputClaims {
  return hashes instanceof TextObject ? new ManyClaims(hashes, rules) : readEach(hashes, rules);
}

/** Whether no claim has a path that breaks the law. */
export function areAllLawful(claims: OutputClaims): boolean {
  if (claims instanceof ManyClaims) return claims.areAllLawful;
  for (const { lawful } of claims) if (!lawful) return false;
  return true;
}

function readEach(hashes: JsonObject, rules: PathRules): readonly OutputClaim[] {
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
