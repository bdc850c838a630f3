/**
 * The way of a restore: PREFLIGHT and PLAN of all bundles before the first write, then one transaction
 * (PROTOCOL 13).
 *
 * @module
 */

import {
  admitCandidate,
  checkSources,
  checkTargets,
  concludeChain,
  formatUtcSecond,
  ok,
  planChainRestore,
  planRestore,
  type RestoreFault,
  type RestorePlan,
  type RestoreSelection,
  type Result,
  restoreFault,
  type VerifiedBundle,
} from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { HashCrew } from "../files/hash-crew.ts";
import { TextsTooLong } from "../files/shared-texts.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type OutputsFrom, openRoot, verifyContext } from "../verify/verify-bundle-files.ts";
import { type Durability, portFor } from "./durability.ts";
import {
  checkEligibility,
  type Eligibility,
  type EligibilityRequest,
  inRun,
  notVerified,
} from "./eligibility.ts";
import { Entries } from "./entries.ts";
import { type Executed, execute } from "./execute.ts";
import { ExistingRoot } from "./existing-root.ts";
import type { RestoreOrigin } from "./journal.ts";
import { NewRoot } from "./new-root.ts";
import { afterRecovery } from "./recover-first.ts";
import {
  cannotLook,
  type RestoredBundle,
  type RestoreFailure,
  type RestoreOutcome,
  type RestoreSuccess,
  refused,
  refusedByPlatform,
} from "./restore-outcome.ts";
import { openSources, type RunSources, type SourceOf } from "./run-sources.ts";
import { isWorthSharing } from "./share-work.ts";
import {
  checkPaths,
  checkRunFolders,
  closeTarget,
  lookIntoTarget,
  openTarget,
  type Target,
} from "./target-root.ts";

/** What a caller asks of any restore. */
export interface RestoreDemand extends Omit<EligibilityRequest, "bundles" | "crew" | "isChain"> {
  /** The restore root: an absolute path. */
  readonly target: string | null | undefined;
  /** Where the outputs come from; default: of each run the root, or the store where the root has moved on. */
  readonly from?: OutputsFrom | undefined;
  /** Make the restore root if it isn't there. */
  readonly mkdir?: boolean;
  /** Restore only outputs at or below these paths; in a chain they begin with the run id. */
  readonly only?: RestoreSelection;
  /** Go no further than PLAN, and write nothing. */
  readonly dryRun?: boolean;
  /** Whether to wait for the disk, so that a power cut too ends in everything or nothing. Default: full. */
  readonly durability?: Durability | undefined;
}

type Demand = RestoreDemand & EligibilityRequest & { readonly crew: HashCrew };

/**
 * Restores bundles, all or nothing. Throws an Interruption when the signal fired and all was undone, an
 * InterruptedRestore where something was recovered before.
 */
export async function restoreRuns(
  request: RestoreDemand & EligibilityRequest,
  fs: FileSystem,
): Promise<RestoreOutcome> {
  const unsupported = refusedByPlatform();
  if (unsupported !== undefined) return unsupported;
  const crew = new HashCrew(request.jobs);
  try {
    return await restoreWithCrew({ ...request, crew }, fs);
  } finally {
    crew.dismiss();
  }
}

async function restoreWithCrew(demand: Demand, fs: FileSystem): Promise<RestoreOutcome> {
  const eligibility = await checkEligibility({ ...demand, from: demand.from ?? "either" }, fs);
  if (!eligibility.ok) return refused(eligibility);
  const target = openTarget(demand.target, demand.mkdir ?? false, fs);
  if (!target.ok) return refused(target);
  try {
    const work = () => restoreInto(target.value, eligibility.value, demand, fs);
    return await afterRecovery(target.value, demand.dryRun === true, work, demand.progress, fs);
  } finally {
    closeTarget(target.value);
  }
}

/** Takes the bundles out of `eligible`: what was read of a million files is not held while these are copied. */
async function restoreInto(
  target: Target,
  eligible: Eligibility[],
  demand: Demand,
  fs: FileSystem,
): Promise<RestoreOutcome> {
  const root = openRoot(demand.root);
  if (!root.ok) return refused(notVerified(root));
  try {
    const sources = openSources(root.value, eligible, fs);
    if (!sources.ok) return refused(notVerified(sources));
    try {
      const laidOut = layOut(plan(target, eligible, sources.value.sourceOf, demand, fs));
      if (!laidOut.ok) return refused(laidOut);
      const entries = laidOut.value;
      const judged = eligible.splice(0).map(summarize);
      const executed =
        demand.dryRun === true
          ? { ok: true as const, isClean: true }
          : await carryOut(entries, judged, sources.value, target, demand, fs);
      return executed.ok ? success(entries, judged, executed, demand) : executed;
    } finally {
      sources.value.close();
    }
  } finally {
    root.value.close();
  }
}

