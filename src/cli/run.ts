/**
 * One run of the program: parse, call, print. Whatever is thrown is caught here, once.
 *
 * @module
 */

import { CommanderError } from "@commander-js/extra-typings";
// Not from the index: that would load all of Node's half for every `--version`.
import { Interruption } from "../node/interruption.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { makeProgram } from "./program.ts";
import { printReport } from "./report.ts";
import { cwdGoneReport, internalReport, interruptedReport, usageReport } from "./text/end-text.ts";

/** Runs the program with its arguments (without node and script) and gives the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  // Needed before the arguments are parsed: a wrong usage is reported as JSON too.
  const json = argv.slice(0, indexOfTerminator(argv)).includes("--json");
  let exitCode: ExitCode = 0;
  const program = makeProgram(io, (report) => {
    exitCode = printReport(report, json, io);
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return endOfParsing(thrown, json, io);
    if (thrown instanceof Interruption)
      return printReport(interruptedReport(io.signal.reason === 143), json, io);
    if (isCwdGone(thrown)) return printReport(cwdGoneReport(), json, io);
    if (io.environment["RUNSEAL_LOG"] === "debug") io.writeError(`${describeCause(thrown)}\n`);
    return printReport(internalReport(), json, io);
  }
}

/** Help and version end the parsing too, well. */
function endOfParsing(thrown: CommanderError, json: boolean, io: Io): ExitCode {
  if (thrown.exitCode === 0) return 0;
  const message =
    thrown.code === "commander.help" ? "name a command" : thrown.message.replace(/^error: /, "");
  return printReport(usageReport(message), json, io);
}

function indexOfTerminator(argv: readonly string[]): number {
  const index = argv.indexOf("--");
  return index < 0 ? argv.length : index;
}

/** The current folder was removed: relative paths lead nowhere. */
function isCwdGone(thrown: unknown): boolean {
  return thrown instanceof Error && "syscall" in thrown && thrown.syscall === "uv_cwd";
}

/** Only for the log that the operator asked for. */
function describeCause(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
