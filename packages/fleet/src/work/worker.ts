/**
 * Works on the jobs of audits until SIGINT or SIGTERM.
 *
 * A job may run twice: graphile-worker removes it by a statement after the task, and a worker may be killed between the two. So each
 * task asks whether its run is still open, and what it gives is compared with what is there.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { Logger, type Runner, run, type WorkerEvents } from "graphile-worker";
import type pg from "pg";
import { type Attester, RUNSEAL_VERSION } from "runseal";
import type { RangeSize } from "../audit/ranges.ts";
import { WorkerFunctions } from "../database/functions.ts";
import { PlanFunctions } from "../database/plan-functions.ts";
import { QUEUE_SCHEMA } from "../database/rights.ts";
import { concludeRun } from "./conclude.ts";
import { hashRange } from "./hash-range.ts";
import { Heartbeat } from "./heartbeat.ts";
import { judgeRun } from "./judge.ts";
import { OpenRuns } from "./open-runs.ts";
import { alertTask, scheduleTask } from "./plan-tasks.ts";
import { TaskFailure, taskOf, type Workplace } from "./task.ts";

/** How to work. */
export interface WorkerOptions {
  readonly pool: pg.Pool;
  /** As the pool has it; the heartbeats' thread connects by itself. */
  readonly connectionString: string | undefined;
  /** Jobs at once. */
  readonly concurrency: number;
  readonly rangeSize: RangeSize;
  /** The name of this worker in facts and verdicts. */
  readonly name: string;
  /** Seconds of silence after which the jobs of a process are given to others. */
  readonly lostAfter: number;
  /** Signs alerts. Without it, this worker leaves them to others. */
  readonly alertSecret: Uint8Array | undefined;
  /** Signs the verdicts on accepted runs; undefined: they are not signed. */
  readonly attester: Attester | undefined;
  /** Takes what an operator may want to know: a line of JSON. */
  readonly log: (line: string) => void;
  /** Ends the work: running jobs are finished. */
  readonly signal: AbortSignal;
}

/**
 * Works until the signal. Throws where the queue or the thread of heartbeats fails: the process must end then, and be started again. A
 * job whose end could not be written stays locked in its name until it is silent.
 */
export async function work(options: WorkerOptions): Promise<void> {
  const { concurrency, connectionString, log, lostAfter, name, pool } = options;
  const data = { connectionString, id: randomUUID(), lostAfter, name, version: RUNSEAL_VERSION };
  await using heartbeat = new Heartbeat(data);
  using runs = new OpenRuns();
  const signal = AbortSignal.any([options.signal, heartbeat.failed]);
  const events: WorkerEvents = new EventEmitter();
  events.on("pool:create", ({ workerPool }) => heartbeat.tell([workerPool.id]));
  events.on("job:error", ({ error, job }) => {
    log(lineOf({ event: "retry", task: job.task_identifier, attempts: job.attempts, code: codeOf(error) }));
  });
  const { rows } = await pool.query<{ user: string }>('SELECT session_user AS "user"');
  const runner = await run({
    pgPool: pool,
    schema: QUEUE_SCHEMA,
    concurrency,
    events,
    noHandleSignals: true,
    // Jobs with such a flag are for workers of other users.
    forbiddenFlags: rows.map(({ user }) => user),
    logger: new Logger(() => () => undefined),
    taskList: tasksOf(placeOf(options, runs), options),
  });
  const stop = (): void => void stopped(runner);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await runner.promise;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  heartbeat.failed.throwIfAborted();
}

/** Stops a runner. One that stops already says so by an error. */
async function stopped(runner: Runner): Promise<void> {
  await runner.stop().catch(() => undefined);
}

function placeOf({ attester, name, pool, rangeSize }: WorkerOptions, runs: OpenRuns): Workplace {
  const functions = new WorkerFunctions(pool, name);
  const attest: Workplace["attest"] = async (verdict) => {
    const signed = await attester?.attest(verdict);
    if (signed?.ok === false) throw new TaskFailure(signed.code);
    return signed && Buffer.from(signed.value).toString("utf8");
  };
  return { functions, runs, rangeSize, attest, version: RUNSEAL_VERSION };
}

function tasksOf(
  place: Workplace,
  { alertSecret, pool }: WorkerOptions,
): NonNullable<Parameters<typeof run>[0]["taskList"]> {
  const functions = new PlanFunctions(pool);
  return {
    runseal_schedule: scheduleTask(functions),
    ...(alertSecret === undefined ? {} : { runseal_alert: alertTask(functions, alertSecret) }),
    runseal_judge: taskOf(place, judgeRun),
    runseal_range: taskOf(place, hashRange),
    runseal_conclude: taskOf(place, concludeRun),
  };
}

/** What may be said of a failure: the code of a task or of PostgreSQL, and never the words of an exception. */
export function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "INTERNAL_ERROR";
  if (thrown.name === "TaskFailure") return thrown.message;
  const code = "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : "INTERNAL_ERROR";
}

function lineOf(facts: Readonly<Record<string, string | number>>): string {
  return JSON.stringify({ at: new Date().toISOString(), ...facts });
}
