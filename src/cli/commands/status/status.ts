/** `runseal status`: whether a folder is as the last run of its project sealed it, and what changed. @module */

import { join, resolve } from "node:path";
import type { HistoryRun } from "../../../core/internal.ts";
import { findGuard } from "../../../node/back/guard/guard-place.ts";
import { listSnapshots } from "../../../node/back/guard/list-snapshots.ts";
import { inspectBundle, type SeenRun } from "../../../node/judge/history/inspect-run.ts";
import { findNewestRun } from "../../../node/judge/history/newest-run.ts";
import { NEWEST_RUNS, type ReadHistory } from "../../../node/judge/history/read-history.ts";
import { readUnlistedRuns } from "../../../node/judge/history/runs-without-bundles.ts";
import { type JudgedHistoryRun, judgeHistory } from "../../../node/judge/history/verify-history.ts";
import { type ProjectPlace, projectPlace } from "../../../node/library/places/project-place.ts";
import { runsFolderOf } from "../../../node/records/project/project-names.ts";
import { readWaitingRuns } from "../../../node/records/project/waiting-runs.ts";
import type { ConsentOptions } from "../../options/confirmed.ts";
import { knowingGuardsKey } from "../../options/guards-own-key.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import {
  choiceOfGuard,
  chooseTrust,
  type TrustAnswer,
  type TrustOptions,
} from "../../options/trust-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import { faultsOfHistory } from "../../verdict/finding-text.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";
import { compareFolder } from "../diff/compare-folder.ts";
import { withFiles } from "../diff/diff-sides.ts";
import { trustOf } from "../history/run-facts.ts";
import { acceptHistory } from "./accept-history.ts";
import { type GuardState, type LastRun, type Status, statusFacts } from "./status-facts.ts";
import { ownKey, trustedSigners } from "./status-keys.ts";
import type { StatusResult } from "./status-results.ts";
import { firstSteps, statusLines } from "./status-text.ts";

/** The options as parsed. */
export interface StatusOptions extends TrustOptions, JobsOptions, ProgressOptions, ConsentOptions {
  readonly acceptHistory?: true | undefined;
  readonly project?: string | undefined;
}

/** Runs of a guard that a status lists. */
const MOST_LISTED = 3;

/** Looks at the project, and hashes the outputs of its last run. Throws usage errors. */
export async function runStatus(options: StatusOptions, io: Io): Promise<Report> {
  const chosen = chooseTrust(options, io);
  if ("report" in chosen) return chosen.report;
  const known = await knowingGuardsKey(chosen, options.project, io);
  const key = ownKey(io);
  const place = projectPlace(options.project, io);
  if (!place.ok) {
    const isNowhere = place.code === "PROJECT_NOT_FOUND" && options.project === undefined;
    return withHints(operationReport(place), isNowhere ? firstSteps(key) : undefined);
  }
  const isGuard = place.value.home !== place.value.root;
  const choice = isGuard ? choiceOfGuard(known, known.guardsKey) : known;
  const accepted =
    options.acceptHistory === true ? await acceptHistory(place.value.home, options, choice, io) : undefined;
  if (accepted !== undefined && "facts" in accepted) return accepted;
  using work = new ShownWork(options, io);
  const { home } = place.value;
  const read = await judgeHistory({ ...work, root: home, newest: NEWEST_RUNS });
  if (!read.ok) return "phase" in read ? rejectedReport(read, {}) : operationReport(read);
  const unlisted = await readUnlistedRuns(home);
  if (!unlisted.ok) return operationReport(unlisted);
  const run = lastRunOf(read.value);
  const decide = (seen: SeenRun): TrustAnswer | undefined => trustOf(seen.sealed, choice, io.now());
  const last = run === undefined ? undefined : await lookAtLast(run, place.value, decide, work);
  const guard = await lookAtGuard(place.value, last, decide, work, io);
  if (guard !== undefined && "code" in guard)
    return "phase" in guard ? rejectedReport(guard, {}) : operationReport(guard);
  const status: Status = {
    read: read.value,
    faults: faultsOfHistory(read.value.history, choice, io.now()),
    last,
    guard,
    isGuard,
    unlisted: unlisted.value,
    waiting: readWaitingRuns(home),
    key,
    signers: trustedSigners(choice),
  };
  const text = statusLines(status, io.colour, io.columns);
  const remarks = accepted === undefined ? [] : [accepted];
  return doneReport<StatusResult>("looked at", statusFacts(status), text, { remarks });
}

/** The bundle that HEAD names, if it is here. */
function lastRunOf({ heads, history }: ReadHistory<JudgedHistoryRun>): HistoryRun | undefined {
  const { head } = heads;
  if (typeof head === "string") return undefined;
  return [...history.places.keys()].find(({ runId }) => runId === head.runId);
}

async function lookAtLast(
  { runId }: Pick<HistoryRun, "runId">,
  { home, root }: ProjectPlace,
  decide: (seen: SeenRun) => TrustAnswer | undefined,
  work: ShownWork,
): Promise<LastRun> {
  const { seen } = withFiles({ seen: inspectBundle(join(runsFolderOf(home), runId)), home });
  const trust = decide(seen);
  if (seen.failure !== undefined) return { seen, trust, compared: undefined };
  const bundle = join(runsFolderOf(home), seen.run.runId);
  const compared = await compareFolder({ bundle, root, home, ...work });
  return "code" in compared
    ? { seen: { ...seen, failure: compared }, trust, compared: undefined }
    : { seen, trust, compared };
}

/** What the guard at hand has: the place that is asked about, or beside it that of the same folder. */
async function lookAtGuard(
  { home, root }: ProjectPlace,
  last: LastRun | undefined,
  decide: (seen: SeenRun) => TrustAnswer | undefined,
  work: ShownWork,
  { cwd, environment }: Io,
): Promise<GuardState | Exclude<Awaited<ReturnType<typeof listSnapshots>>, { ok: true }> | undefined> {
  const isGuard = home !== root;
  const beside = isGuard ? undefined : findGuard(resolve(cwd, root), environment);
  if (!isGuard && beside?.root !== ".") return undefined;
  const own = beside?.path ?? home;
  const listed = await listSnapshots({ ...work, home: own, limit: MOST_LISTED });
  if (!listed.ok) return listed;
  if (isGuard) return { last, listed: listed.value };
  const newest = findNewestRun(own, environment);
  const place = { home: own, root };
  return {
    last: newest.ok ? await lookAtLast(newest.value, place, decide, work) : undefined,
    listed: listed.value,
  };
}
