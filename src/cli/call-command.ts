/**
 * Calling a command by its arguments: commander parses them, and whatever it throws for a wrong usage is told as ours.
 *
 * @module
 */

import { CommanderError } from "@commander-js/extra-typings";
import type { Io } from "./io.ts";
import { type Arguments, makeProgram } from "./program.ts";
import type { Report } from "./report.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Parses the arguments and runs the command that they call; `report` is called with its end, but for help and the version, which
 * are printed. Throws a UsageError, and whatever the command throws.
 */
export async function callCommand(
  argv: readonly string[],
  args: Arguments,
  io: Io,
  report: (ended: Report) => void,
): Promise<void> {
  try {
    await makeProgram(io, report, args).parseAsync(argv, { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // Help and version end the parsing too, well.
    if (thrown.exitCode !== 0) throw new UsageError(wordsOf(thrown));
  }
}

function wordsOf({ code, message }: CommanderError): string {
  return code === "commander.help" ? "name a command" : message.replace(/^error: /, "");
}
