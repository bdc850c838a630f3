/** The options of a guarded run where no folder is guarded, and the modules of one where a folder is. @module */

import { UsageError } from "../../options/usage-error.ts";
import type { GuardedRunOptions } from "./guarded.ts";

/** Throws a usage error for options that belong to a guard, without one. */
export function refuseWithoutGuard(options: GuardedRunOptions): void {
  const { confine, confineWrite, evenAsRoot, evenIfUnreadable, budget, store } = options;
  const given = [
    confine === true ? "--confine" : "",
    confineWrite.length > 0 ? "--confine-write" : "",
    evenAsRoot === true ? "--even-as-root" : "",
    evenIfUnreadable === true ? "--even-if-unreadable" : "",
    budget === undefined ? "" : "--budget",
    store === undefined ? "" : "--store",
  ].find((flag) => flag !== "");
  if (given !== undefined) throw new UsageError(`${given} belongs to a guarded run: add --guard DIR`);
}

/**
 * Loads what a guarded run needs, before its command runs: that may replace runseal. Not in run.ts: TypeScript 6.0 leaves the name of a
 * module as it is in a function with `using`.
 */
export async function loadGuarded(): Promise<typeof import("./guarded.ts")> {
  return await import("./guarded.ts");
}
