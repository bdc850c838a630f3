/** `runseal restore BUNDLE… --to DIR`: puts verified files into a folder, all or none. @module */

import { type LinkChoice, ok, type Result, type TrustPolicy } from "../../../core/internal.ts";
import {
  type RestoreCarriedRequest,
  restoreBundle,
  restoreCarried,
  restoreChain,
} from "../../../node/back/restore/restore-bundle.ts";
import type {
  RestoredBundle,
  RestoreOutcome,
  RestoreSuccess,
} from "../../../node/back/restore/target/restore-outcome.ts";
import type { RestoreFailure } from "../../../node/back/transaction/restore-failure.ts";
import type { PlaceOptions } from "../../../node/library/places/bundle-place.ts";
import { runIdOf } from "../../../node/records/bundle/open-bundle.ts";
import type { OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import { type ExpectOptions, expectedBundle } from "../../options/expectations.ts";
import { placesOfBundles } from "../../options/run-operands.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import {
  type CarriedOptions,
  carrierOfAll,
  chosenRuns,
  type OpenCarried,
  refuseCarriedOptions,
  refuseProjectOptions,
} from "../../options/source-place.ts";
import { chooseTrust, chosenTrust, policyOf, type TrustOptions } from "../../options/trust-options.ts";
import { refuseGiven } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { note, type Remark, type Report } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import type { DetailsFacts } from "../../results/details.ts";
import { shellWord } from "../../text/shell-word.ts";
import { carriedHints } from "../../verdict/carried-hints.ts";
import { renamedHints } from "../../verdict/renamed-text.ts";
import { droppedHints, storedHints } from "../../verdict/stored-text.ts";
import { signerFacts } from "../../verdict/verdict-facts.ts";
import {
  absoluteTarget,
  atFolder,
  doneRemarks,
  failedRestoreReport,
  recoveriesFacts,
  recoveryFacts,
} from "./restore-facts.ts";
import type { RestoredRunFacts, RestoreResult, SingleRestoreFacts } from "./restore-results.ts";
import { filesOf, nameOfSigner, restoredLines } from "./restored-text.ts";

/** The options as parsed. */
export interface RestoreOptions
  extends TrustOptions,
    ExpectOptions,
    CarriedOptions,
    PlaceOptions,
    JobsOptions,
    ProgressOptions {
  readonly to: string;
  readonly only: readonly string[];
  readonly failed?: true | undefined;
  readonly links?: LinkChoice | undefined;
  readonly ignoreModes?: true | undefined;
  readonly history?: true | undefined;
  readonly mkdir?: true | undefined;
  readonly report: boolean;
  readonly dryRun?: true | undefined;
}

/** Restores one bundle, or a chain of them. */
export async function runRestore(
  bundles: readonly string[],
  options: RestoreOptions,
  io: Io,
): Promise<Report> {
  const { only } = options;
  const isChain = options.history === true || bundles.length > 1;
  if (isChain) refuseGiven(options, ["--failed", "--expect-id"], "is about one run, and several are named");
  const expected = isChain ? { expectedChainRoot: options.expect } : expectedBundle(options);
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const carrier = carrierOfAll(bundles, io);
  using shown = new ShownWork(options, io);
  const demand = {
    ...shown,
    target: absoluteTarget(options.to, io),
    failed: options.failed === true,
    links: options.links,
    ignoreModes: options.ignoreModes === true,
    mkdir: options.mkdir === true,
    reports: options.report,
    dryRun: options.dryRun === true,
    only: only.length === 0 ? undefined : only,
    trust: chosenTrust(choice, io),
  };
  const work = { demand: { ...demand, ...expected }, isChain, options };
  const restored =
    carrier === undefined
      ? await restoreFolders(bundles, work, io)
      : await restoreFromCarrier(carrier, policyOf(choice), work);
  if (!restored.ok) return operationReport(restored);
  const outcome = restored.value;
  if (!outcome.ok && outcome.operation !== undefined) return brokenCarrierReport(outcome, outcome.operation);
  if (outcome.ok) return restoredReport(outcome, carrier === undefined ? bundles : undefined, options);
  // A trust file with a bad line trusts no key; the reason is the bad line, not a missing policy.
  const untrusted = outcome.trust !== undefined && choice.kind === "malformed";
  const failure = untrusted ? withReason(outcome, choice.answer.reason) : outcome;
  const { details, source } = failure;
  const places = carrier === undefined ? placesOfBundles(bundles, options, io) : undefined;
  const known = places?.ok === true ? places.value : [];
  const place = known.find(({ bundle }) => runIdOf(bundle) === details.run_id) ?? known[0];
  const hints =
    droppedHints(details.verifier_code, place) ??
    storedHints(source, details.verifier_code, details) ??
    carriedHints(source, details.verifier_code, details, !isChain) ??
    renamedHints(details, carrier !== undefined) ??
    failedHints(details.verifier_code, options, isChain);
  const mkdir = options.mkdir === true;
  return failedRestoreReport(atFolder(failure, options.to), "restore", { hints, mkdir });
}

/** How to restore, wherever from. */
interface RestoreWork {
  readonly demand: Omit<RestoreCarriedRequest, "source">;
  readonly isChain: boolean;
  readonly options: RestoreOptions;
}

type Restored = Result<RestoreOutcome, OperationFault>;

