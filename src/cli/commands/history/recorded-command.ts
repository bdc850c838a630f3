/** The command that a bundle records. @module */

import type { JsonValue, SealedRun } from "../../../core/internal.ts";

/** The command's words, from TASK_SPEC.json under the signature; `undefined` if it records no command, as a plain seal. */
export function recordedCommand(sealed: SealedRun | undefined): readonly string[] | undefined {
  const declared = sealed?.taskSpec.get("command");
  const words: readonly JsonValue[] = Array.isArray(declared) ? declared : [];
  const command = words.filter((word) => typeof word === "string");
  return words.length > 0 && command.length === words.length ? command : undefined;
}
