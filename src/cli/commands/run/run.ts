/** `runseal run -- COMMAND…`: run a command, and seal what it made and how it ended. @module */

import { constants } from "node:os";
import { openSigner, type SignerChoice } from "../../../node/keys/open-signer.ts";
import { passphraseDescriptors } from "../../../node/keys/passphrase/program-surroundings.ts";
import type { PlacedUnsigned } from "../../../node/make/seal/place-unsigned.ts";
import type { ScratchDifference } from "../../../node/make/seal/scratch-proof.ts";
import { runAndSeal } from "../../../node/run/run-and-seal.ts";
import type { RunFacts, RunRequest, SealedRun, UnsealedRun } from "../../../node/run/run-request.ts";
import { loadClient } from "../../../node/system/http/connections.ts";
import type { OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import { exitCodeOf } from "../../codes/all-codes.ts";
import { exitCodeOfCommand, type ReportExitCode } from "../../codes/exit-code.ts";
import { operationMessage } from "../../codes/operation-codes.ts";
import { type AuthorityOptions, chooseAuthority, type StampDemand } from "../../options/authority-options.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { type SealingOptions, sealingOf, sealingTime } from "../../options/sealing-options.ts";
import { chooseSigner, type SignerOptions } from "../../options/signer-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { failureReport, operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import {
  codedMessage,
  doneReport,
  type Remark,
  type Report,
  warning,
  withRemarks,
} from "../../output/report.ts";
import { ReportFile } from "../../output/report-file.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import type { ListedSealFacts } from "../../results/seal-members.ts";
import { leftOutLines, leftOutRemarks } from "../seal/left-out-text.ts";
import { killedRunFacts, sealFacts, treeFacts } from "../seal/seal-facts.ts";
import { sealRemarks, tellOfWaiting, withRecovered } from "../seal/seal-remarks.ts";
import { unsignedFacts, unsignedLines } from "../seal/unsigned-facts.ts";
import { withStamp } from "../timestamp/stamp-seal.ts";
import type { GuardedRunOptions } from "./guarded.ts";
import type {
  RanCommandFacts,
  ScratchDifferenceFacts,
  SignedRunResult,
  UnsignedRunResult,
} from "./run-results.ts";
import {
  failedRunHints,
  failedUnsignedHints,
  killedRunRemarks,
  runDifferences,
  sealedRunLines,
  sharedKeyRemarks,
  withKilled,
} from "./run-text.ts";

/** The options as parsed. */
export interface RunOptions
  extends SealingOptions,
    SignerOptions,
    AuthorityOptions,
    GuardedRunOptions,
    ProgressOptions {
  readonly output: readonly string[];
  readonly scratch: readonly string[];
  readonly input: readonly string[];
  readonly env: readonly string[];
  readonly report?: string | undefined;
  readonly unsigned?: true | undefined;
}

/** Runs a command; its end is reported on stderr, and in a file where one is asked for. */
export async function runRun(
  command: readonly [string, ...string[]],
  options: RunOptions,
  io: Io,
): Promise<Report> {
  const sealing = sealingOf(options, sealingTime(io), io);
  const signer = signerOf(options, io);
  const chosen = signer === undefined ? undefined : chooseAuthority(options, undefined, io);
  if (chosen !== undefined && "report" in chosen) return chosen.report;
  // The command may replace runseal.
  if (chosen !== undefined) await loadClient();
  const file = options.report === undefined ? undefined : new ReportFile(options.report, io.cwd);
  const unwritable = file?.prepare();
  if (unwritable !== undefined) return operationReport(unwritable);
  using progress = showProgress(options, io);
  const request = {
    ...sealing,
    command,
    paths: options.output,
    scratch: options.scratch,
    inputs: options.input,
    recorded: options.env,
    clock: () => sealingTime(io),
    tapSignals: io.tapSignals,
    streams: io.commandStreams,
    progress,
    onWaiting: tellOfWaiting(options, io),
  };
  return withFile(await runAndReport(request, options, signer, chosen?.demand, io), file);
}

