/** What `verify --history` says of a project's history. @module */

import type { ChainNote, History, HistoryPlace, HistoryRun } from "../../../core/internal.ts";
import type { ReadHistory } from "../../../node/judge/history/read-history.ts";
import type { JudgedHistoryRun } from "../../../node/judge/history/verify-history.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { failureReport } from "../../output/failure-report.ts";
import type { Report } from "../../output/report.ts";
import type { FindingFacts } from "../../results/run-verdicts.ts";
import { type FaultOfHistory, faultLines, killedRuns } from "../../verdict/finding-text.ts";
import { renameHint } from "../../verdict/renamed-text.ts";
import { cutFacts, failedRunFacts, headFacts, signerFacts } from "../../verdict/verdict-facts.ts";
import { failureMessage } from "../../verdict/verify-text.ts";
import type { HistoryFindingFacts, VerifyHistoryResult } from "./verify-results.ts";

/** What only a project's history has. */
type ProjectHistoryFacts = Pick<
  VerifyHistoryResult,
  "head" | "remembered" | "failed_run_ids" | "killed_run_ids" | "unfinished_run_ids" | "cut"
>;

/** The note that a history begins at a cut. */
export function cutNotes({ cut, line }: History<JudgedHistoryRun>): readonly ChainNote[] {
  const first = line[0]?.runId;
  return cut === undefined || first === undefined
    ? []
    : [{ code: "HISTORY_CUT", run_id: first, subject: cut.cutAt }];
}

/** All findings; the first decides the code. No output was looked at: the history is not what it should be. */
export function findingsReport(
  faults: readonly FaultOfHistory[],
  { line }: History<JudgedHistoryRun>,
  known: Partial<VerifyHistoryResult>,
): Report {
  const [first] = faults;
  if (first === undefined) throw new TypeError("there is a finding");
  const { code, words: message } = first;
  const others = faults.length - 1;
  const findings: readonly HistoryFindingFacts[] = faults.map((fault) => ({
    code: fault.code,
    message: fault.words,
    ...findingFacts(fault),
  }));
  return failureReport<VerifyHistoryResult>({
    code,
    where: { phase: "chain" },
    message,
    shown: others === 0 ? message : `${message} (and ${others} more)`,
    details: findingFacts(first),
    known: { findings, run_ids: line.map(({ runId }) => runId), ...known },
    list: faultLines(faults),
    hints: [...new Set(faults.map(hintOf))],
  });
}

/** What to do about a finding. */
function hintOf({ code, finding }: FaultOfHistory): string {
  const failure = finding?.code === "RUN_REJECTED" ? finding.run.failure : undefined;
  const sealedAs =
    failure !== undefined && "sealed_as" in failure.details ? failure.details.sealed_as : undefined;
  return sealedAs === undefined ? remedyOf(code) : renameHint(sealedAs);
}

/** The facts of a finding, for a program. */
function findingFacts({ finding }: FaultOfHistory): Omit<HistoryFindingFacts, keyof FindingFacts> {
  switch (finding?.code) {
    case undefined:
    case "HEAD_MISSING":
      return {};
    case "HEAD_MALFORMED":
      return finding.field === undefined ? {} : { field: finding.field };
    case "HISTORY_TRUNCATED":
      return { run_id: finding.remembered.runId, bundle_root: finding.remembered.bundleRoot };
    case "HISTORY_ROLLED_BACK":
      return { run_ids: finding.following.map(({ runId }) => runId) };
    case "HISTORY_FORK":
      return { bundle_root: finding.previous, run_ids: finding.runs.map(({ runId }) => runId) };
    case "HISTORY_GAP":
      return { bundle_root: finding.previous, run_id: finding.by?.runId ?? null };
    case "HISTORY_FAILED_RUN_MISSING":
      return {
        run_id: finding.run.runId,
        missing: finding.missing.map(failedRunFacts),
      };
    case "HISTORY_GUARD_MISSING":
      return { run_id: finding.run.runId, missing_snapshots: finding.missing };
    case "HISTORY_CUT_INVALID":
      return { reason: finding.reason };
    case "HISTORY_PROOF_MISMATCH":
    case "HISTORY_FOREIGN":
      return { run_id: finding.run.runId };
    case "RUN_REJECTED": {
      const { failure, runId } = finding.run;
      return { run_id: runId, ...(failure === undefined ? {} : { reason: failureMessage(failure) }) };
    }
  }
}

export function historyFacts({ heads, history }: ReadHistory<JudgedHistoryRun>): ProjectHistoryFacts {
  const inPlace = (wanted: HistoryPlace): readonly string[] =>
    [...history.places].flatMap(([run, place]: [HistoryRun, HistoryPlace]) =>
      place === wanted ? [run.runId] : [],
    );
  return {
    head: headFacts(heads.head),
    remembered: headFacts(heads.remembered),
    failed_run_ids: inPlace("beside").toSorted(),
    killed_run_ids: killedRuns(history).map(({ runId }) => runId),
    unfinished_run_ids: inPlace("unfinished"),
    cut:
      history.cut === undefined
        ? null
        : { ...cutFacts(history.cut), signer: signerFacts(history.cut.signer) },
  };
}
