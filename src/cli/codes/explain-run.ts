/** The codes of runs explained: [what it means, what to do]. @module */

import type { RunFaultCode } from "../text/run-fault-text.ts";

/** One entry for each code. */
export const RUN_EXPLANATIONS: Readonly<Record<RunFaultCode, readonly [string, string]>> = {
  COMMAND_NOT_FOUND: [
    "There is no such command along PATH, or the interpreter that its first line names is missing; nothing was run.",
    "Check the name; a command of the current folder is named as ./NAME.",
  ],
  COMMAND_NOT_EXECUTABLE: [
    "The command is there, but the system does not run it; nothing was run.",
    "Check that it is a program and may be executed: chmod +x.",
  ],
  COMMAND_FAILED: [
    "The command failed; runseal's exit code is the command's own, or 128 and the number of the signal that ended it.",
    "See what the command said. The bundle of the run says so too, and no verifier accepts it.",
  ],
  COMMAND_INTERRUPTED: [
    "A signal came while the command ran, so it can't be known to have done its work, whatever its exit code.",
    "Run it again. The bundle of the run says so too, and no verifier accepts it.",
  ],
  SCRATCH_NOT_RESTORED: [
    "The command did well, but left its scratch folders otherwise than it found them.",
    "Have it clean up behind itself, or name the right --scratch; the bundle of the run lists the differences.",
  ],
  SCRATCH_OVERLAPS: [
    "One scratch folder lies within another one: one name in the proof could stand for two files.",
    "Name the outer one only.",
  ],
  OUTPUT_NOT_MADE: [
    "The command did well, but there is no file at or below an output that was asked for.",
    "Check the --output paths, which are relative to the current folder.",
  ],
  TASK_TOO_LARGE: [
    "The command with all its inputs is more than the 64 MiB that a task spec may have.",
    "Name fewer inputs, such as a list of checksums instead of the files.",
  ],
};
