/** `runseal sign RUN`: signs an unsigned run, or adds a countersignature or a timestamp to a signed one. @module */

import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { runCountersign } from "./countersign.ts";
import type { SignOptions } from "./sign-options.ts";
import { runSignUnsigned } from "./sign-runs.ts";
import { runTimestamp } from "./timestamp.ts";

const ACTS = { sign: runSignUnsigned, counter: runCountersign, time: runTimestamp };

/** Does what the options say. A run of the other kind is never signed otherwise. Throws usage errors. */
export async function runSign(run: string, options: SignOptions, io: Io): Promise<Report> {
  const { counter, time } = options;
  const act = counter === true ? "counter" : time === true ? "time" : "sign";
  const report = await ACTS[act](run, options, io);
  const { exit_code, ...facts } = report.facts;
  return { ...report, facts: { ...facts, act, exit_code } };
}
