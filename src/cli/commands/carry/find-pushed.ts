/** The runs that a push sends: those that are named, or with `--all` a project's whole history. @module */

import { join } from "node:path";
import { judgeHistory } from "../../../node/judge/history/verify-history.ts";
import type { PlaceOptions } from "../../../node/library/places/bundle-place.ts";
import { projectPlace } from "../../../node/library/places/project-place.ts";
import { runsFolderOf } from "../../../node/records/project/project-names.ts";
import { operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { placesOfBundles } from "../../options/run-operands.ts";
import { failureReport, operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { findingFaults } from "../../verdict/finding-text.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";
import type { PushedPlaces, PushJob } from "./push-job.ts";

/** Finds the runs of a push. No texts: the whole history. */
export async function findPushed({ options, runs }: PushJob, io: Io): Promise<PushedPlaces> {
  if (runs.length === 0) return await findWholeHistory(options, io);
  const places = placesOfBundles(runs, options, io);
  return places.ok ? { places: places.value } : { report: operationReport(places) };
}

/** Finds the runs of the history, oldest first. A history with a finding is refused: what is sent would not be all of it. */
async function findWholeHistory({ files, project }: PlaceOptions, io: Io): Promise<PushedPlaces> {
  const place = projectPlace(project, io);
  if (!place.ok) return { report: operationReport(place) };
  const { home, root } = place.value;
  const read = await judgeHistory({ root: home, environment: io.environment, signal: io.signal });
  if (!read.ok) return { report: "phase" in read ? rejectedReport(read, {}) : operationReport(read) };
  const { findings, line } = read.value.history;
  const [first] = findingFaults(findings);
  if (first !== undefined) {
    const hints = [
      "runseal verify --history lists all that does not fit",
      "to send single runs, name them instead of --all",
    ];
    return { report: failureReport({ code: first.code, message: first.words, hints }) };
  }
  if (line.length === 0)
    return {
      report: operationReport(operationFault("RUN_NOT_FOUND", { reason: "none", path: home, waiting: [] })),
    };
  const runs = runsFolderOf(home);
  return { places: line.map(({ runId }) => ({ bundle: join(runs, runId), home, root: files ?? root })) };
}
