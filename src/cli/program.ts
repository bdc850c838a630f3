/**
 * The commands and their options. Each one parses, calls its `run…`, and reports; what it needs of Node is
 * loaded only when it is called, so that `--version` and `--help` cost no more than they must.
 *
 * @module
 */

import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { pullCommand } from "./commands/carry/pull-program.ts";
import { pushCommand } from "./commands/carry/push-program.ts";
import { checkCommand } from "./commands/check/check-program.ts";
import { completionCommand } from "./commands/completion/completion-program.ts";
import { diffCommand } from "./commands/diff/diff-program.ts";
import { doctorCommand } from "./commands/doctor/doctor-program.ts";
import { explainCommand } from "./commands/explain/explain-program.ts";
import { exportCommand } from "./commands/export/export-program.ts";
import { snapshotCommand } from "./commands/guard/snapshot-program.ts";
import { logCommand, showCommand } from "./commands/history/history-program.ts";
import { initCommand, keyCommand } from "./commands/key/key-program.ts";
import { proveCommand } from "./commands/proof/proof-program.ts";
import { pruneCommand } from "./commands/prune/prune-program.ts";
import { recoverCommand, restoreCommand } from "./commands/restore/restore-program.ts";
import { runCommand } from "./commands/run/run-program.ts";
import { sealCommand } from "./commands/seal/seal-program.ts";
import { signCommand } from "./commands/sign/sign-program.ts";
import { statusCommand } from "./commands/status/status-program.ts";
import { storeCommand } from "./commands/store/store-program.ts";
import { trustCommand } from "./commands/trust/trust-program.ts";
import { redoCommand, undoCommand } from "./commands/undo/undo-program.ts";
import { verifyCommand } from "./commands/verify/verify-program.ts";
import { VERSION_FLAGS } from "./options/asking-words.ts";
import { programHelp } from "./options/help-text.ts";
import { UsageError } from "./options/usage-error.ts";
import { COLOUR_CHOICES } from "./output/colour.ts";
import type { Io } from "./output/io.ts";
import type { Sink } from "./output/report.ts";
import { folded, widthOf } from "./text/wrapped.ts";

const COLOUR = new Option(
  "--color <when>",
  "whether to colour what is printed (default: auto, which is on a terminal)",
).choices(COLOUR_CHOICES);
const DEBUG = new Option("--debug", "log the causes of failures on stderr, as JSON; they may hold paths");

type MakeCommand = (io: Io, report: Sink, args: Arguments) => CommandUnknownOpts;

/** How each command is made, in the groups and the order of help, man page and docs. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, MakeCommand>>>> = {
  Start: { init: initCommand },
  Make: {
    seal: sealCommand,
    run: (io, report, args) => runCommand(io, report, args.behindTerminator),
    sign: signCommand,
  },
  Judge: { verify: verifyCommand, check: checkCommand, status: statusCommand },
  Look: {
    log: logCommand,
    show: showCommand,
    diff: (io, report, args) => diffCommand(io, report, args.behindTerminator.length),
  },
  Move: { push: pushCommand, pull: pullCommand },
  "Files back": {
    restore: restoreCommand,
    undo: undoCommand,
    redo: redoCommand,
    snapshot: snapshotCommand,
    recover: recoverCommand,
  },
  "Hand out": { prove: proveCommand, export: exportCommand },
  Space: { prune: pruneCommand, store: storeCommand },
  Keys: { key: keyCommand, trust: trustCommand },
  Machine: { doctor: doctorCommand, explain: explainCommand, completion: completionCommand },
};

/** The arguments as `--` parts them. */
export interface Arguments {
  readonly flags: readonly string[];
  readonly behindTerminator: readonly string[];
  /** Called where --quiet is found. */
  readonly hush?: () => void;
}

/** Makes the program. `report` is called once, by the command that ran. `run` itself heeds --json and --debug. */
export function makeProgram(io: Io, report: Sink, args: Arguments): CommandUnknownOpts {
  const program = new Command("runseal")
    .description("Seal what a run produced, verify it elsewhere, restore it all or nothing.")
    .option(VERSION_FLAGS, "print the version; the first word only")
    .on("option:version", refuseLateVersion)
    .addHelpText("after", programHelp());
  // Making all of them takes 5 ms. Help, and the error for a wrong name, need all.
  const [name = ""] = args.flags;
  const isCalled = Object.values(GROUPS).some((commands) => Object.hasOwn(commands, name));
  for (const [group, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(`${group}:`);
    for (const [own, make] of Object.entries(commands))
      if (!isCalled || own === name) program.addCommand(make(io, report, args));
  }
  // The command `help` is in the last group.
  program.helpCommand(true);
  quieten(program, io);
  offerOutput(program, args.hush);
  offerDebug(program);
  separateOptions(program);
  return program;
}

/** `run` answers it as the first word. Anywhere else it would end a command without a verdict. */
function refuseLateVersion(): never {
  throw new UsageError("the version is printed only if the first word asks for it: runseal --version");
}

/**
 * Lets a command's options end where the name of a command begins. Otherwise commander takes an option of the program out
 * of any later place, also where it is the value of another option.
 */
function separateOptions(command: CommandUnknownOpts): void {
  if (command.commands.length > 0) command.enablePositionalOptions();
  for (const child of command.commands) separateOptions(child);
}

/** Commander neither prints its errors nor ends the process: `run` does both. */
function quieten(command: CommandUnknownOpts, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.writeOut(folded(text, widthOf(io.columns))),
    getOutHelpWidth: () => widthOf(io.columns),
    writeErr: io.writeError,
    outputError: () => undefined,
  });
  for (const child of command.commands) quieten(child, io);
}

/** Each command has them, whatever else it takes. The stdout of `runseal run` belongs to the command that it runs. */
function offerOutput(command: CommandUnknownOpts, hush: Arguments["hush"]): void {
  const stream = command.name() === "run" ? "stderr" : "stdout";
  if (command.commands.length === 0)
    command
      .option("--json", `print one JSON object on ${stream}, also on failure`)
      .option("-q, --quiet", "print nothing but errors; the exit code says the rest")
      .on("option:quiet", () => hush?.());
  for (const child of command.commands) offerOutput(child, hush);
}

/** Before or behind any command: a user adds them to a line that was typed, at the end or the start. */
function offerDebug(command: CommandUnknownOpts): void {
  command.addOption(COLOUR).addOption(DEBUG);
  for (const child of command.commands) offerDebug(child);
}
