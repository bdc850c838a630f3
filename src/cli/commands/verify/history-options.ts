/** Which options of `verify` are about one run, and which about a history. @module */

import { givenFlag, UsageError } from "../../options/usage-error.ts";
import type { VerifyOptions } from "./verify.ts";
import type { HistoryOptions } from "./verify-runs.ts";

/** The options of both. */
export interface VerifyAsked extends VerifyOptions, HistoryOptions {
  readonly history?: true | undefined;
}

/** What is about one run. */
const OF_ONE_RUN = [
  ...["--all", "--exact", "--expect-id", "--expect", "--ignore"],
  ...["--plain-http", "--report", "--run", "--verbose"],
];

/** Whether a history is to be judged. Throws a usage error for several runs without --history, and for an option of the other kind. */
export function asksForHistory(runs: readonly string[], options: VerifyAsked): boolean {
  if (options.history === true) {
    const found = givenFlag(options, OF_ONE_RUN);
    if (found === undefined) return true;
    throw new UsageError(`${found} is about one run, and --history about several`);
  }
  if (options.expectChainRoot !== undefined)
    throw new UsageError("--expect-chain-root is about several runs\nadd --history");
  if (runs.length > 1)
    throw new UsageError("several runs are named\n--history judges them in this order, oldest first");
  return false;
}
