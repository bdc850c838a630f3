/** `runseal restore BUNDLE… --to DIR`: put the verified files on this disk, all or none. @module */

import {
  type Durability,
  type RestoreDemand,
  type RestoredBundle,
  type RestoreFailure,
  type RestoreSuccess,
  restoreBundle,
  restoreChain,
  type SourceName,
} from "../../node/index.ts";
import { placesOfBundles } from "../bundle-place.ts";
import { checkExpectedRoot } from "../expected-root.ts";
import type { Io } from "../io.ts";
import { chooseJobs, type JobsOptions } from "../jobs.ts";
import { type ProgressOptions, showProgress } from "../progress/show-progress.ts";
import type { Report } from "../report.ts";
import {
  absoluteTarget,
  atFolder,
  doneRemarks,
  failedRestoreReport,
  recoveryFacts,
} from "../restore-facts.ts";
import { operationReport } from "../text/operation-text.ts";
import { filesOf, nameOfSigner, restoredLines } from "../text/restored-text.ts";
import { storedHints } from "../text/stored-text.ts";
import { chooseTrust, type TrustOptions } from "../trust-options.ts";
import { UsageError } from "../usage-error.ts";
import { signerFacts } from "../verdict-facts.ts";

/** The options as parsed. */
export interface RestoreOptions extends TrustOptions, JobsOptions, ProgressOptions {
  readonly to: string;
  readonly root?: string | undefined;
  readonly from?: SourceName | undefined;
  readonly only: readonly string[];
  readonly chain?: true | undefined;
  readonly expectRoot?: string | undefined;
  readonly mkdir?: true | undefined;
  readonly dryRun?: true | undefined;
  readonly durability?: Durability | undefined;
}

/** Restores one bundle, or a chain of them. */
export async function runRestore(
  bundles: readonly string[],
  options: RestoreOptions,
  io: Io,
): Promise<Report> {
  const { expectRoot, only } = options;
  const isChain = options.chain === true || bundles.length > 1;
  checkExpectedRoot(expectRoot);
  if (expectRoot !== undefined && !isChain) {
    throw new UsageError("--expect-root is the root of a chain; one bundle is a chain with --chain");
  }
  const jobs = chooseJobs(options);
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const places = placesOfBundles(bundles, options.root, io.cwd);
  if (!places.ok) return operationReport(places);
  const { bundle = "", root = "." } = places.value[0] ?? {};
  using progress = showProgress(options, io);
  const demand: RestoreDemand = {
    root,
    from: options.from,
    jobs,
    target: absoluteTarget(options.to, io),
    environment: io.environment,
    mkdir: options.mkdir === true,
    dryRun: options.dryRun === true,
    durability: options.durability,
    only: only.length === 0 ? undefined : only,
    trust:
      choice.kind === "any-signer"
        ? "any-signer"
        : { policy: choice.kind === "policy" ? choice.policy : undefined, now: io.now() },
    signal: io.signal,
    progress: progress?.port,
  };
  const outcome = isChain
    ? await restoreChain({
        ...demand,
        bundles: places.value.map((place) => place.bundle),
        expectedRoot: expectRoot,
      })
    : await restoreBundle({ ...demand, bundle });
  if (outcome.ok) return restoredReport(outcome, options);
  // A trust file with a bad line trusts nobody; the reason is the bad line, not the missing policy.
  const untrusted = outcome.trust !== undefined && choice.kind === "malformed";
  const failure = untrusted ? withReason(outcome, choice.answer.reason) : outcome;
  const { details, source } = failure;
  const hints = storedHints(source, details.verifier_code, details);
  const mkdir = options.mkdir === true;
  return failedRestoreReport(atFolder(failure, options.to), "restore", { hints, mkdir });
}

function withReason(failure: RestoreFailure, reason: string): RestoreFailure {
  const code = "TRUST_FILE_MALFORMED";
  return {
    ...failure,
    details: { ...failure.details, verifier_code: code },
    trust: { ok: false, code, reason },
  };
}

function restoredReport(outcome: RestoreSuccess, options: RestoreOptions): Report {
  const { bytes, cause_code, chainRoot, durability, isClean, left, phase, recovered, runs } = outcome;
  const dryRun = options.dryRun === true;
  const known =
    chainRoot === undefined ? singleFacts(runs) : { chain_root: chainRoot, runs: runs.map(runFacts) };
  return {
    facts: {
      ok: true,
      code: "OK",
      phase,
      cause_code,
      message: dryRun ? "nothing was written: this is what would be restored" : "restored",
      details: dryRun ? { paths: outcome.paths, root: options.to } : {},
      ...known,
      files: filesOf(runs),
      bytes,
      durability,
      clean: isClean,
      recovered: recoveryFacts(recovered),
      ...(left.length === 0 ? {} : { left }),
      exit_code: 0,
    },
    text: restoredLines(outcome, options.to, dryRun),
    remarks: doneRemarks(outcome, options.to),
  };
}

function singleFacts([run]: readonly RestoredBundle[]): object {
  if (run === undefined) throw new TypeError("a restore is of one bundle at least");
  return {
    run_id: run.runId,
    bundle_root: run.bundleRoot,
    source: run.source,
    signer: signerFacts(run.signer, nameOfSigner(run)),
  };
}

function runFacts(run: RestoredBundle): object {
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
