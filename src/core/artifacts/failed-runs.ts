/**
 * The runs since the previous bundle of a line that failed or were killed: the members `failed_runs` and
 * `failed_runs_more` of a binding (PROTOCOL 11). Signed by the next seal, so that no failed run can vanish without a trace.
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../bytes/hex.ts";
import { type Ok, ok } from "../bytes/result.ts";
import {
  asCount,
  isJsonObject,
  type JsonMember,
  type JsonObject,
  type JsonValue,
  jsonObject,
} from "../json/json-value.ts";
import { isComponent } from "../paths/output-path.ts";

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

const MEMBERS = ["run_id", "bundle_root"];

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
    failed_runs: listed.length === 0 ? undefined : listed.map(encodeFailedRun),
    failed_runs_more: more === 0 ? undefined : more,
  };
}

/** Reads the members of a binding. Fails with the name of the first that is malformed. */
export function readFailedRuns(
  binding: JsonObject,
): Ok<FailedRuns> | { readonly ok: false; readonly field: "failed_runs" | "failed_runs_more" } {
  const declared = binding.get("failed_runs");
  const listed = declared === undefined ? [] : readFailedRunList(declared);
  if (listed === undefined) return { ok: false, field: "failed_runs" };
  const beyond = binding.get("failed_runs_more");
  if (beyond === undefined) return ok(listed.length === 0 ? NO_FAILED_RUNS : { listed, more: 0 });
  const more = asCount(beyond);
  // What is counted is what a full list has no room for.
  if (more === undefined || more === 0 || listed.length !== MAX_FAILED_RUNS)
    return { ok: false, field: "failed_runs_more" };
  return ok({ listed, more });
}

/** Encodes one run as a member of a list. */
export function encodeFailedRun({ bundleRoot, runId }: FailedRun): JsonObject {
  return jsonObject({ run_id: runId, bundle_root: bundleRoot ?? null });
}

/** Reads a list of runs; `undefined` if it is malformed. */
export function readFailedRunList(declared: JsonValue): readonly FailedRun[] | undefined {
  if (!Array.isArray(declared) || declared.length > MAX_FAILED_RUNS) return undefined;
  const values: readonly JsonValue[] = declared;
  const listed: FailedRun[] = [];
  for (const value of values) {
    const run = readFailedRun(value);
    if (run === undefined) return undefined;
    const isLate =
      run.bundleRoot !== undefined && listed.at(-1)?.bundleRoot === undefined && listed.length > 0;
    if (isLate) return undefined;
    listed.push(run);
  }
  return listed;
}

function readFailedRun(value: JsonValue): FailedRun | undefined {
  if (!isJsonObject(value) || value.size !== MEMBERS.length) return undefined;
  const runId = value.get("run_id");
  const bundleRoot = value.get("bundle_root");
  if (typeof runId !== "string" || !isRunName(runId)) return undefined;
  if (bundleRoot === null) return { runId, bundleRoot: undefined };
  return isHexDigest(bundleRoot) ? { runId, bundleRoot } : undefined;
}

/** Whether a text can name the folder of a bundle. */
function isRunName(text: string): boolean {
  return isComponent(text) && text !== "." && text !== "..";
}
