/** A verdict as it is shown: words and numbers only, so that a worker computes it and the page draws it. @module */

import { quoteIfNeeded, type Rejection, type Undecided } from "../../src/core/internal.ts";
import type { TrustAnswer } from "../trust/trust-choice.ts";
import type { Moved } from "../verify/moved-on.ts";
import type { BundleReport } from "../verify/verify-bundle.ts";
import { movedWords } from "../words/moved-words.ts";
import {
  aspectWords,
  doneWords,
  type ProjectVerdict,
  type VerdictWords,
  verdictWords,
} from "../words/verdict-words.ts";
import { type ShownFact, shownFacts } from "./shown-facts.ts";
import { type ShownPhases, shownPhases } from "./shown-phases.ts";

/** Differences that are listed. The table of files has all of them. */
const MOST_DIFFERENCES = 200;

/** One difference. */
export interface ShownDifference {
  readonly code: string;
  /** Quoted. */
  readonly path: string;
  /** In what an entry differs; empty for a file. */
  readonly aspect: string;
}

/** The first differences, and how many there are. */
export interface ShownDifferences {
  readonly count: number;
  readonly first: readonly ShownDifference[];
}

/** A verdict. Each text is safe to show as text. */
export interface ShownVerdict {
  readonly words: VerdictWords;
  /** What was done, in a sentence. */
  readonly done: string;
  readonly differences: ShownDifferences;
  readonly facts: readonly ShownFact[];
  readonly phases: ShownPhases;
  /** Whether the store keeps what was sealed, so that the user may verify it there. */
  readonly canUseStore: boolean;
}

/** Shows a report, and what the user's trust says about it and its project. `differences` are those of the report. */
export function shownVerdict(
  report: BundleReport,
  differences: ShownDifferences,
  trust: TrustAnswer | undefined,
  moved: Moved | undefined,
  project: ProjectVerdict,
): ShownVerdict {
  const words = verdictWords(report, trust, project);
  const isExplained = project.moved !== undefined;
  return {
    words: { ...words, next: moved === undefined ? words.next : movedWords(moved, isExplained, words.next) },
    canUseStore: moved?.isKept === true,
    done: doneWords(report),
    differences,
    facts: shownFacts(report, trust),
    phases: shownPhases(report),
  };
}

/** What exactly is not as it was sealed. Looks at every file: to be asked once for a report. */
export function shownDifferences({ failures }: BundleReport): ShownDifferences {
  const first: ShownDifference[] = [];
  let count = 0;
  for (const failure of failures()) if (count++ < MOST_DIFFERENCES) first.push(shownDifference(failure));
  return { count, first };
}

function shownDifference({ code, details }: Rejection | Undecided): ShownDifference {
  return { code, path: quoteIfNeeded(details.path ?? ""), aspect: aspectWords(details) };
}
