/** What is not as it was sealed, in words. @module */

import { countOf } from "../bytes/count-text.ts";
import type { Rejection, Undecided } from "../codes/verdict.ts";
import { quote, quoteIfNeeded } from "../paths/quote.ts";

/** One difference. */
export interface SaidDifference {
  readonly code: string;
  /** In a word or two. */
  readonly what: string;
  /** Quoted if needed. */
  readonly path: string;
  /** In what it differs; empty if `what` says it all. */
  readonly how: string;
}

/** The first differences, and how many more there are. */
export interface SaidDifferences {
  readonly listed: readonly SaidDifference[];
  readonly more: number;
}

/**
 * Says up to `most` differences. Reads all of them: each may cost a look at a file's finding. A tree that can't be judged is a failure
 * without a path, and none.
 */
export function saidDifferences(failures: Iterable<Rejection | Undecided>, most: number): SaidDifferences {
  const listed: SaidDifference[] = [];
  let more = 0;
  for (const { code, details } of failures) {
    const { path } = details;
    if (path === undefined) continue;
    if (listed.length < most)
      listed.push({ code, what: WORDS[code] ?? code, path: quoteIfNeeded(path), how: howOf(code, details) });
    else more++;
  }
  return { listed, more };
}

const WORDS: Readonly<Record<string, string>> = {
  HASH_MISMATCH: "changed",
  OUTPUT_MISSING: "missing",
  TREE_ENTRY_MISSING: "missing",
  TREE_ENTRY_DIFFERS: "differs",
  TREE_EXTRA: "not sealed",
  READ_FAILED: "not readable",
  CHANGED_WHILE_READ: "changing",
};

function howOf(code: string, details: Rejection["details"]): string {
  const { actual, aspect, declared_bytes, expected, found_bytes, kind } = details;
  if (aspect !== undefined)
    return `${aspect} ${quoteIfNeeded(actual ?? "")}, not ${quoteIfNeeded(expected ?? "")}`;
  if (found_bytes !== undefined && declared_bytes !== undefined)
    return `not read: more than the ${countOf(declared_bytes, "byte")} that were sealed`;
  if (code !== "HASH_MISMATCH") return kind ?? "";
  return `is ${shortDigest(actual)}, was ${shortDigest(expected ?? undefined)}`;
}

/** Enough of a digest to tell two apart; what is not a digest is quoted. */
function shortDigest(declared: string | undefined): string {
  if (declared === undefined) return "no digest";
  return /^sha256:[0-9a-f]{64}$/.test(declared) ? `${declared.slice(7, 23)}…` : quote(declared);
}
