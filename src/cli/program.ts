/**
 * The commands and their options. Each one parses, calls its `run…`, and reports; what it needs of Node is
 * loaded only when it is called, so that `--version` and `--help` cost no more than they must.
 *
 * @module
 */

import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { chainCommand } from "./commands/chain/chain-program.ts";
import { diffCommand, logCommand, showCommand } from "./commands/history/history-program.ts";
import { initCommand, keyCommand } from "./commands/key/key-program.ts";
import { checkProofCommand, proveCommand } from "./commands/proof/proof-program.ts";
import { recoverCommand, restoreCommand, undoCommand } from "./commands/restore/restore-program.ts";
import { runCommand } from "./commands/run/run-program.ts";
import { fsckCommand, gcCommand } from "./commands/store/store-program.ts";
import { trustCommand } from "./commands/trust/trust-program.ts";
import { VERSION_FLAGS } from "./options/asking-words.ts";
import { IGNORE } from "./options/ignore-option.ts";
import {
  ACCEPT_BEFORE_REVOCATION,
  ANY_SIGNER,
  EXPECT_ID,
  EXPECT_ROOT,
  JOBS,
  JSON_OUTPUT,
  KEY,
  KEY_FD,
  PROGRESS,
  ROOT,
  SIGNER,
  SIGNER_COMMAND,
  SIGNER_KEY,
  SIGNER_TIMEOUT,
  SSH_AGENT,
  STORED,
  TRUST,
} from "./options/shared-options.ts";
import { UsageError } from "./options/usage-error.ts";
import type { Io } from "./output/io.ts";
import type { Report } from "./output/report.ts";
import { commandHelp, exitCodesHelp, programHelp, sealHelp } from "./text/help-text.ts";

/** Where a command's end goes. */
type Sink = (report: Report) => void;

const DEBUG = new Option("--debug", "log the causes of failures on stderr, as JSON; they may hold paths");

/** How each command is made, in the order of the help. */
const COMMANDS: ReadonlyMap<string, (io: Io, report: Sink, args: Arguments) => CommandUnknownOpts> = new Map([
  ["init", initCommand],
  ["key", keyCommand],
  ["seal", sealCommand],
  ["run", (io: Io, report: Sink, args: Arguments) => runCommand(io, report, args.behindTerminator)],
  ["verify", verifyCommand],
  ["chain", chainCommand],
  ["log", logCommand],
  ["show", showCommand],
  ["diff", diffCommand],
  ["restore", restoreCommand],
  ["recover", recoverCommand],
  ["undo", undoCommand],
  ["gc", gcCommand],
  ["fsck", fsckCommand],
  ["countersign", countersignCommand],
  ["prove", proveCommand],
  ["check-proof", checkProofCommand],
  ["trust", trustCommand],
  ["explain", explainCommand],
]);

/** The arguments as `--` parts them. */
export interface Arguments {
  readonly flags: readonly string[];
  readonly behindTerminator: readonly string[];
}

/** Makes the program. `report` is called once, by the command that ran. `run` itself heeds --json and --debug. */
export function makeProgram(io: Io, report: Sink, args: Arguments): CommandUnknownOpts {
  const program = new Command("runseal")
    .description("Seal what a run produced, verify it elsewhere, restore it all or nothing.")
    .option(VERSION_FLAGS, "print the version; the first word only")
    .on("option:version", refuseLateVersion)
    .addHelpText("after", programHelp());
  // To make them all takes 5 ms. Help, which may be asked for before a command's name, and what it says of a wrong name need all.
  const called = COMMANDS.get(args.flags[0] ?? "");
  for (const make of called === undefined ? COMMANDS.values() : [called]) {
    program.addCommand(make(io, report, args));
  }
  quieten(program, io);
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
    writeOut: io.writeOut,
    writeErr: io.writeError,
    outputError: () => undefined,
  });
  for (const child of command.commands) quieten(child, io);
}

