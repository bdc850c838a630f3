/** Words for what does not fit into a history. @module */

import {
  type FailedRun,
  type History,
  type HistoryCut,
  type HistoryFinding,
  type HistoryHeads,
  type HistoryPlace,
  type HistoryRun,
  historyWords,
  quote,
  runsWords,
  signedCut,
} from "../../core/internal.ts";
import type { JudgedHistoryRun } from "../../node/history/verify-history.ts";
import type { AnyCode } from "../codes/codes.ts";
import { answerTrust, type TrustAnswer, type TrustChoice } from "../options/trust-options.ts";
import { countOf } from "../text/count-text.ts";
import { failureMessage } from "./verify-text.ts";

/** A finding about judged runs, or about runs of which only the claims were read. */
type Finding = HistoryFinding<HistoryRun & Partial<Pick<JudgedHistoryRun, "failure">>>;

/** A cut whose signer the policy does not trust: any key can sign one, and hide removed runs. */
interface RefusedCut {
  readonly code: "CUT_REFUSED";
  readonly trust: TrustAnswer;
}

/** Why a line is not whole. */
export type LineFault = Finding | RefusedCut;

/** Judges the line of a project: `status`, `log` and a report call it whole, and `verify --history` accepts it, only without faults. The key of a guard may cut its own line. */
export function lineFaults(
  { cut, findings }: Pick<History<HistoryRun>, "cut" | "findings">,
  choice: TrustChoice,
  now: number,
): readonly LineFault[] {
  const trust = cutTrust(cut, choice, now);
  const holds = trust === undefined || trust.ok || trust.guards_own_key === true;
  return holds ? findings : [...findings, { code: "CUT_REFUSED", trust }];
}

/** What the policy says of the signer of a cut; undefined if nothing was forgotten. */
export function cutTrust(
  cut: HistoryCut | undefined,
  choice: TrustChoice,
  now: number,
): TrustAnswer | undefined {
  return cut && answerTrust(choice, signedCut(cut), now);
}

/** The code of a fault; for a rejected bundle, the code of its verdict. */
export function codeOfFinding(finding: LineFault): AnyCode {
  if (finding.code === "CUT_REFUSED") return finding.trust.code;
  if (finding.code !== "RUN_REJECTED") return finding.code;
  if (finding.run.failure === undefined) throw new TypeError("a run is rejected for a reason");
  return finding.run.failure.code;
}

/** One sentence for a fault. */
export function findingWords(finding: LineFault): string {
  if (finding.code === "CUT_REFUSED") return `the cut at its beginning: ${finding.trust.reason}`;
  if (finding.code !== "RUN_REJECTED") return historyWords(finding);
  const { failure, runId } = finding.run;
  return `run ${quote(runId)}: ${failure === undefined ? "rejected" : failureMessage(failure)}`;
}

/** The whole root of a bundle that is not there, to look for it in a backup. */
export function missingBundleLines(finding: LineFault): readonly string[] {
  return finding.code === "HISTORY_GAP" ? [`missing: the bundle with the hash ${finding.previous}`] : [];
}

/** Notes on a sound history: runs that are not in its line. */
export function historyLines(history: History<HistoryRun>, { remembered }: HistoryHeads): string {
  const named = (wanted: HistoryPlace): readonly HistoryRun[] =>
    [...history.places].flatMap(([run, place]) => (place === wanted ? [run] : []));
  const failed = named("beside");
  const unfinished = named("unfinished");
  const killed = killedRuns(history);
  const { cut } = history;
  return [
    cut === undefined
      ? ""
      : `note: HISTORY_CUT: the line begins here: ${countOf(cut.forgotten, "older bundle")} ${cut.forgotten === 1 ? "was" : "were"} forgotten, the last ones at ${cut.cutAt}\n`,
    failed.length === 0 ? "" : `failed      ${runsWords(failed)}, not in the line\n`,
    killed.length === 0 ? "" : `killed      ${runsWords(killed)}, before there was a bundle\n`,
    unfinished.length === 0
      ? ""
      : `note: a seal was cut off: ${runsWords(unfinished)} is sealed, and the next seal takes it into the line\n`,
    remembered === undefined
      ? "note: this machine remembers no head of this project: so it can't see whether newer runs were removed\n"
      : "",
  ].join("");
}

/** Runs in the line's lists that were killed before they had a bundle. */
export function killedRuns({ line }: History<HistoryRun>): readonly FailedRun[] {
  return line.flatMap(({ failedRuns }) =>
    failedRuns.listed.filter(({ bundleRoot }) => bundleRoot === undefined),
  );
}
