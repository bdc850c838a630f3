/** `runseal log` of a guarded folder: lists what there is to go back to, newest first. @module */

import { resolve } from "node:path";
import { printable, quote, saidFailure } from "../../../core/internal.ts";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import {
  type GuardRun,
  type ListedSnapshots,
  type ListedTurn,
  listSnapshots,
} from "../../../node/back/guard/list-snapshots.ts";
import { locateGuard } from "../../../node/back/guard/locate-guard.ts";
import { type GuardBytes, measureGuard } from "../../../node/back/guard/prune/measure-guard.ts";
import { AnchoredRoot } from "../../../node/system/files/anchored-root.ts";
import { guardRequest, type StoreOptions } from "../../options/guard-options.ts";
import { sealingTime } from "../../options/sealing-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import { commandWords } from "../../text/command-words.ts";
import { recordedCommand } from "../../text/recorded-command.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";
import type { GuardBundleFacts, GuardLogResult, GuardTurnFacts } from "./log-results.ts";
import { kindOf, unlistedFacts } from "./run-facts.ts";
import { cutEnd } from "./text-width.ts";

/** Rows of one list, where `--limit` says nothing else. */
const USUAL_LIMIT = 100;

/** Lists the snapshots of a folder, of the guard at or above it. */
export async function runGuardLog(
  dir: string,
  limit: number | undefined,
  options: StoreOptions & ProgressOptions & { readonly session?: string | undefined },
  io: Io,
): Promise<Report> {
  const located = locateGuard(resolve(io.cwd, dir), guardRequest(dir, options, io));
  if (!located.ok) return operationReport(located);
  const most = limit ?? USUAL_LIMIT;
  using work = new ShownWork(options, io, true);
  const listed = await listSnapshots({
    ...work,
    home: located.value.home,
    limit: most,
    session: options.session,
  });
  if (!listed.ok) return "phase" in listed ? rejectedReport(listed, {}) : operationReport(listed);
  using home = AnchoredRoot.open(located.value.home);
  const measured = await measureGuard({ ...work, home, now: sealingTime(io) });
  const { bytes, freed } = measured;
  const { lines, more } = guardLines(listed.value, most, io.columns);
  const { begun, failedTurns, runs, turns, unlisted } = listed.value;
  const facts: GuardLogResult = {
    of: "guard",
    runs: runs.map(factsOf),
    unlisted_runs: unlistedFacts(unlisted),
    begun_runs: begun.map(({ before, isRunning, runId, started }) => ({
      run_id: runId,
      started,
      before: before ?? null,
      state: isRunning ? "running" : "killed",
    })),
    turns: turns.map(turnFacts),
    failed_turns: failedTurns,
    more,
    bytes: bytes ?? null,
    prunable_bytes: freed ?? null,
  };
  const failed = failedTurnsWords(failedTurns);
  const left = more === 0 ? "" : `${numberOf(more)} older not listed (--limit)\n`;
  const text = lines.length === 0 ? "no snapshot was taken yet\n" : lines.map((line) => `${line}\n`).join("");
  return doneReport<GuardLogResult>(
    "listed",
    facts,
    text + left + (failed === undefined ? "" : `${failed}\n`) + bytesLine(measured),
  );
}

function bytesLine({ bytes, freed }: GuardBytes): string {
  if (bytes === undefined) return "";
  const words = freed === undefined ? "--dry-run says what it would free" : `would free ${numberOf(freed)}`;
  return `${numberOf(bytes)} bytes kept; runseal prune ${words}\n`;
}

/** How many turns can't be taken back; undefined if all can. */
export function failedTurnsWords(count: number): string | undefined {
  return count === 0 ? undefined : `${countOf(count, "turn")} without a snapshot, which can't be undone`;
}

function turnFacts({ changes, turnId, ...turn }: ListedTurn): GuardTurnFacts {
  const { after = null, before = null, failure = null } = turn;
  return { turn_id: turnId, ...turn, before, after, failure, ...changes };
}

/** The newest rows, and how many more there are. */
export function guardLines(
  listed: ListedSnapshots,
  limit: number,
  room: number | undefined,
): { readonly lines: readonly string[]; readonly more: number } {
  const all = rowsOf(listed);
  const rows = all.slice(0, limit);
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, time, words }) => cutEnd(`${name.padEnd(width)}  ${time}  ${words}`, room));
  return { lines, more: listed.more + all.length - rows.length };
}