/**
 * Nobody holds the plan afterwards, nor what it was made from. Fails with RESTORE_INTERNAL_ERROR where the paths of a chain are
 * more than can be held.
 */
function layOut(planned: Result<RestorePlan, RestoreFault>): Result<Entries, RestoreFault> {
  if (!planned.ok) return planned;
  try {
    return ok(new Entries(planned.value));
  } catch (thrown) {
    if (!(thrown instanceof TextsTooLong)) throw thrown;
    publishCause(thrown);
    return restoreFault("PLAN", "RESTORE_INTERNAL_ERROR");
  }
}

/** What is told of a bundle once it was restored. */
type JudgedRun = Pick<RestoredBundle, "runId" | "signer" | "source" | "trust">;

function summarize({ eligible: { opened, signer }, source, trust }: Eligibility): JudgedRun {
  return { runId: opened.runId, signer, trust, source };
}

function plan(
  target: Target,
  eligible: readonly Eligibility[],
  sourceOf: SourceOf,
  demand: Demand,
  fs: FileSystem,
): Result<RestorePlan, RestoreFault> {
  const runs = eligible.map(({ eligible: { claims, opened } }) => ({
    runId: opened.runId,
    folder: demand.isChain ? opened.runId : "",
    claims,
  }));
  try {
    const unlawful =
      checkPaths(runs, target, fs) ?? (demand.isChain ? checkRunFolders(runs, target, fs) : undefined);
    if (unlawful !== undefined) return unlawful;
    const planned = planVerified(eligible, demand);
    if (!planned.ok) return planned;
    const fault =
      checkSources(planned.value, (output, runId) => sourceOf(runId).kindOf(output)) ??
      checkTargets(planned.value, lookIntoTarget(target, fs));
    return fault ?? planned;
  } catch (thrown) {
    return cannotLook(thrown);
  }
}

/** Only what is verified in full can be planned for. */
function planVerified(
  eligible: readonly Eligibility[],
  { expectedRoot, isChain, limits, only }: Demand,
): Result<RestorePlan, RestoreFault> {
  const bundles: VerifiedBundle[] = [];
  for (const candidate of eligible) {
    const verified = admitCandidate(candidate.eligible, verifyContext(limits));
    if (!verified.ok) {
      const fault = notVerified(verified);
      return isChain ? inRun(fault, candidate.eligible.opened.runId) : fault;
    }
    bundles.push(verified.value);
  }
  const [bundle] = bundles;
  if (!isChain && bundle !== undefined) return planRestore(bundle, only);
  const chain = concludeChain(bundles, expectedRoot, nodeCrypto);
  return chain.ok ? planChainRestore(chain.value, only) : notVerified(chain);
}

async function carryOut(
  entries: Entries,
  judged: readonly JudgedRun[],
  sources: RunSources,
  target: Target,
  { crew, durability = "full", progress, signal }: Demand,
  system: FileSystem,
): Promise<Executed | RestoreFailure> {
  const fs = portFor(durability, system);
  const shares = crew.size > 0 && isWorthSharing(entries.outputs.length, entries.bytes, system);
  const origin = originOf(entries, judged);
  const destination =
    target.kind === "new"
      ? new NewRoot(target, entries, origin, fs)
      : new ExistingRoot(target.root, target.path, entries, origin, fs);
  try {
    return await execute({
      entries,
      sources,
      destination,
      durability,
      crew: shares ? crew : undefined,
      // Through any other port each call has to go.
      usesPool: crew.size > 0 && system === nodeFileSystem,
      progress,
      signal,
      fs,
    });
  } finally {
    destination.close();
  }
}

function originOf({ runs }: Entries, judged: readonly JudgedRun[]): RestoreOrigin {
  return {
    started: formatUtcSecond(Math.floor(Date.now() / 1000)),
    runIds: runs.map((run) => run.runId),
    bundleRoots: runs.map((run) => run.bundleRoot),
    signers: [...new Set(judged.map(({ signer }) => signer.validatorId))],
    name: undefined,
  };
}

function success(
  { bytes, chainRoot, runs, targets }: Entries,
  judged: readonly JudgedRun[],
  { isClean }: Executed,
  { dryRun, durability = "full" }: Demand,
): RestoreSuccess {
  const found = new Map(judged.map((run) => [run.runId, run]));
  let paths: readonly string[] | undefined;
  return {
    ok: true,
    code: null,
    phase: dryRun === true ? "PLAN" : "VERIFY",
    cause_code: null,
    runs: runs.flatMap(({ bundleRoot, bytes, files, runId }) => {
      const run = found.get(runId);
      return run === undefined ? [] : [{ ...run, bundleRoot, files: files.length, bytes }];
    }),
    chainRoot,
    get paths() {
      paths ??= [...targets];
      return paths;
    },
    bytes,
    durability,
    isClean,
    recovered: [],
  };
}
