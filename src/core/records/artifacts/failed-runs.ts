/**
 * The runs since the previous bundle of a history that failed or were killed: the members `failed_runs` and
 * `failed_runs_more` of a binding (PROTOCOL 11). Signed by the next seal, so that no failed run can vanish without a trace.
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import { type Ok, ok } from "../../system/bytes/result.ts";
import { asCount, type JsonMember, type JsonObject } from "../../system/json/json-value.ts";
import { DIGEST, type Kind, list, object, orNull, readAs, text, where } from "../../system/json/record.ts";
import { isComponent } from "../../system/paths/output-path.ts";

/** A run that did not succeed. */
export interface FailedRun {
  readonly runId: string;
  /** Undefined for a run that was killed before it had a bundle. */
  readonly bundleRoot: HexDigest | undefined;
}

/** What a binding lists. */
export interface FailedRuns {
  /** Those with a bundle first, each part in order of time. */
  readonly listed: readonly FailedRun[];
  /** How many more there were. */
  readonly more: number;
}

/** How many runs a binding lists. */
export const MAX_FAILED_RUNS = 1000;

/** What a binding without the members says, as those of older sealers are. */
export const NO_FAILED_RUNS: FailedRuns = { listed: [], more: 0 };

const FAILED_RUN = object<FailedRun>({ bundleRoot: orNull(DIGEST), runId: text(isRunName) });

/** A list of runs: no run with a bundle comes after one without. */
export const FAILED_RUNS: Kind<readonly FailedRun[]> = where(list(FAILED_RUN, MAX_FAILED_RUNS), (runs) =>
  runs.every((run, at) => run.bundleRoot === undefined || at === 0 || runs[at - 1]?.bundleRoot !== undefined),
);

/** Makes the members of a binding: none where no run failed, so that such a binding is as it always was. Takes runs in order of time. */
export function failedRunsMembers(runs: readonly FailedRun[]): {
  readonly failed_runs: JsonMember;
  readonly failed_runs_more: JsonMember;
} {
  const listed = [
    ...runs.filter(({ bundleRoot }) => bundleRoot !== undefined),
    ...runs.filter(({ bundleRoot }) => bundleRoot === undefined),
  ].slice(0, MAX_FAILED_RUNS);
  const more = runs.length - listed.length;
  return {
    failed_runs: listed.length === 0 ? undefined : FAILED_RUNS.write(listed),
    failed_runs_more: more === 0 ? undefined : more,
  };
}

/** Reads the members of a binding. Fails with the name of the first that is malformed. */
export function readFailedRuns(
  binding: JsonObject,
): Ok<FailedRuns> | { readonly ok: false; readonly field: "failed_runs" | "failed_runs_more" } {
  const declared = binding.get("failed_runs");
  const listed = declared === undefined ? [] : readAs(FAILED_RUNS, declared);
  if (listed === undefined) return { ok: false, field: "failed_runs" };
  const beyond = binding.get("failed_runs_more");
  if (beyond === undefined) return ok(listed.length === 0 ? NO_FAILED_RUNS : { listed, more: 0 });
  const more = asCount(beyond);
  // What is counted is what a full list has no room for.
  if (more === undefined || more === 0 || listed.length !== MAX_FAILED_RUNS)
    return { ok: false, field: "failed_runs_more" };
  return ok({ listed, more });
}

/** Whether a text can name the folder of a bundle. */
export function isRunName(text: string): boolean {
  return isComponent(text) && text !== "." && text !== "..";
}
