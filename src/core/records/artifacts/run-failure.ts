/** What a failed run says of itself in STATUS.json: why it failed. @module */

import { type JsonObject, memberIn } from "../../system/json/json-value.ts";
import { readAs, text } from "../../system/json/record.ts";

/** The run's own words, under the signature: a stranger's text. */
export interface SaidFailure {
  /** A code such as COMMAND_FAILED; undefined where it gives none. */
  readonly code: string | undefined;
  readonly message: string;
}

/** Why a run says that it failed; undefined where it does not say so, or not why. */
export function saidFailure(status: JsonObject): SaidFailure | undefined {
  const message = readAs(text(), memberIn(status, "error", "message"));
  if (status.get("status") !== "failure" || message === undefined) return undefined;
  return { code: readAs(text(), memberIn(status, "error", "code")), message };
}
