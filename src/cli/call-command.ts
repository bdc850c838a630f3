/** Calls a command by its arguments. Commander parses them; a wrong usage becomes a UsageError. @module */

import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { ignoreHelpBehindTerminator, refuseAskingValues } from "./options/asking-words.ts";
import { EXPECTED_NAMES } from "./options/expected-names.ts";
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
  if (argv.length === 0) {
    program.outputHelp();
    return;
  }
  refuseAskingValues(program, args.flags);
  ignoreHelpBehindTerminator(program, args.flags, args.behindTerminator);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // Commander ends the parsing with this error after it printed help.
    if (thrown.exitCode !== 0) throw new UsageError(wordsOf(thrown, program));
  }
}

/** What is wrong, and in further lines what was perhaps meant. */
function wordsOf({ code, message }: CommanderError, program: CommandUnknownOpts): string {
  if (code === "commander.help") return "name a command";
  const [wrong = "", suggestion] = message.replace(/^error: /, "").split("\n(Did you mean ");
  const known = suggestion === undefined ? "" : `\ndid you mean ${suggestion.replace(/\)$/, "")}`;
  const isName = code === "commander.unknownCommand" || code === "commander.unknownOption";
  const word = isName ? /'(.*?)(?:=.*)?'/s.exec(wrong)?.[1] : undefined;
  // Before names that look alike: `rm` is also a command below `key`, and would remove a key.
  if (word !== undefined && Object.hasOwn(EXPECTED_NAMES, word))
    return `${wrong}\ndid you mean ${EXPECTED_NAMES[word]}?`;
  const elsewhere = word === undefined ? [] : commandsNamed(program, word, "runseal");
  return elsewhere.length === 0 ? wrong + known : `${wrong}\ndid you mean ${elsewhere.join(" or ")}?`;
}

/** Commands of that name below others, as they are typed. */
function commandsNamed(command: CommandUnknownOpts, name: string, words: string): readonly string[] {
  return command.commands.flatMap((child) => {
    const own = `${words} ${child.name()}`;
    return [...(child.name() === name ? [own] : []), ...commandsNamed(child, name, own)];
  });
}
