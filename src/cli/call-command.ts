/** Calls a command by its arguments. Commander parses them; a wrong usage becomes a UsageError. @module */

import { CommanderError } from "@commander-js/extra-typings";
import { ignoreHelpBehindTerminator, refuseAskingValues } from "./options/asking-words.ts";
import { UsageError } from "./options/usage-error.ts";
import type { Io } from "./output/io.ts";
import type { Report } from "./output/report.ts";
import { type Arguments, makeProgram } from "./program.ts";

/**
 * Parses the arguments and runs the command that they call. `report` is called with its end; help is printed instead.
 * Throws a UsageError, and what the command throws.
 */
export async function callCommand(
  argv: readonly string[],
  args: Arguments,
  io: Io,
  report: (ended: Report) => void,
): Promise<void> {
  const program = makeProgram(io, report, args);
  refuseAskingValues(program, args.flags);
  ignoreHelpBehindTerminator(program, args.flags, args.behindTerminator);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // Commander ends the parsing with this error after it printed help.
    if (thrown.exitCode !== 0) throw new UsageError(wordsOf(thrown));
  }
}

function wordsOf({ code, message }: CommanderError): string {
  return code === "commander.help" ? "name a command" : message.replace(/^error: /, "");
}
