/** Words for what does not fit into a history. @module */

import {
  type FailedRun,
  type History,
  type HistoryFinding,
  type HistoryHeads,
  type HistoryPlace,
  type HistoryRun,
  quote,
} from "../../core/internal.ts";
import type { JudgedHistoryRun } from "../../node/index.ts";
import type { AnyCode } from "../codes/codes.ts";
import { countOf, numberOf } from "../text/count-text.ts";
import { failureMessage } from "./verify-text.ts";

/** Runs that one sentence names. */
const MAX_NAMED = 5;

/** The code that a finding leaves the program with: of a rejected bundle, its own verdict's. */
export function codeOfFinding(finding: HistoryFinding<JudgedHistoryRun>): AnyCode {
  if (finding.code !== "RUN_REJECTED") return finding.code;
  if (finding.run.failure === undefined) throw new TypeError("a run is rejected for a reason");
  return finding.run.failure.code;
}

/** One sentence for a finding. */
export function findingWords(finding: HistoryFinding<JudgedHistoryRun>): string {
  switch (finding.code) {
    case "HEAD_MISSING":
      return "runs were sealed here, but .runseal/HEAD, which names the last of them, is not there";
    case "HEAD_MALFORMED":
      return finding.field === undefined
        ? ".runseal/HEAD is not what runseal writes there"
        : `.runseal/HEAD does not name its run rightly: "${finding.field}" is not the bundle's`;
    case "HISTORY_TRUNCATED":
      return `run ${quote(finding.remembered.runId)}, which this machine saw sealed here, is not in the line any more`;
    case "HISTORY_ROLLED_BACK":
      return `HEAD was set back: ${namesWords(finding.following)} ${finding.following.length === 1 ? "follows" : "follow"} the run that it names`;
    case "HISTORY_FORK":
      return `${namesWords(finding.runs)} name the same run before them`;
    case "HISTORY_GAP":
      return finding.by === undefined
        ? `HEAD names the bundle ${shortRoot(finding.previous)}, which is not here`
        : `run ${quote(finding.by.runId)} names the bundle ${shortRoot(finding.previous)} before it, which is not here`;
    case "HISTORY_FAILED_RUN_MISSING":
      return `run ${quote(finding.run.runId)} lists failed ${namesWords(finding.missing)}, ${finding.missing.length === 1 ? "whose bundle is" : "whose bundles are"} not here`;
    case "HISTORY_PROOF_MISMATCH":
      return `the proof of run ${quote(finding.run.runId)} does not name the proof of the run before it`;
    case "HISTORY_FOREIGN":
      return `run ${quote(finding.run.runId)} has no place in this project's line`;
    case "RUN_REJECTED": {
      const { failure, runId } = finding.run;
      return `run ${quote(runId)}: ${failure === undefined ? "" : failureMessage(failure)}`;
    }
  }
}

/** What there is to know of a history that holds, besides its line. */
export function historyLines(history: History<HistoryRun>, { remembered }: HistoryHeads): string {
  const named = (wanted: HistoryPlace): readonly HistoryRun[] =>
    [...history.places].flatMap(([run, place]) => (place === wanted ? [run] : []));
  const failed = named("beside");
  const unfinished = named("unfinished");
  const killed = killedRuns(history);
  return [
    failed.length === 0 ? "" : `failed      ${namesWords(failed)}, not in the line\n`,
    killed.length === 0 ? "" : `killed      ${namesWords(killed)}, before there was a bundle\n`,
    unfinished.length === 0
      ? ""
      : `note: a seal was cut off: ${namesWords(unfinished)} is sealed, and the next seal takes it into the line\n`,
    remembered === undefined
      ? "note: this machine remembers no head of this project: whether newer runs were taken away can't be told\n"
      : "",
  ].join("");
}

/** The beginning of a root, as key ids are shown. */
function shortRoot(root: string): string {
  return `${root.slice(0, 8)}…`;
}

/** Runs of which the line says that they were killed before they had a bundle. */
export function killedRuns({ line }: History<HistoryRun>): readonly FailedRun[] {
  return line.flatMap(({ failedRuns }) =>
    failedRuns.listed.filter(({ bundleRoot }) => bundleRoot === undefined),
  );
}

function namesWords(runs: readonly Pick<HistoryRun, "runId">[]): string {
  const shown = runs.slice(0, MAX_NAMED).map(({ runId }) => quote(runId));
  const more = runs.length - shown.length;
  const list = more > 0 ? [...shown, `${numberOf(more)} more`] : shown;
  const last = list.pop() ?? countOf(0, "run");
  const words = list.length === 0 ? last : `${list.join(", ")} and ${last}`;
  return `${runs.length === 1 ? "run" : "runs"} ${words}`;
}