function factsOf({ changes, seen, task }: GuardRun): GuardBundleFacts {
  const { failure, run, sealed } = seen;
  return {
    run_id: run.runId,
    kind: kindOf(sealed) ?? null,
    bundle_root: run.bundleRoot ?? null,
    previous_bundle_root: run.previousBundleRoot ?? null,
    sealed_at: run.sealedAt ?? null,
    standing: run.standing,
    code: failure?.code ?? "OK",
    moment: task?.moment ?? null,
    of_run: task?.ofRun ?? null,
    message: task?.message ?? null,
    command: recordedCommand(sealed?.taskSpec) ?? null,
    files: sealed?.claims.length ?? null,
    bytes: sealed?.bytes ?? null,
    guard:
      run.guard === undefined
        ? null
        : { before: run.guard.before, after: run.guard.after ?? null, ...(changes ?? {}) },
  };
}

interface Row {
  readonly name: string;
  readonly time: string;
  readonly words: string;
}

/** One row for each thing a person did: a run stands for its two snapshots. */
function rowsOf(listed: ListedSnapshots): readonly Row[] {
  const { begun, more, runs, turns, unlisted } = listed;
  const inProgress = new Map(unlisted.map((run) => [run.runId, run]));
  const rows: Row[] = [];
  for (const run of runs) {
    const { seen, task } = run;
    const { runId, sealedAt } = seen.run;
    const row = (words: string, name: string = runId): Row => ({
      name: runName(name),
      time: sealedAt ?? "no time",
      words,
    });
    const ofRun = task?.moment === "before" || task?.moment === "after" ? task.ofRun : undefined;
    if (run.isPart) continue;
    if (ofRun === undefined) rows.push(row(wordsOf(run)));
    else {
      const isRunning = inProgress.get(ofRun)?.state === "running";
      rows.push(row(isRunning ? "in progress" : `killed; only ${runName(runId)} is there`, ofRun));
    }
  }
  for (const run of begun) {
    const at = rows.findIndex(({ time }) => run.isRunning || time <= run.started);
    // It is older than all that is listed.
    if (at < 0 && more > 0) continue;
    rows.splice(at < 0 ? rows.length : at, 0, begunRow(run));
  }
  for (const turn of turns) {
    const at = rows.findIndex(({ time }) => time < turn.started);
    rows.splice(at < 0 ? rows.length : at, 0, turnRow(turn));
  }
  return rows;
}

function turnRow({ after, before, changes, failure, started, turnId }: ListedTurn): Row {
  const why = failure === undefined ? "" : `: ${failure}`;
  const isOpen = after === undefined && changes === undefined;
  const words =
    before === undefined
      ? `no snapshot${why}`
      : isOpen
        ? `not ended${why}   [undo ${turnId}]`
        : withChanges(`turn${why}`, turnId, changes);
  return { name: turnId, time: started, words };
}

/** A guarded run without a bundle. */
function begunRow({ before, isRunning, runId, started }: ListedSnapshots["begun"][number]): Row {
  const left = before === undefined ? "no snapshot" : `only ${runName(before)}`;
  const words = isRunning ? "in progress" : `killed; ${left} is there`;
  return { name: runName(runId), time: started, words };
}

function wordsOf({ changes, seen, task }: GuardRun): string {
  const { failure, run, sealed } = seen;
  if (sealed === undefined || (failure !== undefined && run.standing !== "failed"))
    return `REJECTED: ${failure?.code ?? "no valid signature"}`;
  if (task?.moment === "revert")
    return withChanges(`undone ${runName(task.ofRun ?? "")}`, run.runId, changes);
  if (task !== undefined) {
    const message = task.message === undefined ? "" : ` ${quote(task.message)}`;
    return `snapshot${message}  ${countOf(sealed.claims.length, "file")}`;
  }
  const command = commandWords(recordedCommand(sealed.taskSpec) ?? []);
  const said = saidFailure(sealed.status);
  const end = said === undefined ? "exit 0" : printable(said.message);
  return withChanges(`${command}  ${end}`, run.runId, changes);
}

/** Changes stand first, since a narrow terminal cuts the end. Without a snapshot there are none, and the run can't be undone. */
function withChanges(words: string, runId: string, changes: GuardRun["changes"]): string {
  if (changes === undefined) return words;
  const { added, changed, removed } = changes;
  return added + changed + removed === 0
    ? `nothing was changed   ${words}`
    : `+${added} ~${changed} -${removed}   ${words}   [undo ${runName(runId)}]`;
}
