/** The codes of `runseal run`. @module */

import type { OperationCode } from "../../node/system/runtime/operation-fault.ts";
import type { OperationRecords } from "./code-record.ts";

/** The codes of runs. */
type RunCode = Extract<OperationCode, `COMMAND_${string}` | "SCRATCH_NOT_RESTORED" | "OUTPUT_NOT_MADE">;

/** One record for each code. */
export const RUN_RECORDS: OperationRecords<RunCode> = {
  COMMAND_NOT_FOUND: {
    exit: 127,
    message: ({ shown }) => `there is no command ${shown}, or its interpreter is missing; nothing was run`,
    remedy: "Check the name; a command of the current folder is named as ./NAME.",
  },
  COMMAND_NOT_EXECUTABLE: {
    exit: 126,
    message: ({ because, shown }) => `the command ${shown} can't be run${because}; nothing was run`,
    remedy: "Check that it is a program and may be executed: chmod +x.",
  },
  COMMAND_FAILED: {
    exit: 1,
    message: ({ signal, status }) =>
      signal === undefined
        ? `the command failed with exit code ${status}`
        : `the command was ended by ${signal}`,
    meaning: "The command failed; runseal ends with its exit code, or with 128 and the number of its signal.",
    remedy: "See what the command said. The bundle of the run says so too, and no verifier accepts it.",
  },
  COMMAND_INTERRUPTED: {
    exit: 130,
    message: ({ signal }) => `the command was interrupted by ${signal}`,
    meaning: "A signal came while the command ran: it may not have done its work, whatever its exit code.",
    remedy: "Run it again. The bundle of the run says so too, and no verifier accepts it.",
  },
  SCRATCH_NOT_RESTORED: {
    exit: 10,
    message: "the command did not leave its scratch folders as it found them",
    remedy: "Let it clean up, or name the right --scratch; the bundle of the run lists the differences.",
  },
  OUTPUT_NOT_MADE: {
    exit: 10,
    message: ({ named }) => `the command did not make ${named}`,
    remedy: "Check the --output paths, which are relative to the current folder.",
  },
};
