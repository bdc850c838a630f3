/** `runseal verify BUNDLE`: is this the run, whole and by somebody I trust? @module */

import type { JudgedBundle, VerifiedBundle } from "../../core/index.ts";
// Not from the index: that would load all of Node's half for the command that is run most.
import { reportOnBundle } from "../../node/verify/verify-bundle-files.ts";
import { placeOfBundle } from "../bundle-place.ts";
import type { Io } from "../io.ts";
import { chooseJobs, type JobsOptions } from "../jobs.ts";
import { type ProgressOptions, showProgress } from "../progress/show-progress.ts";
import { type Report, withHints } from "../report.ts";
import { operationReport } from "../text/operation-text.ts";
import { storedHints } from "../text/stored-text.ts";
import { bundleLines, outputFailureLines, phaseLines, phasesLine } from "../text/verify-text.ts";
import {
  answerTrust,
  chooseTrust,
  type TrustAnswer,
  type TrustOptions,
  UNDECIDED_TRUST,
} from "../trust-options.ts";
import { UsageError } from "../usage-error.ts";
import { phaseOf, rejectedReport, signerFacts, soundReport } from "../verdict-facts.ts";

/** The options as parsed. */
export interface VerifyOptions extends TrustOptions, JobsOptions, ProgressOptions {
  readonly root?: string | undefined;
  readonly all?: true | undefined;
  readonly stored?: true | undefined;
  readonly quiet?: true | undefined;
  readonly verbose?: true | undefined;
}

/** Verifies one bundle. With `--quiet`, errors alone are printed. Throws usage errors. */
export async function runVerify(named: string, options: VerifyOptions, io: Io): Promise<Report> {
  const isQuiet = options.quiet === true;
  if (isQuiet && options.verbose === true) throw new UsageError("--quiet and --verbose exclude each other");
  if (isQuiet && options.all === true) throw new UsageError("--all lists files, and --quiet lists nothing");
  const report = await verifyOne(named, options, io);
  return isQuiet ? { ...report, text: "" } : report;
}

async function verifyOne(named: string, options: VerifyOptions, io: Io): Promise<Report> {
  const jobs = chooseJobs(options);
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const place = placeOfBundle(named, options.root, io.cwd);
  if (!place.ok) return operationReport(place);
  const { bundle, root } = place.value;
  const from = options.stored === true ? "store" : "root";
  using progress = showProgress(options, io);
  const { failures, judged, source, verdict } = await reportOnBundle({
    bundle,
    root,
    from,
    jobs,
    untilFailure: options.all !== true,
    signal: io.signal,
    progress: progress?.port,
  });
  const listed = options.all === true ? [...failures()] : [];
  const all =
    options.all === true ? { failures: listed.map(({ code, details }) => ({ code, ...details })) } : {};
  const more = { source: source ?? null, ...all };
  if (verdict.ok)
    return acceptedReport(verdict.value, answerTrust(choice, verdict.value, io.now()), more, options, io);
  const text = phaseLines(phaseOf(verdict) ?? "presence", io.colour) + outputFailureLines(listed);
  const report = rejectedReport(verdict, { ...knownOf(judged), ...more, trust: UNDECIDED_TRUST }, text);
  const details = "phase" in verdict ? verdict.details : {};
  return withHints(report, storedHints(source, verdict.code, details));
}

/** What is known of a rejected bundle: what the signature says once it held, else nothing. */
function knownOf(judged: JudgedBundle | undefined): object {
  return {
    run_id: null,
    bundle_root: judged?.bundleRoot ?? null,
    sealed_at: null,
    bound: null,
    files: judged?.claims.length ?? null,
    bytes: null,
    signer: judged === undefined ? null : signerFacts(judged.signer),
  };
}

function acceptedReport(
  bundle: VerifiedBundle,
  trust: TrustAnswer,
  more: object,
  { verbose }: VerifyOptions,
  io: Io,
): Report {
  const { binding, bundleRoot, bytes, outputs, runId, signer } = bundle;
  const bound = binding !== undefined;
  const phases = verbose === true ? phaseLines(undefined, io.colour) : phasesLine(io.colour);
  return soundReport({
    signer,
    trust,
    known: {
      run_id: runId,
      bundle_root: bundleRoot,
      sealed_at: binding?.sealedAt ?? null,
      bound,
      files: outputs.length,
      bytes,
      ...more,
    },
    text: phases + bundleLines(bundle, trust),
    sound: "the bundle is sound, but ",
  });
}
