/** What is not as it was sealed, in words. @module */

import { countOf } from "../../system/bytes/count-text.ts";
import {
  type Difference,
  isDifference,
  isUndecided,
  type Rejection,
  type Undecided,
} from "../../system/codes/verdict.ts";
import { quote, quoteIfNeeded } from "../../system/paths/quote.ts";

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
  for (const failure of failures) {
    if (!isDifference(failure) && !isUndecided(failure)) continue;
    const { code, details } = failure;
    if (listed.length < most)
      listed.push({ code, what: WORDS[code], path: quoteIfNeeded(details.path), how: howOf(failure) });
    else more++;
  }
  return { listed, more };
}

const WORDS: Readonly<Record<(Difference | Undecided)["code"], string>> = {
  HASH_MISMATCH: "changed",
  OUTPUT_MISSING: "missing",
  TREE_ENTRY_MISSING: "missing",
  TREE_ENTRY_DIFFERS: "differs",
  TREE_EXTRA: "not sealed",
  READ_FAILED: "not readable",
  CHANGED_WHILE_READ: "changing",
};

function howOf({ code, details }: Difference | Undecided): string {
  switch (code) {
    case "HASH_MISMATCH":
      return details.found_bytes === undefined
        ? `is ${shortDigest(details.actual)}, was ${shortDigest(details.expected ?? undefined)}`
        : `not read: more than the ${countOf(details.declared_bytes, "byte")} that were sealed`;
    case "TREE_ENTRY_DIFFERS":
      return `${details.aspect} ${quoteIfNeeded(details.actual)}, not ${quoteIfNeeded(details.expected)}`;
    case "TREE_ENTRY_MISSING":
    case "TREE_EXTRA":
      return details.kind;
    default:
      return "";
  }
}

/** Enough of a digest to tell two apart; what is not a digest is quoted. */
function shortDigest(declared: string | undefined): string {
  if (declared === undefined) return "no digest";
  return /^sha256:[0-9a-f]{64}$/.test(declared) ? `${declared.slice(7, 23)}…` : quote(declared);
}
