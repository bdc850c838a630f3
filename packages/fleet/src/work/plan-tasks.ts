/** The tasks that are not about one run: submit what is due, and send alerts. @module */

import type { JobHelpers } from "graphile-worker";
import { listAudit } from "../audit/submit.ts";
import { sendAlert } from "../audit/webhook.ts";
import type { PlanFunctions } from "../database/plan-functions.ts";
import { TaskFailure } from "./task.ts";

/** A task of graphile-worker. */
type PlanTask = (payload: unknown, helpers: JobHelpers) => Promise<void>;

/** Submits the audit of a schedule. What fails is kept with the schedule, and tried again with the next minute's job. */
export function scheduleTask(functions: PlanFunctions): PlanTask {
  return async (payload) => {
    const id = idIn(payload, "schedule");
    const due = await functions.scheduleOf(id);
    if (due === undefined) return;
    const { plainHttp, source: from } = due;
    const listed = await listAudit({ from, plainHttp });
    if (listed.ok) await functions.submitDue(id, listed.value);
    else await functions.scheduleFailed(id, listed.code);
  };
}

/** Sends an alert. A worker may be killed between the answer and the next statement: then it is sent again, with the same id. */
export function alertTask(functions: PlanFunctions, secret: Uint8Array): PlanTask {
  return async (payload, { job }) => {
    const id = idIn(payload, "alert");
    const alert = await functions.alertOf(id);
    if (alert === undefined) return;
    const error = await sendAlert(alert.url, { body: JSON.stringify(alert.body), id, secret });
    const isLast = job.attempts >= job.max_attempts;
    await functions.alertTried(id, error, isLast);
    if (error !== undefined && !isLast) throw new TaskFailure(error);
  };
}

/** Reads the payload of a job. Jobs are written by functions of the schema, so that another form is a bug. */
function idIn(payload: unknown, name: string): string {
  if (typeof payload !== "object" || payload === null) throw new TypeError("a job has a payload");
  const { [name]: id }: Readonly<Record<string, unknown>> = { ...payload };
  if (typeof id !== "string") throw new TypeError("a job names what it is about");
  return id;
}
