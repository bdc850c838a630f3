/** `runseal verify BUNDLE`: checks a bundle, its files and its signer. @module */

import {
  type JudgedBundle,
  type SaidFailure,
  treeBinding,
  type VerifiedBundle,
} from "../../../core/internal.ts";
import type { VerifyFailure } from "../../../node/bundle/verify-context.ts";
// Not from the index: that would load all of Node's half for the command that is run most.
import { findLaterRun } from "../../../node/history/later-run.ts";
import { keepsOutputs } from "../../../node/store/hash-stored-claims.ts";
import { countUnsealed } from "../../../node/verify/unsealed-files.ts";
import { reportOnBundle } from "../../../node/verify/verify-bundle-files.ts";
import { placeOfBundle } from "../../options/bundle-place.ts";
import { type ExpectOptions, expectedBundle } from "../../options/expectations.ts";
import { chooseJobs, type JobsOptions } from "../../options/jobs.ts";
import { type TreeOptions, treeDemand } from "../../options/tree-options.ts";
import {
  answerTrust,
  chooseTrust,
  type TrustAnswer,
  type TrustOptions,
  UNDECIDED_TRUST,
} from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { elsewhereFacts } from "../../text/witness-words.ts";
import { type Moved, movedHints, UNMOVED } from "../../verdict/moved-text.ts";
import { renamedHints } from "../../verdict/renamed-text.ts";
import { saidFacts, saidWords } from "../../verdict/said-failure-text.ts";
import { storedHints } from "../../verdict/stored-text.ts";
import { type TreeAnswer, treeFacts, treeLine } from "../../verdict/tree-facts.ts";
import { phaseOf, rejectedReport, signerFacts, soundReport } from "../../verdict/verdict-facts.ts";
import { bundleLines, failureLines, phaseLines, phasesLine } from "../../verdict/verify-text.ts";
import type { AttestOptions } from "./attest.ts";
import { unsealedFacts, unsealedRemarks } from "./unsealed-text.ts";

/** The options as parsed. */
export interface VerifyOptions
  extends TrustOptions,
    TreeOptions,
    AttestOptions,
    ExpectOptions,
    JobsOptions,
    ProgressOptions {
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
  const expected = expectedBundle(options);
  const demand = treeDemand(options, options.stored === true);
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const attesting = await loadAttesting(options);
  const attest = attesting?.chooseAttest(options, choice, io);
  const place = placeOfBundle(named, options.root, io);
  if (!place.ok) return operationReport(place);
  const { bundle, home, root } = place.value;
  const from = options.stored === true ? "store" : "root";
  using progress = showProgress(options, io);
  const { failures, hasUnboundTree, judged, said, source, tree, verdict } = await reportOnBundle({
    ...expected,
    ...demand,
    bundle,
    root,
    home,
    from,
    jobs,
    untilFailure: options.all !== true,
    signal: io.signal,
    progress: progress?.port,
  });
  const listed = options.all === true ? [...failures()] : [];
  const all =
    options.all === true ? { failures: listed.map(({ code, details }) => ({ code, ...details })) } : {};
  const sealedTree = tree?.tree.ok === true ? tree.tree.value : undefined;
  const isCounted = source === "root" && demand.exact !== true;
  const unsealed = isCounted && judged !== undefined ? countUnsealed(root, judged, sealedTree) : undefined;
  const remarks = unsealedRemarks(unsealed);
  const answer = { seen: tree, isUnbound: hasUnboundTree, demand };
  const isSeen = tree !== undefined || verdict.ok;
  const more = {
    source: source ?? null,
    ...all,
    unsealed: unsealedFacts(unsealed),
    tree: isSeen ? treeFacts(answer) : null,
  };
  if (verdict.ok) {
    const trust = answerTrust(choice, verdict.value, io.now());
    const report = { ...acceptedReport(verdict.value, trust, answer, more, options, io), remarks };
    if (attesting === undefined || attest === undefined || judged === undefined || !trust.ok) return report;
    // The signer may prompt on the terminal.
    progress?.port.end();
    const verified = { bundle: verdict.value, demand, judged, source, time: trust.time, tree };
    return await attesting.withAttestation(report, attest, verified, io);
  }
  const moved = source === "root" && judged !== undefined ? lookForMove(verdict, judged, home) : UNMOVED;
  const known = {
    ...knownOf(judged),
    ...more,
    ...movedFacts(moved),
    run_failure: saidFacts(said),
    trust: UNDECIDED_TRUST,
  };
  // No phase failed, but some did not run, so there are no lines for phases.
  if (verdict.code === "EXPECTATION_FAILED" || verdict.code === "EXACT_NEEDS_TREE")
    return rejectedReport(verdict, known);
  const hasTree = judged !== undefined && treeBinding(judged) !== undefined;
  const text = phaseLines(phaseOf(verdict) ?? "presence", hasTree, io.colour) + failureLines(listed);
  const report = withSaid({ ...rejectedReport(verdict, known, text), remarks }, said);
  const details = "phase" in verdict ? verdict.details : {};
  const hints = storedHints(source, verdict.code, details) ?? renamedHints(details);
  return withHints(report, hints ?? movedHints(moved, report.error?.hints));
}

