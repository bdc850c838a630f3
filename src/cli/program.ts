/**
 * The commands, and how one is called. Commander parses the arguments. Only the definition of the called command is loaded,
 * and what it needs of Node when it runs.
 *
 * @module
 */

import { Command, CommanderError, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { publishCause } from "../node/system/runtime/cause-channel.ts";
import { ignoreHelpBehindTerminator, refuseAskingValues, VERSION_FLAGS } from "./options/asking-words.ts";
import { type Arguments, exitCodesHelp, type MakeCommand, wordsOf } from "./options/define-command.ts";
import { EXPECTED_NAMES } from "./options/expected-names.ts";
import { overviewOf } from "./options/overview.ts";
import { UsageError } from "./options/usage-error.ts";
import { COLOUR_CHOICES } from "./output/colour.ts";
import type { Io } from "./output/io.ts";
import type { Sink } from "./output/report.ts";
import { folded, widthOf } from "./text/wrapped.ts";

/** Loads each command, in the groups and the order of help, man page and docs. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, () => Promise<MakeCommand>>>>> = {
  Start: { init: async () => (await import("./commands/key/key-program.ts")).initCommand },
  Make: {
    seal: async () => (await import("./commands/seal/seal-program.ts")).sealCommand,
    run: async () => (await import("./commands/run/run-program.ts")).runCommand,
    sign: async () => (await import("./commands/sign/sign-program.ts")).signCommand,
  },
  Judge: {
    verify: async () => (await import("./commands/verify/verify-program.ts")).verifyCommand,
    check: async () => (await import("./commands/check/check-program.ts")).checkCommand,
    status: async () => (await import("./commands/status/status-program.ts")).statusCommand,
  },
  Look: {
    log: async () => (await import("./commands/history/history-program.ts")).logCommand,
    show: async () => (await import("./commands/history/history-program.ts")).showCommand,
    diff: async () => (await import("./commands/diff/diff-program.ts")).diffCommand,
  },
  Move: {
    push: async () => (await import("./commands/carry/push-program.ts")).pushCommand,
    pull: async () => (await import("./commands/carry/pull-program.ts")).pullCommand,
  },
  "Files back": {
    restore: async () => (await import("./commands/restore/restore-program.ts")).restoreCommand,
    undo: async () => (await import("./commands/undo/undo-program.ts")).undoCommand,
    redo: async () => (await import("./commands/undo/undo-program.ts")).redoCommand,
    snapshot: async () => (await import("./commands/guard/snapshot-program.ts")).snapshotCommand,
    recover: async () => (await import("./commands/restore/restore-program.ts")).recoverCommand,
  },
  "Hand out": {
    prove: async () => (await import("./commands/proof/proof-program.ts")).proveCommand,
    export: async () => (await import("./commands/export/export-program.ts")).exportCommand,
  },
  Space: {
    prune: async () => (await import("./commands/prune/prune-program.ts")).pruneCommand,
    store: async () => (await import("./commands/store/store-program.ts")).storeCommand,
  },
  Keys: {
    key: async () => (await import("./commands/key/key-program.ts")).keyCommand,
    trust: async () => (await import("./commands/trust/trust-program.ts")).trustCommand,
  },
  Machine: {
    hook: async () => (await import("./commands/hook/hook-program.ts")).hookCommand,
    doctor: async () => (await import("./commands/doctor/doctor-program.ts")).doctorCommand,
    explain: async () => (await import("./commands/explain/explain-program.ts")).explainCommand,
    completion: async () => (await import("./commands/completion/completion-program.ts")).completionCommand,
  },
};

/**
 * Parses the arguments and runs the command that they call. `report` is called with its end; help is printed instead, and without
 * any word the overview.
 * Throws a UsageError, and what the command throws.
 */
export async function callCommand(
  argv: readonly string[],
  args: Arguments,
  io: Io,
  report: Sink,
): Promise<void> {
  const program = await makeProgram(io, report, args);
  if (argv.length === 0) {
    io.writeOut(folded(overviewOf(program), widthOf(io.columns)));
    return;
  }
  refuseAskingValues(program, args.flags);
  ignoreHelpBehindTerminator(program, args.flags, args.behindTerminator);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // Commander ends the parsing with this error after it printed help.
    if (thrown.exitCode === 0) return;
    const isOptionOfRun = thrown.code === "commander.unknownOption" && args.flags[0] === "run";
    const hint =
      isOptionOfRun && args.behindTerminator.length === 0 ? "\n-- stands before the command that is run" : "";
    throw new UsageError(wrongWords(thrown, program) + hint);
  }
}

