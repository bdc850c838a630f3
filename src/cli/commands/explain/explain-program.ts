/** `runseal explain` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";

/** The command `explain`. */
export const explainCommand: MakeCommand = newCommand({
  name: "explain",
  summary: "say what a code means and what to do about it",
  operands: [["[code]", "such as HASH_MISMATCH, or an exit code (default: lists all)"]],
  examples: ["runseal explain HASH_MISMATCH", "runseal explain 3"],
  call: async ([code], _options, io) => (await import("./explain.ts")).runExplain(code, io),
});
