/** What the tasks of a worker have in common: which run they are about, and how a task fails. @module */

import type { JobHelpers } from "graphile-worker";
import type { DividedRun, OperationFault, RunVerdict, TrustFault } from "runseal";
import type { RangeSize } from "../audit/ranges.ts";
import type { RowRange, RunKey, RunTask, WorkerFunctions } from "../database/functions.ts";
import type { OpenRuns } from "./open-runs.ts";

/** What a worker works with. */
export interface Workplace {
  readonly functions: WorkerFunctions;
  readonly runs: OpenRuns;
  readonly rangeSize: RangeSize;
  /** The version of runseal, for verdicts. */
  readonly version: string;
  /** Signs the verdict on an accepted run; undefined if this worker signs none. Throws a TaskFailure. */
  readonly attest: (verdict: RunVerdict) => Promise<string | undefined>;
}

/** What a job is about: a run of an audit, and rows of its outputs. */
export interface RunJob {
  readonly key: RunKey;
  readonly task: RunTask;
  readonly range: RowRange | undefined;
}

/** The work on an open run. Gives why it could not be done; throws where the database fails. */
export type Task = (
  place: Workplace,
  run: DividedRun,
  job: RunJob,
) => Promise<OperationFault | TrustFault | undefined>;

/** Codes of failures that another try may not meet. All others are of the run itself. */
const MAY_PASS: readonly string[] = ["REGISTRY_", "READ_FAILED", "WRITE_FAILED", "CHANGED_WHILE_READ"];

/** A failure that is to be tried again, as graphile-worker takes it: it keeps the message, which is the code. */
export class TaskFailure extends Error {
  override readonly name = "TaskFailure";
}

/** Makes a task of graphile-worker of the work on a run. A run that has ended is left alone. */
export function taskOf(
  place: Workplace,
  work: Task,
): (payload: unknown, helpers: JobHelpers) => Promise<void> {
  return async (payload, { job }) => {
    const { range, run: key } = parsePayload(payload);
    const task = await place.functions.runOf(key);
    if (task?.isOpen !== true) return;
    const fault = await place.runs.use(
      key,
      task,
      async (run) => await work(place, run, { key, task, range }),
    );
    if (fault === undefined) return;
    const isLast = job.attempts >= job.max_attempts;
    if (!isLast && MAY_PASS.some((code) => fault.code.startsWith(code))) throw new TaskFailure(fault.code);
    await place.functions.park(key, fault.code, detailsOf(fault));
  };
}

/** The facts of a failure that are kept: protocol facts alone, of which none is a path of this machine. */
function detailsOf({ details }: OperationFault | TrustFault): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.entries(details).filter(([, value]) => typeof value === "string" || typeof value === "number"),
  );
}

/** Reads the payload of a job. Jobs are written by functions of the schema, so that another form is a bug. */
function parsePayload(payload: unknown): { readonly run: RunKey; readonly range: RowRange | undefined } {
  if (typeof payload !== "object" || payload === null) throw new TypeError("a job has a payload");
  const { audit, digest, end, first }: Readonly<Record<string, unknown>> = { ...payload };
  if (typeof audit !== "string" || typeof digest !== "string") throw new TypeError("a job names a run");
  const range = typeof first === "number" && typeof end === "number" ? { first, end } : undefined;
  return { run: { audit, digest }, range };
}
