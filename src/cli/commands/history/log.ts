/** `runseal log`: lists the sealed runs, newest first. @module */

import { join } from "node:path";
import { type HistoryPlace, type HistoryRun, historyRows, runsWords } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { findGuard } from "../../../node/back/guard/guard-place.ts";
import type { SeenRun } from "../../../node/judge/history/inspect-run.ts";
import { inspectBundle } from "../../../node/judge/history/inspect-run.ts";
import { readHeads } from "../../../node/judge/history/read-heads.ts";
import { NEWEST_RUNS } from "../../../node/judge/history/read-history.ts";
import { readUnlistedRuns } from "../../../node/judge/history/runs-without-bundles.ts";
import { judgeHistory } from "../../../node/judge/history/verify-history.ts";
import { cryptoFor } from "../../../node/judge/verify/chain-signatures.ts";
import { judgeBundle } from "../../../node/judge/verify/verify-bundle-files.ts";
import { projectPlace } from "../../../node/library/places/project-place.ts";
import { isRunId } from "../../../node/records/bundle/run-names.ts";
import { readRunIds } from "../../../node/records/project/near-runs.ts";
import { pulledFolderOf, runsFolderOf } from "../../../node/records/project/project-names.ts";
import { readWaitingRuns } from "../../../node/records/project/waiting-runs.ts";
import { ChainProgress } from "../../../node/system/runtime/chain-progress.ts";
import { breathe } from "../../../node/system/runtime/interruption.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import type { StoreOptions } from "../../options/guard-options.ts";
import { projectRoot } from "../../options/project-root.ts";
import type { RegistryOptions } from "../../options/registry-options.ts";
import { TRUST_FLAGS } from "../../options/shared-options.ts";
import { chooseTrust, type TrustOptions } from "../../options/trust-options.ts";
import { refuseGiven } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import {
  doneReport,
  isSilent,
  note,
  type Remark,
  type Report,
  warning,
  withRemarks,
} from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import { recordedCommand } from "../../text/recorded-command.ts";
import { waitingHints } from "../../text/waiting-words.ts";
import { wrapped } from "../../text/wrapped.ts";
import { faultsOfHistory } from "../../verdict/finding-text.ts";
import { headFacts, rejectedReport } from "../../verdict/verdict-facts.ts";
import { listedWords, placeWidth, runLine } from "./history-text.ts";
import { type ListColumns, listColumns } from "./list-columns.ts";
import { runGuardLog } from "./log-guard.ts";
import type { LoggedRunFacts, LogResult } from "./log-results.ts";
import { commandLine, killedRunLine, unlistedRunLine } from "./run-end-text.ts";
import { runFacts, trustOf, unlistedFacts } from "./run-facts.ts";
import { cutEnd } from "./text-width.ts";

/** The options as parsed. */
export interface LogOptions extends TrustOptions, RegistryOptions, StoreOptions, ProgressOptions {
  readonly project?: string | undefined;
  readonly guard?: string | undefined;
  readonly session?: string | undefined;
  readonly limit?: number | undefined;
  readonly verify?: true | undefined;
}

/** Rows that one JSON object holds; `--limit` chooses fewer. Many more would exceed the largest string. */
const MAX_JSON_ROWS = 100_000;

/** Lists the runs of a project, a guard or a repository. Throws usage errors. */
export async function runLog(reference: string | undefined, options: LogOptions, io: Io): Promise<Report> {
  const most = options.json === true ? MAX_JSON_ROWS : Number.MAX_SAFE_INTEGER;
  const limit = Math.min(options.limit ?? most, most);
  if (reference !== undefined) return await listReference(reference, limit, options, io);
  refuseGiven(options, ["--plain-http"], "goes with a reference, such as HOST/REPO");
  const guarded = guardedFolder(options, io);
  if (guarded !== undefined) {
    // The list of a guard judges no signer, and no file.
    refuseGiven(
      options,
      ["--verify", ...TRUST_FLAGS],
      "is about a project, and this folder is guarded\n--project DIR names a project's folder",
    );
    return await runGuardLog(guarded, options.limit === undefined ? undefined : limit, options, io);
  }
  const listed = await listProject(limit, options, io);
  const isGuarded = options.project === undefined && findGuard(io.cwd, io.environment) !== undefined;
  return isGuarded ? withRemarks(listed, GUARDED_TOO) : listed;
}

const GUARDED_TOO = note("this folder is guarded too", "runseal log --guard . lists its runs and snapshots");

/** The guarded folder that is meant: the one that is named, or what is nearer than a project. */
function guardedFolder({ guard, project, session, store }: LogOptions, io: Io): string | undefined {
  if (guard !== undefined || store !== undefined || session !== undefined) return guard ?? ".";
  const place = project === undefined ? projectPlace(undefined, io) : undefined;
  // The project of a guard is outside of the guarded folder.
  return place?.ok === true && place.value.home !== place.value.root ? place.value.root : undefined;
}

