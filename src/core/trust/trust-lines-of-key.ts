/**
 * Looks up the lines that list a key. A policy is asked about thousands of countersignatures, and a trust file
 * may have a hundred thousand lines: each question must not walk through all of them.
 *
 * @module
 */

import type { TrustLine } from "./trust-line.ts";

type LinesByKey = ReadonlyMap<string, readonly TrustLine[]>;

const indexes = new WeakMap<readonly TrustLine[], LinesByKey>();

/** The lines that list a key, in their order. Remembers an index for each list of lines, which must not change. */
export function linesOfKey(lines: readonly TrustLine[], publicKeyHex: string): readonly TrustLine[] {
  const known = indexes.get(lines);
  const index = known ?? indexLines(lines);
  if (known === undefined) indexes.set(lines, index);
  return index.get(publicKeyHex) ?? [];
}

function indexLines(lines: readonly TrustLine[]): LinesByKey {
  const index = new Map<string, TrustLine[]>();
  for (const line of lines) {
    const found = index.get(line.publicKeyHex);
    if (found === undefined) index.set(line.publicKeyHex, [line]);
    else found.push(line);
  }
  return index;
}
