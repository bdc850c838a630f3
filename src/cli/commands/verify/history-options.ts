/** Which options of `verify` are about one run, and which about a history. @module */

import { UsageError } from "../../options/usage-error.ts";
import type { VerifyOptions } from "./verify.ts";
import type { HistoryOptions } from "./verify-runs.ts";

/** The options of both. */
export interface VerifyAsked extends VerifyOptions, HistoryOptions {
  readonly history?: true | undefined;
}

/** What is about one run, and how it is typed. */
const OF_ONE_RUN: Readonly<Partial<Record<keyof VerifyAsked, string>>> = {
  all: "--all",
  exact: "--exact",
  expectId: "--expect-id",
  expectRoot: "--expect-root",
  plainHttp: "--plain-http",
  publicKey: "--public-key",
  report: "--report",
  run: "--run",
  verbose: "--verbose",
};

/** Whether a history is to be judged. Throws a usage error for several runs without --history, and for an option of the other kind. */
export function asksForHistory(runs: readonly string[], options: VerifyAsked): boolean {
  if (options.history === true) {
    const wrong = Object.entries(OF_ONE_RUN).find(([name]) => Object.hasOwn(options, name))?.[1];
    const found = wrong ?? (options.ignore.length > 0 ? "--ignore" : undefined);
    if (found === undefined) return true;
    throw new UsageError(`${found} is about one run, and --history about several`);
  }
  if (options.expectChainRoot !== undefined)
    throw new UsageError("--expect-chain-root is about several runs\nadd --history");
  if (runs.length > 1)
    throw new UsageError("several runs are named\n--history judges them in this order, oldest first");
  return false;
}
