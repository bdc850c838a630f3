/** The run that a command is about if none is named: the newest of the project's history, by HEAD. @module */

import { join } from "node:path";
import { runName } from "../../core/system/paths/run-name.ts";
import { findNewestRun, type NewestRun } from "../../node/judge/history/newest-run.ts";
import { placeForm } from "../../node/library/places/place-form.ts";
import { projectPlace } from "../../node/library/places/project-place.ts";
import { stepsBack } from "../../node/records/bundle/run-names.ts";
import { runsFolderOf } from "../../node/records/project/project-names.ts";
import { operationReport } from "../output/failure-report.ts";
import type { Io } from "../output/io.ts";
import { note, type Report, warning, withHints } from "../output/report.ts";

/**
 * Acts on the bundle that was named; if none was, on the newest run of the project. The report then says which run that is. Ends as `projectPlace` and `findNewestRun` fail.
 */
export async function onNamedOrNewest(
  named: string | undefined,
  project: string | undefined,
  io: Io,
  act: (named: string) => Report | Promise<Report>,
): Promise<Report> {
  if (named !== undefined) return await act(named);
  const place = projectPlace(project, io);
  if (!place.ok) return operationReport(place);
  const { home } = place.value;
  const newest = findNewestRun(home, io.environment);
  if (!newest.ok) return operationReport(newest);
  return withNewest(lostHint(await act(operandOf(home, newest.value.runId))), newest.value);
}

/** What names a run of a project. Another machine may have given it an id that means something else here. */
export function operandOf(home: string, runId: string): string {
  const isName = placeForm(runId) === undefined && stepsBack(runId) === undefined;
  return isName ? runId : join(runsFolderOf(home), runId);
}

/** HEAD named the run: no other one is meant. */
function lostHint(report: Report): Report {
  const { code, details } = report.facts;
  const isLost = code === "RUN_NOT_FOUND" && "reason" in details && details.reason === "id";
  if (!isLost) return report;
  return withHints(report, [
    "HEAD names the run, and its bundle was removed: get it back from a copy of the project",
  ]);
}

/** Adds which run was taken. */
function withNewest(report: Report, { isBehind, runId }: NewestRun): Report {
  return {
    ...report,
    facts: { ...report.facts, newest_run_id: runId },
    remarks: [
      note(`no run was named: this is the newest, ${runName(runId)}`),
      ...(isBehind ? [BEHIND] : []),
      ...(report.remarks ?? []),
    ],
  };
}

const BEHIND = warning(
  "this machine has seen a newer run here, which is not in the history any more",
  "runseal verify --history says what does not fit",
);