async function runAndReport(
  request: Omit<RunRequest, "openSigner">,
  options: RunOptions,
  signer: SignerChoice | undefined,
  demand: StampDemand | undefined,
  io: Io,
): Promise<Report> {
  if (signer === undefined) {
    const run = await runAndSeal(request);
    return run.ok ? leftReport(run) : unsealedReport(run);
  }
  if (options.guard !== undefined) {
    // Loaded before the command, which may replace runseal.
    const { runInGuard, withGuard } = await import("./guarded.ts");
    const ended = await runInGuard(request, options.guard, options, signer, io);
    const { bundle, run } = ended;
    const named = { folder: options.guard, store: options.store, isVerbose: options.verbose === true };
    const report = withGuard(run.ok ? sealedReport(run) : unsealedReport(run), ended, named, io);
    return bundle === undefined ? report : await withStamp(report, bundle, demand, io);
  }
  const openSignerNow = () => openSigner(signer, signerSurroundings(io));
  const run = await runAndSeal({ ...request, openSigner: openSignerNow });
  return run.ok ? await withStamp(sealedReport(run), run.bundle.bundle, demand, io) : unsealedReport(run);
}

/** Who signs; undefined where the bundle is left unsigned. Throws a usage error. */
function signerOf(options: RunOptions, io: Io): SignerChoice | undefined {
  const signer = options.unsigned === true ? undefined : chooseSigner(options, io);
  const readsKey = signer?.kind === "key-descriptor" && signer.fd <= 2;
  if (readsKey || passphraseDescriptors(io.environment).some((fd) => fd <= 2))
    throw new UsageError(
      `the command has stdin, stdout and stderr too, and could read the ${readsKey ? "key" : "passphrase"} there\n${readsKey ? "--key fd:N" : "RUNSEAL_PASSPHRASE_FD"} can name another descriptor, which the command does not get`,
    );
  return signer;
}

function sealedReport(run: SealedRun): Report {
  const bundle = { ...run.bundle, recovered: run.recovered };
  return endedReport(run, {
    done: "sealed",
    facts: { ...sealFacts(bundle), tree: treeFacts(bundle.tree) },
    text: sealedRunLines(run),
    remarks: [...sealRemarks(bundle), ...sharedKeyRemarks(run)],
    hints: failedRunHints(run.failure, run.guarded !== undefined && run.bundle.files === 0),
    unreleased: bundle.unreleased,
  });
}

/** A run whose bundle waits for a signer. */
function leftReport(run: SealedRun<PlacedUnsigned>): Report {
  const bundle = { ...run.bundle, recovered: run.recovered };
  return endedReport(run, {
    done: "sealed without a signature",
    facts: unsignedFacts(bundle),
    text: leftOutLines(run) + unsignedLines(bundle, run.failure === undefined ? "unsigned" : "failed"),
    remarks: sealRemarks({ recovered: bundle.recovered }),
    hints: failedUnsignedHints(run.failure),
    unreleased: bundle.unreleased,
  });
}

/** What became of a timestamp is added last. */
type Unstamped = Omit<SignedRunResult, "timestamp"> | UnsignedRunResult;

/** What is known of a run's bundle before its command's end is added. */
type SealedRunFacts =
  | Omit<SignedRunResult, "timestamp" | "left_out" | "ignored" | keyof RanCommandFacts>
  | Omit<UnsignedRunResult, "left_out" | "ignored" | keyof RanCommandFacts>;

/** What is reported of a run's bundle. */
interface EndedBundle {
  readonly done: string;
  readonly facts: SealedRunFacts;
  readonly text: string;
  readonly remarks: readonly Remark[];
  readonly hints: readonly string[];
  readonly unreleased: OperationFault | undefined;
}