/** Each run is judged and printed before the next one is read. */
async function listProject(limit: number, options: LogOptions, io: Io): Promise<Report> {
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const project = projectRoot(options.project, io);
  if (!project.ok) return operationReport(project);
  const root = project.value;
  using work = new ShownWork(options, io, true);
  const read = await judgeHistory({ ...work, root, newest: Math.max(limit, NEWEST_RUNS) }, true);
  if (!read.ok) return "phase" in read ? rejectedReport(read, {}) : operationReport(read);
  const unlisted = await readUnlistedRuns(root);
  if (!unlisted.ok) return operationReport(unlisted);
  const ordered = historyRows(read.value.history, nodeCrypto);
  let count = 0;
  const listed = ordered.filter(({ run }) => (run === undefined ? count : ++count) <= limit);
  const isVerified = options.verify === true;
  const places: ReadonlyMap<HistoryRun, HistoryPlace> = read.value.history.places;
  const placeOf = (run: HistoryRun): HistoryPlace => places.get(run) ?? "unknown";
  const runs = listed.flatMap(({ run }) => run ?? []);
  const columns = listColumns(
    [...unlisted.value, ...runs].map(({ runId }) => runId),
    io.columns,
    placeWidth(runs.map(placeOf)),
  );
  const style = { columns, colour: io.colour, isVerified };
  const print = (text: string): void => (isSilent(options) ? undefined : io.writeOut(text));
  for (const run of unlisted.value) print(unlistedRunLine(run, columns));
  const rows: LoggedRunFacts[] = [];
  const chain = ChainProgress.begin(work.progress, runs.length);
  const crypto = await cryptoFor(runs.length);
  for (const [index, { name, run: claimed }] of listed.entries()) {
    await breathe(index, io.signal);
    if (io.isUnread()) break;
    if (claimed === undefined) {
      print(`${cutEnd(name, columns.room)}\n`);
      continue;
    }
    chain?.beginPart(1);
    const bundle = join(runsFolderOf(root), claimed.runId);
    const inspected = inspectBundle(bundle, crypto);
    const verdict =
      isVerified && inspected.failure === undefined
        ? await judgeBundle({ bundle, root, signal: io.signal, progress: chain ?? work.progress })
        : undefined;
    const seen = verdict?.ok === false ? { ...inspected, failure: verdict } : inspected;
    chain?.endBundle();
    const trust = trustOf(seen.sealed, choice, io.now());
    const place = placeOf(claimed);
    if (options.json === true) rows.push({ ...runFacts(seen, trust), place });
    else print(rowsOf(seen, runLine(seen, trust, place, style), place, columns));
  }
  // Runs are listed whatever is remembered, but where that can't be understood, no line is known to be whole.
  const isOdd =
    !readHeads({ root, environment: io.environment, isLenient: false }).ok ||
    faultsOfHistory(read.value.history, choice, io.now()).length > 0;
  const waiting = readWaitingRuns(root);
  const pulled = readRunIds(pulledFolderOf(root)).filter(isRunId).sort();
  const { heads, unread } = read.value;
  const shown = Math.min(count, limit);
  const more = Math.max(0, count + unread - limit);
  return doneReport<LogResult>(
    "listed",
    {
      of: "project",
      head: headFacts(heads.head),
      outputs_hashed: isVerified,
      suspicious: isOdd,
      runs: rows,
      unlisted_runs: unlistedFacts(unlisted.value),
      waiting_runs: waiting,
      pulled_runs: pulled,
      more,
      unread_runs: unread,
    },
    wrapped(
      lastLine(shown, more, isVerified, isOdd ? "lost" : waiting.length > 0 ? "waiting" : "none") +
        (unread === 0 ? "" : `; ${countOf(unread, "other bundle")} not read: runseal verify --history does`),
      io.columns ?? Number.MAX_SAFE_INTEGER,
      "  ",
      "",
    ),
    { remarks: [...waitingRemarks(waiting), ...pulledRemarks(pulled), ...(isOdd ? [ODD] : [])] },
  );
}

/** Loaded when it is needed: most lists are of a project. */
async function listReference(reference: string, limit: number, options: LogOptions, io: Io): Promise<Report> {
  refuseGiven(
    options,
    ["--project", "--guard", "--store", "--session"],
    "names what is on this machine, and the reference a repository; give one of them",
  );
  const { runRepositoryLog } = await import("./log-registry.ts");
  return await runRepositoryLog(reference, limit, options, io);
}

/** The lines of one bundle: its own, the command of a failed run, and the killed runs that it lists. */
function rowsOf(seen: SeenRun, line: string, place: HistoryPlace, columns: ListColumns): string {
  const { run, sealed } = seen;
  const command = run.standing === "failed" ? recordedCommand(sealed?.taskSpec) : undefined;
  const isWitnessed = sealed?.binding?.signedAt === undefined;
  const end = commandLine(command ?? [], columns.room, isWitnessed);
  // A failed run lists them too; the seal in the line that comes after it lists all of them.
  const killed =
    place === "beside" ? [] : run.failedRuns.listed.filter(({ bundleRoot }) => bundleRoot === undefined);
  return line + end + killed.map(({ runId }) => killedRunLine(runId, run.runId, columns)).join("");
}

function waitingRemarks(waiting: readonly string[]): readonly Remark[] {
  const hints = waitingHints(waiting);
  if (hints === undefined) return [];
  return [note(`${countOf(waiting.length, "unsigned run")} not listed`, ...hints)];
}

function pulledRemarks(pulled: readonly string[]): readonly Remark[] {
  if (pulled.length === 0) return [];
  const message = `not of this history, but pulled: ${runsWords(pulled.map((runId) => ({ runId })))}`;
  return [note(message, "runseal show RUN says where it came from")];
}

const ODD = warning(
  "these runs are not one whole history up to HEAD",
  "runseal verify --history says what does not fit",
);

/** What an empty list means. */
const EMPTY = {
  none: "nothing was sealed here yet",
  waiting: "nothing was signed here yet",
  lost: "no run is here",
} as const;

/** What was checked and what was not. */
function lastLine(shown: number, more: number, isVerified: boolean, empty: keyof typeof EMPTY): string {
  return shown === 0 ? EMPTY[empty] : listedWords(shown, shown + more, isVerified);
}
