/** What a failed run says of itself in STATUS.json: why it failed. @module */

import { isJsonObject, type JsonObject } from "../json/json-value.ts";

/** The run's own words, under the signature: a stranger's text. */
export interface SaidFailure {
  /** A code such as COMMAND_FAILED; undefined where it gives none. */
  readonly code: string | undefined;
  readonly message: string;
}

/** Why a run says that it failed; undefined where it does not say so, or not why. */
export function saidFailure(status: JsonObject): SaidFailure | undefined {
  const error = status.get("error");
  if (status.get("status") !== "failure" || !isJsonObject(error)) return undefined;
  const code = error.get("code");
  const message = error.get("message");
  if (typeof message !== "string") return undefined;
  return { code: typeof code === "string" ? code : undefined, message };
}