function endedReport(
  run: Omit<SealedRun<unknown>, "bundle">,
  { done, facts, hints, remarks: more, text, unreleased }: EndedBundle,
): Report {
  const { failure, killed } = run;
  const known = { ...facts, ...runFacts(run), killed_runs: killedRunFacts(killed) };
  const remarks = [...killedRunRemarks(killed), ...leftOutRemarks(run), ...more];
  if (failure === undefined)
    return withLateFault(doneReport<Unstamped>(done, known, text, { remarks }), unreleased);
  const { code, details } = failure;
  const report = failureReport<Unstamped>(
    {
      code,
      message: operationMessage(failure),
      details,
      known,
      exitCode: exitCodeOfRun(run, exitCodeOf(code)),
      remarks,
      list: runDifferences(run, failure),
      hints,
    },
    text,
  );
  return withLateFault(report, unreleased);
}

/** Nothing was sealed. If a command was run, the report has its end all the same. */
function unsealedReport({ fault, facts, killed, recovered }: UnsealedRun): Report {
  const told = operationReport(fault);
  const shown = facts === undefined ? notRunReport(told, fault) : told;
  const known = facts === undefined ? { command: null } : runFacts(facts);
  const exit_code = facts === undefined ? told.facts.exit_code : exitCodeOfRun(facts, told.facts.exit_code);
  const report = { ...shown, facts: { ...told.facts, ...known, exit_code } };
  const { remarks = [], ...whole } = withKilled(withRecovered(report, recovered), killed);
  return { ...whole, remarks: [...remarks, ...(facts === undefined ? [] : sharedKeyRemarks(facts))] };
}

/** Adds a hint about the files that kept a command from being run. */
function notRunReport(report: Report, { code }: OperationFault): Report {
  const { error } = report;
  if (error === undefined || code !== "ENTRIES_REFUSED") return report;
  const hint = "the command was not run: these are there already, at or below an --output";
  return { ...report, error: { ...error, hints: [hint, ...(error.hints ?? [])] } };
}

/** The exit code of a failed command, or of its signal, comes before any other. */
function exitCodeOfRun({ command }: RunFacts, otherwise: ReportExitCode): ReportExitCode {
  const { exitCode, interruptedBy } = command;
  if (exitCode !== 0) return exitCodeOfCommand(exitCode);
  return interruptedBy === undefined ? otherwise : exitCodeOfCommand(128 + constants.signals[interruptedBy]);
}

function runFacts({
  command,
  ignored,
  isKeyInReach,
  leftOut,
  missing,
  scratch,
}: RunFacts): Omit<RanCommandFacts, "killed_runs"> & Pick<ListedSealFacts, "left_out" | "ignored"> {
  const { exitCode, interruptedBy, signal } = command;
  const { condition, differences, unreachable, verified } = scratch;
  return {
    command: { exit_code: exitCode, signal: signal ?? null, interrupted_by: interruptedBy ?? null },
    scratch: { verified, condition, differences: differences.map(differenceFacts), unreachable },
    missing_outputs: missing,
    left_out: leftOut,
    ignored,
    command_could_sign: isKeyInReach ? "plain-file" : null,
  };
}

/** As PROOF.json has it, but for the path, which is relative to the root. */
function differenceFacts(difference: ScratchDifference): ScratchDifferenceFacts {
  const { actual, expected, path, reason, type } = difference;
  return { path, type, expected_hash: expected, actual_hash: actual, reason };
}

/** A report that can't be written must not look like a success. */
function withFile(report: Report, file: ReportFile | undefined): Report {
  const unwritable = file?.write(report);
  if (unwritable === undefined) return report;
  const lost = operationReport(unwritable);
  if (report.facts.ok)
    return {
      ...lost,
      facts: { ...report.facts, ...lost.facts },
      text: report.text,
      remarks: report.remarks ?? [],
    };
  return withRemarks(report, warning(codedMessage(unwritable.code, operationMessage(unwritable))));
}
