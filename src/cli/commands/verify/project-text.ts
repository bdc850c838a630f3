/** What the project of a run adds to its verdict, in words and in facts. @module */

import { brokenHistoryWords, type MovedOn, storedWords } from "../../../core/internal.ts";
import type { VerifyReport } from "../../../node/judge/verify/verify-bundle-files.ts";
import type { BundlePlace } from "../../../node/library/places/bundle-place.ts";
import { keepsOutputs } from "../../../node/records/store/hash-stored-claims.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { failureReport, withLateFault } from "../../output/failure-report.ts";
import { type Report, warning, withRemarks } from "../../output/report.ts";
import { shellWord } from "../../text/shell-word.ts";
import { type FaultOfHistory, faultLines } from "../../verdict/finding-text.ts";
import { storedHints, storeHint } from "../../verdict/stored-text.ts";
import { ACCEPTED, rejectedReport } from "../../verdict/verdict-facts.ts";
import type { ProjectVerdict } from "./project-verdict.ts";
import type { ProjectHistoryFacts, VerifyResult } from "./verify-results.ts";

/** The explanation of the differences by a later run, if the store is not damaged. */
export function movedOf({ explained }: ProjectVerdict): MovedOn | undefined {
  return explained?.stored.kind === "damaged" ? undefined : explained?.movedOn;
}

/** What a result has of it. */
export type ProjectFacts = Pick<VerifyResult, "moved_on" | "stored" | "history">;

/** The same for a program. */
export function projectFacts(project: ProjectVerdict, { source, verdict }: VerifyReport): ProjectFacts {
  const { explained, history } = project;
  const moved = movedOf(project);
  const isWhole = explained?.stored.kind === "whole" || (source === "store" && verdict.ok);
  const isDamaged =
    explained?.stored.kind === "damaged" ||
    (source === "store" && !verdict.ok && verdict.code === "HASH_MISMATCH");
  return {
    moved_on:
      moved === undefined ? null : { run_id: moved.runId, differing: moved.differing, files: moved.files },
    stored: isWhole ? "whole" : isDamaged ? "damaged" : null,
    history: history === undefined ? null : historyFacts(history.faults),
  };
}

function historyFacts(faults: readonly FaultOfHistory[]): ProjectHistoryFacts {
  const [first] = faults;
  if (first === undefined) return { ok: true, code: "OK" };
  const gap = faults.map(({ finding }) => finding).find((finding) => finding?.code === "HISTORY_GAP");
  return {
    ok: false,
    code: first.code,
    message: first.words,
    ...(gap === undefined
      ? {}
      : { missing: gap.previous, between: [gap.older?.runId ?? null, gap.by?.runId ?? null] }),
  };
}

/** The end of a verification, with the history that the verdict includes: a run that is not accepted keeps its own code. */
export function inHistory(report: Report, project: ProjectVerdict): Report {
  const { fault, history } = project;
  if (fault !== undefined) return "phase" in fault ? rejectedReport(fault, {}) : withLateFault(report, fault);
  const faults = history?.faults ?? [];
  const [first] = faults;
  if (first === undefined) return report;
  if (!report.facts.ok) return withRemarks(report, warning(brokenHistoryWords(first.words)));
  const { code: _code, details: _details, exit_code, message, ok, phase, ...known } = report.facts;
  const ended = failureReport(
    {
      code: first.code,
      where: { phase: "chain" },
      message: `this run is accepted; ${brokenHistoryWords(first.words)}`,
      known,
      list: faultLines(faults),
      hints: [remedyOf(first.code), "runseal verify --history judges all runs; runseal log lists them"],
    },
    report.text.replace(ACCEPTED, ""),
  );
  return { ...ended, remarks: report.remarks ?? [] };
}

/** A run that the store may keep. */
interface StoredRun {
  readonly name: string;
  readonly place?: BundlePlace | undefined;
  readonly project: ProjectVerdict;
}

/** What to do about files that are not as they were sealed. `others` are the hints of the failure itself. */
export function storeHints(
  report: VerifyReport,
  { name, place, project }: StoredRun,
  others: readonly string[] = [],
): readonly string[] {
  const { explained } = project;
  const { judged, source } = report;
  if (explained?.stored.kind === "damaged") {
    const { failure } = explained.stored;
    return ("phase" in failure ? storedHints("store", failure.code, failure.details) : undefined) ?? others;
  }
  if (explained !== undefined) {
    const isWhole = explained.stored.kind === "whole";
    const back = `; runseal restore ${shellWord(name)} --to DIR --mkdir brings it back`;
    return [`${storedWords(isWhole)}${isWhole ? back : ""}`];
  }
  const isKept =
    place !== undefined &&
    source === "root" &&
    judged !== undefined &&
    keepsOutputs(place.home, judged.claims);
  return isKept ? [storeHint, ...others] : others;
}
