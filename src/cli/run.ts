/** One run of the program: parse, call, print. Whatever is thrown is caught here, once. @module */

import { listenForHomeFallback } from "../node/keys/user-home.ts";
import { InterruptedRestore } from "../node/restore/recover/interrupted-restore.ts";
import { InterruptedRun } from "../node/run/run-request.ts";
// Not from the index: that would load all of Node's half for every `--version`.
import { publishCause } from "../node/runtime/cause-channel.ts";
import { Interruption } from "../node/runtime/interruption.ts";
import { RUNSEAL_VERSION } from "../node/runtime/version.ts";
import { InterruptedSeal } from "../node/seal/seal-request.ts";
import { WorkerDeath } from "../node/work/worker-death.ts";
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
  // Before anything else: no word behind it is an option of this call.
  if (argv[0] === COMPLETE_WORD) {
    const { completeWords } = await import("./complete-words.ts");
    await completeWords(argv.slice(1), io);
    return 0;
  }
  // Needed before the arguments are parsed: a wrong usage is reported as JSON, and logged, too.
  const flags = argv.slice(0, indexOfTerminator(argv));
  // The stdout of `runseal run` belongs to the command that it runs, from the first byte on.
  const isRun = commandNamed(flags) === "run";
  const voice = {
    json: flags.includes("--json"),
    writeAnswer: isRun ? io.writeError : io.writeOut,
    colour: isRun ? io.errorColour : io.colour,
  };
  const debug = flags.includes("--debug") || io.environment["RUNSEAL_LOG"] === "debug";
  let log: DebugLog | undefined;
  let exitCode: ReportExitCode = 0;
  let userOfFallback: string | undefined;
  let quiet = false;
  const stopListening = listenForHomeFallback((user) => {
    userOfFallback = user;
  });
  const end = (ended: Report): ReportExitCode => {
    const report = withHomeFallback(ended, userOfFallback, io.environment["HOME"]);
    log?.ended(report.facts);
    return printReport(report, { ...voice, quiet }, io);
  };
  const report = (ended: Report): void => {
    exitCode = end(ended);
  };
  try {
    if (debug) log = await openLog(io);
    const hush = (): void => {
      quiet = true;
    };
    const args = { flags, behindTerminator: argv.slice(flags.length + 1), hush };
    if (isPlainVerify(argv)) report(await verifyPlainly(argv[1], io));
    else {
      const { callCommand } = await import("./call-command.ts");
      await callCommand(argv, args, io, report);
    }
    return exitCode;
  } catch (thrown) {
    return end(await lastReport(thrown, io));
  } finally {
    stopListening();
    log?.close();
  }
}

/** `verify BUNDLE` without options: the most frequent call, and simple enough to skip the parser. */
function isPlainVerify(argv: readonly string[]): argv is readonly ["verify", string] {
  return argv.length === 2 && argv[0] === "verify" && argv[1]?.startsWith("-") === false;
}

async function verifyPlainly(bundle: string, io: Io): Promise<Report> {
  const { runVerify } = await import("./commands/verify/verify.ts");
  return await runVerify(bundle, { signer: [], ignore: [], progress: "auto" }, io);
}

/** Loaded on demand: starting a logger takes longer than many commands. */
async function openLog(io: Io): Promise<DebugLog> {
  const { openDebugLog } = await import("./debug/debug-log.ts");
  return openDebugLog(io);
}

/** What is reported of something thrown. */
async function lastReport(thrown: unknown, io: Io): Promise<Report> {
  if (thrown instanceof UsageError) return usageReport(thrown.message);
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
  const [{ killedRunFacts, recoveredSealFacts }, { sealRemarks }, { killedRunRemarks }] = await Promise.all([
    import("./commands/seal/seal-facts.ts"),
    import("./commands/seal/seal-remarks.ts"),
    import("./commands/run/run-text.ts"),
  ]);
  const { recovered } = thrown;
  const killed = thrown instanceof InterruptedRun ? thrown.killed : undefined;
  const runs = killed === undefined ? {} : { killed_runs: killedRunFacts(killed) };
  return {
    ...report,
    facts: { ...report.facts, recovered: recoveredSealFacts(recovered), ...runs },
    remarks: [
      ...killedRunRemarks(killed ?? []),
      ...sealRemarks({ memory: undefined, recovered, replaced: undefined }),
    ],
  };
}

/** The command that is called, if any: no option before it takes a value. */
function commandNamed(flags: readonly string[]): string | undefined {
  return flags.find((flag) => !flag.startsWith("-"));
}

function indexOfTerminator(argv: readonly string[]): number {
  const index = argv.indexOf("--");
  return index < 0 ? argv.length : index;
}

/** The current folder was removed: relative paths lead nowhere. */
function isCwdGone(thrown: unknown): boolean {
  return thrown instanceof Error && "syscall" in thrown && thrown.syscall === "uv_cwd";
}
