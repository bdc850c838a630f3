/** `--jobs`: how many threads may hash. @module */

import { quote } from "../../core/internal.ts";
import { UsageError } from "./usage-error.ts";

/** The options as parsed. */
export interface JobsOptions {
  readonly jobs?: string | undefined;
}

/** More than any machine can use. */
const MOST_JOBS = 1024;

/** The number that the option means; nothing where it wasn't given. Throws a usage error. */
export function chooseJobs({ jobs }: JobsOptions): number | undefined {
  if (jobs === undefined) return undefined;
  const count = /^[1-9][0-9]{0,3}$/.test(jobs) ? Number(jobs) : 0;
  if (count >= 1 && count <= MOST_JOBS) return count;
  throw new UsageError(`--jobs takes a whole number from 1 to ${MOST_JOBS}, not ${quote(jobs)}`);
}
