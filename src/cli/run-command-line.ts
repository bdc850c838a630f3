/** One run of the program: parse, call, print. Whatever is thrown is caught here, once. @module */

import { InterruptedRestore } from "../node/back/restore/recover/interrupted-restore.ts";
import { InterruptedSeal } from "../node/make/seal/interrupted-seal.ts";
import { InterruptedRun } from "../node/run/run-request.ts";
import { publishCause } from "../node/system/runtime/cause-channel.ts";
import { Interruption } from "../node/system/runtime/interruption.ts";
import { listenForHomeFallback } from "../node/system/runtime/user-home.ts";
import { RUNSEAL_VERSION } from "../node/system/runtime/version.ts";
import { WorkerDeath } from "../node/system/work/worker-death.ts";
import type { ReportExitCode } from "./codes/exit-code.ts";
import type { DebugLog } from "./debug/debug-log.ts";
import { asksForVersion, COMPLETE_WORD } from "./options/asking-words.ts";
import { UsageError } from "./options/usage-error.ts";
import {
  cwdGoneReport,
  internalReport,
  interruptedReport,
  usageReport,
  withHomeFallback,
  workerDeathReport,
} from "./output/end-report.ts";
import type { Io } from "./output/io.ts";
import { printReport, type Report } from "./output/report.ts";

/** Runs the program with its arguments (without node and script) and gives the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<ReportExitCode> {
  if (asksForVersion(argv[0])) {
    io.writeOut(`${RUNSEAL_VERSION}\n`);
    return 0;
  }
  // Apart from all else: no word behind it is an option of this call.
  if (argv[0] === COMPLETE_WORD) {
    const { completeWords } = await import("./program.ts");
    await completeWords(argv.slice(1), io);
    return 0;
  }
  // Needed before the arguments are parsed: a wrong usage is reported as JSON, and logged, too.
  const end = argv.indexOf("--");
  const flags = end < 0 ? argv : argv.slice(0, end);
  // The stdout of `runseal run` belongs to the command that it runs, from the first byte on.
  const command = commandNamed(flags);
  const isRun = command === "run";
  const voice = {
    json: flags.includes("--json"),
    writeAnswer: isRun ? io.writeError : io.writeOut,
    colour: isRun ? io.errorColour : io.colour,
  };
  let log: DebugLog | undefined;
  let exitCode: ReportExitCode = 0;
  let userOfFallback: string | undefined;
  let quiet = false;
  const stopListening = listenForHomeFallback((user) => {
    userOfFallback = user;
  });
  const report = (ended: Report): void => {
    const last = withHomeFallback(ended, userOfFallback, io.environment["HOME"]);
    log?.ended(last.facts);
    exitCode = printReport(last, { ...voice, quiet }, io);
  };
  const hush = (): void => {
    quiet = true;
  };
  try {
    if (flags.includes("--debug") || io.environment["RUNSEAL_LOG"] === "debug") log = await openLog(io);
    const { callCommand } = await import("./program.ts");
    const args = { flags, behindTerminator: argv.slice(flags.length + 1), hush };
    await callCommand(argv, args, io, report);
  } catch (thrown) {
    report(
      await lastReport(thrown, io, command === "hook" && !INSTALLING.some((flag) => flags.includes(flag))),
    );
  } finally {
    stopListening();
    log?.close();
  }
  return exitCode;
}

/** The command that is called, if any. Of the options that may stand before it, one takes a value. */
function commandNamed(flags: readonly string[]): string | undefined {
  return flags.find((word, at) => !word.startsWith("-") && flags[at - 1] !== "--color");
}

/** Loaded on demand: starting a logger takes longer than many commands. */
async function openLog(io: Io): Promise<DebugLog> {
  const { openDebugLog } = await import("./debug/debug-log.ts");
  return openDebugLog(io);
}

/** With these, a person calls `hook`; without them, an agent does. */
const INSTALLING = ["--print", "--install", "--uninstall"];

/** What is reported of something thrown. By exit code 2, a hook of an agent would erase the person's prompt. */
async function lastReport(thrown: unknown, io: Io, isOfAgent: boolean): Promise<Report> {
  if (thrown instanceof UsageError) return usageReport(thrown.message, isOfAgent ? 1 : 2);
  if (thrown instanceof Interruption)
    return withRecovered(interruptedReport(io.signal.reason === 143), thrown);
  publishCause(thrown);
  if (thrown instanceof WorkerDeath) return workerDeathReport();
  return isCwdGone(thrown) ? cwdGoneReport() : internalReport();
}

/** Adds what was recovered before the interruption. Only a restore or an undo has loaded the words for it. */
async function withRecovered(report: Report, thrown: Interruption): Promise<Report> {
  if (thrown instanceof InterruptedSeal) return withFinished(report, thrown);
  if (!(thrown instanceof InterruptedRestore)) return report;
  const [{ recoveryFacts }, { recoveredRemarks }] = await Promise.all([
    import("./commands/restore/restore-facts.ts"),
    import("./commands/restore/recovery-text.ts"),
  ]);
  const { recovered } = thrown;
  return {
    ...report,
    facts: { ...report.facts, recovered: recoveryFacts(recovered) },
    remarks: recoveredRemarks(recovered),
  };
}

/** The same of a seal or a run. */
async function withFinished(report: Report, thrown: InterruptedSeal): Promise<Report> {
  const { withRecovered: withSeals } = await import("./commands/seal/seal-remarks.ts");
  if (!(thrown instanceof InterruptedRun)) return withSeals(report, thrown.recovered);
  const { withKilled } = await import("./commands/run/run-text.ts");
  return withKilled(withSeals(report, thrown.recovered), thrown.killed);
}

/** The current folder was removed: relative paths lead nowhere. */
function isCwdGone(thrown: unknown): boolean {
  return thrown instanceof Error && "syscall" in thrown && thrown.syscall === "uv_cwd";
}
