/** Words for what goes wrong with a run. @module */

import { quote } from "../../core/internal.ts";
import type { OperationCode, OperationDetails } from "../../node/index.ts";

/** The codes of runs. */
export type RunFaultCode = Extract<
  OperationCode,
  `COMMAND_${string}` | "SCRATCH_NOT_RESTORED" | "SCRATCH_OVERLAPS" | "OUTPUT_NOT_MADE" | "TASK_TOO_LARGE"
>;

/** Whether a code is one of a run's. */
export function isRunFault(code: OperationCode): code is RunFaultCode {
  return /^(?:COMMAND_|SCRATCH_NOT_RESTORED$|SCRATCH_OVERLAPS$|OUTPUT_NOT_MADE$|TASK_TOO_LARGE$)/.test(code);
}

/** One sentence for what went wrong with a run. */
export function runFaultMessage(code: RunFaultCode, details: OperationDetails): string {
  const { names = [], signal, status } = details;
  const path = quote(details.path ?? "");
  switch (code) {
    case "COMMAND_NOT_FOUND":
      return `there is no command ${path}, or what it is to be run by is missing; nothing was run`;
    case "COMMAND_NOT_EXECUTABLE":
      return `the command ${path} can't be run${details.reason === "no-permission" ? ": permission denied" : ""}; nothing was run`;
    case "COMMAND_FAILED":
      return signal === undefined
        ? `the command failed with exit code ${status}`
        : `the command was ended by ${signal}`;
    case "COMMAND_INTERRUPTED":
      return `the command was interrupted by ${signal}`;
    case "SCRATCH_NOT_RESTORED":
      return "the command did not leave its scratch folders as it found them";
    case "SCRATCH_OVERLAPS":
      return `the scratch folder ${path} lies within ${names.map(quote).join(", ")}`;
    case "OUTPUT_NOT_MADE":
      return `the command did not make ${names.map(quote).join(", ")}`;
    case "TASK_TOO_LARGE":
      return "command and inputs are more than a task spec can hold";
  }
}
