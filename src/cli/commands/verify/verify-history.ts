/** `runseal verify --history` without runs: checks that the history is one line of sound runs by trusted signers. @module */

import type { ChainNote, History, HistoryCut, HistoryFinding, HistoryPlace, HistoryRun } from "../../../core/internal.ts";
import type { ReadHistory } from "../../../node/history/read-history.ts";
import { type JudgedHistoryRun, reportOnHistory } from "../../../node/history/verify-history.ts";
import { type ProjectPlace, projectPlace } from "../../../node/places/project-place.ts";
import type { ChainOutputsFrom } from "../../../node/verify/find-outputs.ts";
import { remedyOf } from "../../codes/codes.ts";
import { knowingGuardsKey } from "../../options/guards-own-key.ts";
import { type TrustChoice, chooseTrust } from "../../options/trust-options.ts";
import { failureReport, operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { showProgress } from "../../progress/show-progress.ts";
import type { FindingFacts, HeadFacts } from "../../results/run.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { rejectedChainReport, soundChainReport } from "../../verdict/chain-facts.ts";
import { codeOfFinding, findingWords, historyLines, killedRuns, missingBundleLines } from "../../verdict/finding-text.ts";
import { renameHint } from "../../verdict/renamed-text.ts";
import { failedRunFacts, signerFacts } from "../../verdict/verdict-facts.ts";
import { failureMessage } from "../../verdict/verify-text.ts";
import type { HistoryCutFacts, HistoryFindingFacts, VerifyHistoryResult } from "./verify-results.ts";
import { type HistoryOptions, chainFrom, rejectedOutputsReport } from "./verify-runs.ts";

/** What only a project's history has. */
type ProjectHistoryFacts = Pick<
  VerifyHistoryResult,
  "head" | "remembered" | "failed_run_ids" | "killed_run_ids" | "unfinished_run_ids" | "cut"
>;

type Finding = HistoryFinding<JudgedHistoryRun>;

/** Puts the project's runs in order and lists what does not fit. If everything fits, verifies each run with its outputs. */
export async function runHistoryVerify(options: HistoryOptions, io: Io): Promise<Report> {
  const from = chainFrom(options);
  const { jobs } = options;
  const chosen = chooseTrust(options, io);
  if ("report" in chosen) return chosen.report;
  const choice = await knowingGuardsKey(chosen, options.project, io);
  const project = projectPlace(options.project, io);
  if (!project.ok) return operationReport(project);
  const place = { ...project.value, root: options.files ?? project.value.root };
  return await judgeHistory(options, { choice, expected: options.expect, from, jobs, place }, io);
}

/** The parsed options. */
interface Means {
  readonly choice: TrustChoice;
  readonly expected: string | undefined;
  readonly from: ChainOutputsFrom;
  readonly jobs: number | undefined;
  readonly place: ProjectPlace;
}

async function judgeHistory(
  options: HistoryOptions,
  { choice, expected, from, jobs, place }: Means,
  io: Io,
): Promise<Report> {
  const { environment, signal } = io;
  using shown = showProgress(options, io);
  const verified = await reportOnHistory({
    ...place,
    environment,
    from,
    expectedChainRoot: expected,
    ignoreModes: options.ignoreModes,
    jobs,
    signal,
    progress: shown?.port,
  });
  if (!verified.ok)
    return "phase" in verified ? rejectedChainReport(verified, []) : operationReport(verified);
  const { heads, history, runs, verdict } = verified.value;
  const known = historyFacts(verified.value);
  const [first] = history.findings;
  if (first !== undefined) return findingsReport(first, history, known);
  if (verdict === undefined) throw new TypeError("a history without findings has a verdict");
  if (!verdict.ok) return rejectedOutputsReport(verdict, runs, known);
  const notes = [...cutNotes(history), ...verdict.value.notes];
  const more = {
    known: { ...known, notes },
    noun: "history",
    text: historyLines(history, heads),
    cut: history.cut,
  };
  return soundChainReport(verdict.value, runs, choice, io, more);
}

/** The note that a history begins at a cut. */
function cutNotes({ cut, line }: History<JudgedHistoryRun>): readonly ChainNote[] {
  const first = line[0]?.runId;
  return cut === undefined || first === undefined
    ? []
    : [{ code: "HISTORY_CUT", run_id: first, subject: cut.cutAt }];
}

/** All findings; the first decides the code. No output was looked at: the line is not what it should be. */
function findingsReport(
  first: Finding,
  { findings, line }: History<JudgedHistoryRun>,
  known: Partial<VerifyHistoryResult>,
): Report {
  const code = codeOfFinding(first);
  const message = findingWords(first);
  const others = findings.length - 1;
  const all: readonly HistoryFindingFacts[] = findings.map((finding) => ({
    code: codeOfFinding(finding),
    message: findingWords(finding),
    ...findingFacts(finding),
  }));
  const lines = boundedList(all.map((finding) => `${finding.code}: ${finding.message}`));
  return failureReport<VerifyHistoryResult>({
    code,
    where: { phase: "chain" },
    message,
    shown: others === 0 ? message : `${message} (and ${others} more)`,
    details: findingFacts(first),
    known: { findings: all, run_ids: line.map(({ runId }) => runId), ...known },
    list: others === 0 ? missingBundleLines(first) : lines,
    hints: [...new Set(findings.map(hintOf))],
  });
}

/** What to do about a finding. */
function hintOf(finding: Finding): string {
  const failure = finding.code === "RUN_REJECTED" ? finding.run.failure : undefined;
  const sealedAs =
    failure !== undefined && "sealed_as" in failure.details ? failure.details.sealed_as : undefined;
  return sealedAs === undefined ? remedyOf(codeOfFinding(finding)) : renameHint(sealedAs);
}

/** The facts of a finding, for a program. */
function findingFacts(finding: Finding): Omit<HistoryFindingFacts, keyof FindingFacts> {
  switch (finding.code) {
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

function historyFacts({ heads, history }: ReadHistory<JudgedHistoryRun>): ProjectHistoryFacts {
  const named = (head: typeof heads.head | undefined): HeadFacts | null =>
    head === undefined || typeof head === "string"
      ? null
      : { run_id: head.runId, bundle_root: head.bundleRoot };
  const inPlace = (wanted: HistoryPlace): readonly string[] =>
    [...history.places].flatMap(([run, place]: [HistoryRun, HistoryPlace]) =>
      place === wanted ? [run.runId] : [],
    );
  return {
    head: named(heads.head),
    remembered: named(heads.remembered),
    failed_run_ids: inPlace("beside").toSorted(),
    killed_run_ids: killedRuns(history).map(({ runId }) => runId),
    unfinished_run_ids: inPlace("unfinished"),
    cut: cutFacts(history.cut),
  };
}

/** Where the line begins after runs were forgotten, for a program. */
function cutFacts(cut: HistoryCut | undefined): HistoryCutFacts | null {
  if (cut === undefined) return null;
  const { bundleRoot, cutAt, failedRuns, forgotten, signer } = cut;
  return {
    bundle_root: bundleRoot,
    cut_at: cutAt,
    forgotten,
    failed_runs: failedRuns.map(failedRunFacts),
    signer: signerFacts(signer),
  };
}