async function restoreFolders(
  bundles: readonly string[],
  { demand, isChain, options }: RestoreWork,
  io: Io,
): Promise<Restored> {
  refuseCarriedOptions(options);
  const places = placesOfBundles(bundles, options, io);
  if (!places.ok) return places;
  const { bundle = "", home, root = "." } = places.value[0] ?? {};
  const request = { ...demand, root, home };
  if (!isChain) return ok(await restoreBundle({ ...request, bundle }));
  return ok(await restoreChain({ ...request, bundles: places.value.map((place) => place.bundle) }));
}

async function restoreFromCarrier(
  open: OpenCarried,
  policy: TrustPolicy | undefined,
  { demand, isChain, options }: RestoreWork,
): Promise<Restored> {
  refuseProjectOptions(options);
  const opened = await open({ policy, registry: options });
  if (!opened.ok) return opened;
  await using source = opened.value;
  return ok(await restoreCarried({ ...demand, isChain, runs: chosenRuns(options), source }));
}

/** The end of a restore from a carrier that broke off, or is not what it should be: no bundle is to blame. */
function brokenCarrierReport({ phase, recovered = [] }: RestoreFailure, fault: OperationFault): Report {
  const report = operationReport(fault);
  return { ...report, facts: { ...report.facts, phase, recovered: recoveryFacts(recovered) } };
}

/** What to do about a run that failed; `undefined` for anything else. */
function failedHints(
  code: string | undefined,
  { failed }: RestoreOptions,
  isChain: boolean,
): readonly string[] | undefined {
  if (code !== "DECISION_INVALID" || failed === true) return undefined;
  const where = isChain ? "restored on its own with --failed" : "restored with --failed";
  return [`what a failed run left can be ${where}`];
}

function withReason(failure: RestoreFailure, reason: string): RestoreFailure {
  const code = "TRUST_FILE_MALFORMED";
  return {
    ...failure,
    details: { ...failure.details, verifier_code: code },
    trust: { ok: false, code, reason },
  };
}

function restoredReport(
  outcome: RestoreSuccess,
  bundles: readonly string[] | undefined,
  options: RestoreOptions,
): Report {
  const { bytes, cause_code, chainRoot, isClean, left, phase, runs } = outcome;
  const dryRun = options.dryRun === true;
  const ofRuns =
    chainRoot === undefined ? singleFacts(runs) : { chain_root: chainRoot, runs: runs.map(runFacts) };
  const known: RestoreResult = {
    phase,
    ...ofRuns,
    files: filesOf(runs),
    bytes,
    links: outcome.links.length,
    empty_folders: outcome.emptyFolders.length,
    links_left_out: outcome.linksLeftOut,
    clean: isClean,
    report: options.report,
    ...recoveriesFacts(outcome),
    ...(left.length === 0 ? {} : { left }),
  };
  const message = dryRun ? "nothing was written: this is what would be restored" : "restored";
  const details = dryRun ? planDetails(outcome, options.to) : {};
  return {
    facts: { ok: true, code: "OK", cause_code, message, details, ...known, exit_code: 0 },
    text: restoredLines(outcome, options.to, dryRun),
    remarks: [
      ...linkRemarks(outcome, options),
      ...noReportRemarks(bundles, options),
      ...doneRemarks(outcome, options.to),
    ],
  };
}

function planDetails({ emptyFolders, links, paths }: RestoreSuccess, root: string): DetailsFacts {
  return { paths, links, folders: emptyFolders, root };
}

/** Links may be restored without what they lead to. */
function linkRemarks({ links }: RestoreSuccess, { only }: RestoreOptions): readonly Remark[] {
  if (only.length === 0 || links.length === 0) return [];
  return [note("what a link leads to is restored only if it is selected too")];
}

/** Nothing in the folder says what was restored: here is how to undo it. */
function noReportRemarks(
  bundles: readonly string[] | undefined,
  { dryRun, links, report, to }: RestoreOptions,
): readonly Remark[] {
  if (report || dryRun === true) return [];
  const message = "no report was left in the folder";
  if (bundles === undefined) return [note(`${message}; runseal undo asks for the run`)];
  const named = bundles.map(shellWord).join(" ");
  const withoutLinks = links === "none" ? " --links none" : "";
  const command = `runseal undo --restored ${shellWord(to)} ${named}${withoutLinks}`;
  return [note(`${message}; ${command} takes the files out again`)];
}

function singleFacts([run]: readonly RestoredBundle[]): SingleRestoreFacts {
  if (run === undefined) throw new TypeError("a restore is of one bundle at least");
  return {
    run_id: run.runId,
    bundle_root: run.bundleRoot,
    source: run.source,
    verified: run.isSelection ? "selection" : "all",
    failed_run: failedRunOf(run),
    signer: signerFacts(run.signer, nameOfSigner(run)),
  };
}

/** Why the run failed, by its own word; null for one that succeeded. */
function failedRunOf({ failure }: RestoredBundle): SingleRestoreFacts["failed_run"] {
  return failure === undefined ? null : { code: failure.code ?? null, message: failure.message ?? null };
}

function runFacts(run: RestoredBundle): RestoredRunFacts {
  const { bundleRoot, bytes, files, runId, signer, source } = run;
  return {
    run_id: runId,
    bundle_root: bundleRoot,
    files,
    bytes,
    source,
    signer: signerFacts(signer, nameOfSigner(run)),
  };
}
