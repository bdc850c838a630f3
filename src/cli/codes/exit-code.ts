/** The exit codes and their meanings. The record of each code says which one it ends with. @module */

/** The exit codes, with their words in `--help`. */
export const EXIT_CODES = {
  0: "accepted, or done",
  1: "rejected",
  2: "wrong usage",
  3: "sound, but the signer is not trusted, or no trust policy was given",
  4: "could not read, write or sign",
  5: "restore or undo refused before anything was changed",
  6: "restore or undo failed and was rolled back",
  7: "something is left that could be neither rolled back nor recovered",
  8: "another process is restoring, undoing or recovering there, or a guarded run is in progress",
  9: "done, but a restore's durability is in doubt, a project's lock stayed, or a timestamp is missing",
  10: "the command of a run did well, but its scratch, outputs or guarded folder are not as they should be",
  70: "internal error",
  126: "the command of a run can't be run; 127 where there is none of that name",
  130: "interrupted (SIGINT); 143 for SIGTERM",
} as const;

/** One of the exit codes. */
export type ExitCode = keyof typeof EXIT_CODES | 127 | 143;

declare const commandExitCode: unique symbol;

/** The exit code of the command that `run` ran, which is then runseal's own. */
export type CommandExitCode = number & { readonly [commandExitCode]: true };

/** Any exit code that a report may have. */
export type ReportExitCode = ExitCode | CommandExitCode;

/** Takes over the exit code of a command, 0 to 255. */
export function exitCodeOfCommand(exitCode: number): CommandExitCode {
  return exitCode as CommandExitCode;
}
