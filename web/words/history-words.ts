/** The line of runs in words. @module */

import { type History, type HistoryFinding, type HistoryPlace, quote } from "../../src/core/internal.ts";
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

/** One sentence for a finding. */
export function findingWords(finding: HistoryFinding<ProjectRun>): string {
  switch (finding.code) {
    case "HEAD_MISSING":
      return "Runs were sealed here, but .runseal/HEAD, which names the last of them, is not there.";
    case "HEAD_MALFORMED":
      return finding.field === undefined
        ? ".runseal/HEAD is not what runseal writes there."
        : `.runseal/HEAD does not name its run rightly: "${finding.field}" is not the bundle's.`;
    case "HISTORY_TRUNCATED":
      return `Run ${quote(finding.remembered.runId)} is not in the line any more.`;
    case "HISTORY_ROLLED_BACK":
      return `HEAD was set back: ${runsWords(finding.following)} come after the run that it names.`;
    case "HISTORY_FORK":
      return `${runsWords(finding.runs)} name the same run before them.`;
    case "HISTORY_GAP": {
      const by = finding.by === undefined ? "HEAD" : `Run ${quote(finding.by.runId)}`;
      return `${by} names the bundle ${finding.previous.slice(0, 8)}…, which is not here.`;
    }
    case "HISTORY_PROOF_MISMATCH":
      return `The proof of run ${quote(finding.run.runId)} does not name the proof of the run before it.`;
    case "HISTORY_FAILED_RUN_MISSING":
      return `Run ${quote(finding.run.runId)} lists ${countOf(finding.missing.length, "failed run")} whose bundles are not here.`;
    case "HISTORY_GUARD_MISSING":
      return `The guarded run ${quote(finding.run.runId)} names ${countOf(finding.missing.length, "snapshot")} outside the line.`;
    case "HISTORY_CUT_INVALID":
      return "CUT.json, which says where the line begins, does not hold.";
    case "RUN_REJECTED": {
      const { failure, runId } = finding.run;
      return `Run ${quote(runId)}: ${failure === undefined ? "rejected" : failureWords(failure)}.`;
    }
    case "HISTORY_FOREIGN":
      return `Run ${quote(finding.run.runId)} has no place in this line.`;
  }
}

/** One sentence for a line of runs. */
export function lineWords({ cut, line }: History<ProjectRun>, faults: number): string {
  const runs = `${countOf(line.length, "run")} in the line`;
  const from = cut === undefined ? "" : `; ${countOf(cut.forgotten, "older run")} forgotten`;
  if (faults > 0) return `${runs}${from}. ${countOf(faults, "finding")}:`;
  return `${runs}${from}. Each names the one before it, and each signature holds.`;
}

function runsWords(runs: readonly ProjectRun[]): string {
  const [first] = runs;
  if (first === undefined) return "no runs";
  const more = runs.length > 1 ? ` and ${countOf(runs.length - 1, "other run")}` : "";
  return `run ${quote(first.runId)}${more}`;
}