/** Options that are about an attestation. */
const ATTESTING: Readonly<Record<keyof AttestOptions, true>> = {
  attest: true,
  key: true,
  keyFd: true,
  sshAgent: true,
  signerCommand: true,
  signerKey: true,
  signerTimeout: true,
};

/** Loads what attests if an option speaks of it: few verifications sign anything. */
async function loadAttesting(options: VerifyOptions): Promise<typeof import("./attest.ts") | undefined> {
  const isAsked = Object.keys(options).some((name) => Object.hasOwn(ATTESTING, name));
  return isAsked ? await import("./attest.ts") : undefined;
}

/** The run's own words, behind the verdict on it. */
function withSaid(report: Report, said: SaidFailure | undefined): Report {
  const { error } = report;
  if (said === undefined || error === undefined) return report;
  return { ...report, error: { ...error, list: [saidWords(said)] } };
}

/** What a later run in the same folder causes. */
const MOVING_CODES: ReadonlySet<string> = new Set([
  "HASH_MISMATCH",
  "OUTPUT_MISSING",
  "TREE_ENTRY_MISSING",
  "TREE_ENTRY_DIFFERS",
]);

/** Outputs below the root that are not as they were sealed may be those of a later run. */
function lookForMove(
  { code }: Pick<VerifyFailure, "code">,
  { bundleRoot, claims }: JudgedBundle,
  home: string,
): Moved {
  if (!MOVING_CODES.has(code)) return UNMOVED;
  return { laterRun: findLaterRun(home, bundleRoot), isKept: keepsOutputs(home, claims) };
}

function movedFacts({ isKept, laterRun }: Moved): object {
  return { later_run_id: laterRun ?? null, kept: isKept ?? null };
}

/** What is known of a rejected bundle: what the signature says once it held, else nothing. */
function knownOf(judged: JudgedBundle | undefined): object {
  return {
    run_id: null,
    bundle_root: judged?.bundleRoot ?? null,
    sealed_at: null,
    signed_elsewhere: null,
    time: null,
    bound: null,
    files: judged?.claims.length ?? null,
    bytes: null,
    signer: judged === undefined ? null : signerFacts(judged.signer),
  };
}

function acceptedReport(
  bundle: VerifiedBundle,
  trust: TrustAnswer,
  tree: TreeAnswer,
  more: object,
  { verbose }: VerifyOptions,
  io: Io,
): Report {
  const { binding, bundleRoot, bytes, outputs, runId, signer } = bundle;
  const bound = binding !== undefined;
  const hasTree = bundle.tree !== undefined;
  const phases =
    verbose === true ? phaseLines(undefined, hasTree, io.colour) : phasesLine(hasTree, io.colour);
  return soundReport({
    signer,
    trust,
    known: {
      run_id: runId,
      bundle_root: bundleRoot,
      sealed_at: binding?.sealedAt ?? null,
      signed_elsewhere: elsewhereFacts(binding?.signedAt),
      time: trust.time ?? null,
      bound,
      files: outputs.length,
      bytes,
      ...more,
    },
    text: phases + bundleLines(bundle, trust, treeLine(tree)),
    sound: "the bundle is sound, but ",
  });
}