/** Before or behind any command: who adds it to a line that failed adds it where the cursor is. */
function offerDebug(command: CommandUnknownOpts): void {
  command.addOption(DEBUG);
  for (const child of command.commands) offerDebug(child);
}

function sealCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("seal")
    .description("hash files and folders and sign the result into a bundle")
    .addHelpText("before", commandHelp("seal"))
    .argument("<path...>", "files and folders below the root")
    .option("--root <dir>", "the folder that output paths are relative to", ".")
    .option("--id <run-id>", "the bundle's name (default: UTC time and 4 random hex)")
    .option("--task <file>", "a JSON file that becomes TASK_SPEC.json, byte for byte")
    .addOption(KEY)
    .addOption(KEY_FD)
    .addOption(SSH_AGENT)
    .addOption(SIGNER_COMMAND)
    .addOption(SIGNER_KEY)
    .addOption(SIGNER_TIMEOUT)
    .option("--out <dir>", "put the bundle there, outside the project's line of runs; nothing is kept then")
    .option("--no-keep", "do not keep the files' bytes in the project's store")
    .addOption(IGNORE)
    .option("--skip-special", "leave links and special files out, and say so")
    .addOption(
      new Option("--names <rule>", "which file names to take")
        .choices(["portable", "posix"] as const)
        .default("portable" as const),
    )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addOption(JSON_OUTPUT)
    .addHelpText("after", `${sealHelp()}${exitCodesHelp([0, 1, 2, 4, 9, 70, 130])}`)
    .action(async (paths, options) => {
      const { runSeal } = await import("./commands/seal/seal.ts");
      report(await runSeal(paths, options, io));
    });
}

function verifyCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("verify")
    .description("judge a bundle and its files, offline")
    .addHelpText("before", commandHelp("verify"))
    .argument("<bundle>", "the bundle's folder, or a run id of the project")
    .addOption(ROOT)
    .addOption(TRUST)
    .addOption(SIGNER)
    .addOption(ANY_SIGNER)
    .addOption(ACCEPT_BEFORE_REVOCATION)
    .addOption(EXPECT_ROOT)
    .addOption(EXPECT_ID)
    .addOption(STORED)
    .option("--all", "list every changed and missing file, not only the first")
    .option("-q, --quiet", "print nothing but errors; the exit code says the rest")
    .option("--verbose", "print each of the ten phases, also when all are passed")
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addOption(JSON_OUTPUT)
    .addHelpText("after", exitCodesHelp([0, 1, 2, 3, 4, 70, 130]))
    .action(async (bundle, options) => {
      const { runVerify } = await import("./commands/verify/verify.ts");
      report(await runVerify(bundle, options, io));
    });
}

function countersignCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("countersign")
    .description("verify somebody else's bundle and vouch for it beside them")
    .addHelpText("before", commandHelp("countersign"))
    .argument("<bundle>", "the bundle's folder, or a run id of the project")
    .addOption(ROOT)
    .addOption(KEY)
    .addOption(KEY_FD)
    .addOption(SSH_AGENT)
    .addOption(SIGNER_COMMAND)
    .addOption(SIGNER_KEY)
    .addOption(SIGNER_TIMEOUT)
    .addOption(TRUST)
    .addOption(SIGNER)
    .addOption(ANY_SIGNER)
    .addOption(ACCEPT_BEFORE_REVOCATION)
    .addOption(PROGRESS)
    .addOption(JSON_OUTPUT)
    .action(async (bundle, options) => {
      const { runCountersign } = await import("./commands/countersign/countersign.ts");
      report(await runCountersign(bundle, options, io));
    });
}

function explainCommand(_io: Io, report: Sink): CommandUnknownOpts {
  return new Command("explain")
    .description("say what a code means and what to do about it")
    .addHelpText("before", commandHelp("explain"))
    .argument("<code>", "such as HASH_MISMATCH")
    .addOption(JSON_OUTPUT)
    .action(async (code) => {
      const { runExplain } = await import("./commands/explain/explain.ts");
      report(runExplain(code));
    });
}
