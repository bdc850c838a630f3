/**
 * What a bundle says itself of how its run ended.
 *
 * @module
 */

import { isJsonObject, type JsonValue, type SealedRun } from "../core/index.ts";

/** How a run ended, by its own word. */
export interface RunEndFacts {
  /** The command's words; null where the task spec names none, as that of a plain seal. */
  readonly command: readonly string[] | null;
  /** Why the run failed; null where it does not say so. */
  readonly failure: { readonly code: string | null; readonly message: string | null } | null;
}

/** Reads STATUS.json and TASK_SPEC.json, both under the signature. */
export function runEndFacts(sealed: SealedRun | undefined): RunEndFacts {
  if (sealed === undefined) return { command: null, failure: null };
  const { status, taskSpec } = sealed;
  const declared = taskSpec.get("command");
  const words: readonly JsonValue[] = Array.isArray(declared) ? declared : [];
  const command = words.filter((word) => typeof word === "string");
  const isTold = words.length > 0 && command.length === words.length;
  return { command: isTold ? command : null, failure: failureOf(status.get("status"), status.get("error")) };
}

function failureOf(status: JsonValue | undefined, error: JsonValue | undefined): RunEndFacts["failure"] {
  if (status !== "failure") return null;
  if (!isJsonObject(error)) return { code: null, message: null };
  return { code: textOf(error.get("code")), message: textOf(error.get("message")) };
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}
