/**
 * Looks up the lines that list a key. A policy decides about thousands of countersignatures, and a trust file may
 * have a hundred thousand lines. So a decision must not read all of them.
 *
 * @module
 */

import { groupBy } from "../bytes/group-by.ts";
import type { TrustLine } from "./trust-line.ts";

const indexes = new WeakMap<readonly TrustLine[], ReadonlyMap<string, readonly TrustLine[]>>();

/** The lines that list a key, in their order. Keeps an index for each list of lines, which must not change. */
export function linesOfKey(lines: readonly TrustLine[], publicKeyHex: string): readonly TrustLine[] {
  const index = indexes.get(lines) ?? groupBy(lines, (line) => line.publicKeyHex);
  indexes.set(lines, index);
  return index.get(publicKeyHex) ?? [];
}
