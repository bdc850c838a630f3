/** The command that a bundle records. @module */

import type { JsonObject, JsonValue } from "../../core/internal.ts";

/** The command's words, from TASK_SPEC.json; `undefined` if it records no command, as that of a plain seal. */
export function recordedCommand(taskSpec: JsonObject | undefined): readonly string[] | undefined {
  const declared = taskSpec?.get("command");
  const words: readonly JsonValue[] = Array.isArray(declared) ? declared : [];
  const command = words.filter((word) => typeof word === "string");
  return words.length > 0 && command.length === words.length ? command : undefined;
}