/**
 * Prints what can stand in place of the last word, for the scripts of `runseal completion`. Prints nothing if something fails: a person
 * who presses Tab has asked no question that an error would answer.
 */
export async function completeWords(words: readonly string[], io: Io): Promise<void> {
  try {
    const { complete, completionLines } = await import("./commands/completion/complete.ts");
    // The name that is still being typed may become that of any command.
    const flags = words.length > 1 ? words : [];
    const program = await makeProgram(io, () => undefined, { flags, behindTerminator: [] });
    io.writeOut(completionLines(await complete(program, words, io)));
  } catch (thrown) {
    publishCause(thrown);
  }
}

/** Makes the program. `report` is called once, by the command that ran. `run` itself heeds --json and --debug. */
export async function makeProgram(io: Io, report: Sink, args: Arguments): Promise<CommandUnknownOpts> {
  const program = new Command("runseal")
    .description("Seal what a run produced, verify it elsewhere, restore it all or nothing.")
    .option(VERSION_FLAGS, "print the version; the first word only")
    .on("option:version", refuseLateVersion)
    .addHelpText("after", exitCodesHelp());
  const [command = ""] = args.flags;
  // Help, and the error for a wrong name, need all commands.
  const isKnown = Object.values(GROUPS).some((commands) => Object.hasOwn(commands, command));
  for (const [group, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(`${group}:`);
    for (const [name, load] of Object.entries(commands))
      if (!isKnown || name === command) program.addCommand((await load())(io, report, args));
  }
  // The command `help` is in the last group.
  program.helpCommand(true);
  complement(program, io, args.hush);
  return program;
}

/** `run` answers it as the first word. Anywhere else it would end a command without a verdict. */
function refuseLateVersion(): never {
  throw new UsageError("the version is printed only if the first word asks for it: runseal --version");
}

/** What is common to a command and those below it. */
function complement(command: CommandUnknownOpts, io: Io, hush: Arguments["hush"]): void {
  // Commander neither prints its errors nor ends the process: `run` does both.
  command.exitOverride(withExample(command)).configureOutput({
    writeOut: (text) => io.writeOut(folded(text, widthOf(io.columns))),
    getOutHelpWidth: () => widthOf(io.columns),
    writeErr: io.writeError,
    outputError: () => undefined,
  });
  if (command.commands.length === 0) {
    // The stdout of `runseal run` belongs to the command that it runs.
    const stream = command.name() === "run" ? "stderr" : "stdout";
    command
      .optionsGroup("Options of every command:")
      .helpOption("-h, --help", "print this help; with -h the options that are used most")
      .option("--json", `print one JSON object on ${stream}, also on failure`)
      .option("-q, --quiet", "print nothing but errors; the exit code says the rest")
      .on("option:quiet", () => hush?.());
  } else {
    // A command's options end where the name of a command begins. Otherwise commander takes an option of the program out
    // of any later place, also where it is the value of another option.
    command.enablePositionalOptions();
  }
  // Before or behind any command: a user adds them to a line that was typed, at the end or the start.
  const colour = "whether to colour what is printed (default: auto, which is on a terminal)";
  command
    .addOption(new Option("--color <when>", colour).choices(COLOUR_CHOICES))
    .option("--debug", "log the causes of failures on stderr, as JSON; they may hold paths");
  for (const child of command.commands) complement(child, io, hush);
}

/** Throws what commander found. Where a command takes fewer words than were typed, its first example shows the way. */
function withExample(command: CommandUnknownOpts): (found: CommanderError) => never {
  return (found) => {
    const [example] = wordsOf(command).examples;
    if (found.code === "commander.excessArguments" && example !== undefined)
      found.message += `\nsuch as: ${example}`;
    throw found;
  };
}

/** What is wrong, and in further lines what was perhaps meant. */
function wrongWords({ code, message }: CommanderError, program: CommandUnknownOpts): string {
  // The program and groups such as `key` lack these options; every command has them.
  const isBare = code === "commander.unknownOption" && /'(?:--json|-q|--quiet)'/.test(message);
  if (isBare || code === "commander.help") return "name a command\n--json and -q go behind its name";
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
