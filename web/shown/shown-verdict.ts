/** A verdict as it is shown: words and numbers only, so that a worker computes it and the page draws it. @module */

import {
  countTree,
  knownFacts,
  PHASES,
  type SaidDifferences,
  type SaidFact,
  type SaidPhase,
  saidDifferences,
  saidFailure,
  saidPhases,
  sentenceOf,
  storedWords,
  treeBinding,
  treeWords,
} from "../../src/core/internal.ts";
import type { TrustAnswer } from "../trust/trust-choice.ts";
import type { Moved } from "../verify/moved-runs.ts";
import { type BundleReport, phaseOf } from "../verify/verify-bundle.ts";
import { doneWords, type ProjectVerdict, type VerdictWords, verdictWords } from "../words/verdict-words.ts";

/** Differences that are listed. The table of files has all of them. */
const MOST_DIFFERENCES = 200;

/** A verdict. Each text is safe to show as text. */
export interface ShownVerdict {
  readonly words: VerdictWords;
  /** What was done, in a sentence. */
  readonly done: string;
  readonly differences: SaidDifferences;
  readonly facts: readonly SaidFact[];
  readonly phases: readonly SaidPhase[];
  /** Whether the store keeps what was sealed, so that the user may verify it there. */
  readonly canUseStore: boolean;
}

/** Shows a report, and what the user's trust says about it and its project. `differences` are those of the report. */
export function shownVerdict(
  report: BundleReport,
  differences: SaidDifferences,
  trust: TrustAnswer | undefined,
  moved: Moved | undefined,
  project: ProjectVerdict,
): ShownVerdict {
  const words = verdictWords(report, trust, project);
  return {
    words: { ...words, next: nextWords(words.next, moved, project) },
    canUseStore: moved?.isKept === true,
    done: doneWords(report),
    differences,
    facts: shownFacts(report, trust),
    phases: shownPhases(report),
  };
}

function nextWords(next: string, moved: Moved | undefined, project: ProjectVerdict): string {
  if (moved?.explained !== undefined && project.moved !== undefined)
    return sentenceOf(storedWords(moved.explained.isStored));
  return moved?.isKept === true
    ? `The store has an object for each file: verify it as stored. ${next}`
    : next;
}

/** What exactly is not as it was sealed. Looks at every file: to be asked once for a report. */
export function shownDifferences({ failures }: BundleReport): SaidDifferences {
  return saidDifferences(failures(), MOST_DIFFERENCES);
}

function shownFacts(report: BundleReport, trust: TrustAnswer | undefined): readonly SaidFact[] {
  const { from, judged, verdict } = report;
  if (judged === undefined) return [];
  return knownFacts({
    runId: judged.opened.runId,
    bundleRoot: judged.bundleRoot,
    signer: judged.signer,
    files: judged.claims.length,
    verified: verdict.ok ? verdict.value : undefined,
    place: from === "store" ? "in the project's store" : undefined,
    tree: verdict.ok ? treeFact(report) : undefined,
    trust,
    said: saidFailure(judged.status),
  });
}

function treeFact({ from, hasUnboundTree, tree }: BundleReport): string | undefined {
  if (hasUnboundTree) return "there is one, but the signature does not name it: not looked at";
  if (tree?.tree.ok !== true) return undefined;
  const words = treeWords(countTree(tree.tree.value));
  if (tree.state === "checked") return words;
  const why = from === "folder" ? "a browser does not see them in a folder" : `the ${from} has bytes only`;
  return `${words}, as the signer says: ${why}`;
}

function shownPhases({ judged, tree, verdict }: BundleReport): readonly SaidPhase[] {
  const phase = verdict.ok ? undefined : phaseOf(verdict);
  const failedAt = phase === "chain" ? undefined : phase;
  const hasTree = judged !== undefined && treeBinding(judged) !== undefined;
  // Without a failed phase there is no verdict: what needs no files has passed.
  const reached =
    verdict.ok || failedAt !== undefined
      ? PHASES.length
      : judged === undefined
        ? 0
        : PHASES.indexOf("outputs");
  const skipped = reached === PHASES.length ? [] : [...PHASES.slice(reached), "tree" as const];
  return saidPhases({ failedAt, hasTree, skipped, isDeclared: tree?.state === "declared" });
}
