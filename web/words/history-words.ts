/** The line of runs in words. @module */

import {
  type History,
  type HistoryFinding,
  type HistoryPlace,
  historyWords,
  quote,
} from "../../src/core/internal.ts";
import type { ProjectRun } from "../verify/read-project.ts";
import { countOf } from "./count-text.ts";
import { failureWords } from "./verdict-words.ts";

/** What a run's place means, in a word or two. */
export const PLACE_WORDS: Readonly<Record<HistoryPlace, string>> = {
  line: "in the line",
  beside: "failed, beside the line",
  unfinished: "sealed, not yet in the line",
  following: "after HEAD",
  branch: "on another branch",
  forgotten: "before the cut",
  beyond: "beyond a gap",
  foreign: "not of this line",
  unknown: "place unknown",
};

/** The words of a finding. */
export function findingWords(finding: HistoryFinding<ProjectRun>): string {
  if (finding.code !== "RUN_REJECTED") return historyWords(finding);
  const { failure, runId } = finding.run;
  return `run ${quote(runId)}: ${failure === undefined ? "rejected" : failureWords(failure)}`;
}

/** One sentence for a line of runs. */
export function lineWords({ cut, line }: History<ProjectRun>, faults: number): string {
  const runs = `${countOf(line.length, "run")} in the line`;
  const from = cut === undefined ? "" : `; ${countOf(cut.forgotten, "older run")} forgotten`;
  if (faults > 0) return `${runs}${from}. ${countOf(faults, "finding")}:`;
  return `${runs}${from}. Each names the one before it, and each signature holds.`;
}
