/**
 * PLAN: which files come where, laid out for all threads, and whether what they are copied from is as it has to be
 * (PROTOCOL 13.4). Nothing is written yet.
 *
 * @module
 */

import {
  admitCandidate,
  admitFailedCandidate,
  checkSource,
  checkTargetsInSteps,
  concludeChain,
  isJsonObject,
  type JsonObject,
  ok,
  planChainRestore,
  planRestore,
  type RestoreFault,
  type RestorePlan,
  type RestoreSelection,
  type Result,
  refuseReportNames,
  restoreFault,
  type VerifiedBundle,
} from "../../core/internal.ts";
import { verifyContext } from "../bundle/verify-context.ts";
import type { FileSystem } from "../files/file-system.ts";
import { TextsTooLong } from "../hashing/shared-texts.ts";
import { makeDone, readDone } from "../hashing/tally.ts";
import { publishCause } from "../runtime/cause-channel.ts";
import { breathe, breatheAlong } from "../runtime/interruption.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { beginMany } from "../runtime/progress.ts";
import { reclaimMemory } from "../runtime/reclaim-memory.ts";

import type { WorkerPool } from "../work/worker-pool.ts";
import { type Eligibility, type EligibilityRequest, inRun, notVerified } from "./eligibility.ts";
import { Entries } from "./target/entries.ts";
import { cannotLook, type RestoredBundle } from "./target/restore-outcome.ts";
import { checkPaths, checkRunFolders, lookIntoTarget, type Target } from "./target/target-root.ts";
import { makeFileBoard } from "./work/file-board.ts";
import type { RunSources } from "./work/run-sources.ts";
import { isWorthSharing, shareWork } from "./work/share-work.ts";

/** Outputs from which on what was read of them is worth being taken back at once: some 10 MB. */
const MANY_OUTPUTS = 20_000;

/** What is to be planned, and with which threads. */
export interface PlanRequest
  extends Pick<EligibilityRequest, "expectedRoot" | "isChain" | "limits" | "progress" | "signal"> {
  /** Default: all outputs. */
  readonly only?: RestoreSelection;
  /** Write result artifacts; default: `true`. */
  readonly reports?: boolean | undefined;
  readonly pool: WorkerPool;
}

/** What is told of a bundle once it was restored. */
export type JudgedRun = Pick<RestoredBundle, "failure" | "runId" | "signer" | "source" | "trust">;

/** What will be put where, and of whom it is. */
export interface PlannedEntries {
  readonly entries: Entries;
  readonly judged: readonly JudgedRun[];
}

/**
 * Plans a restore. Takes the bundles out of `eligible`: what was read of a million files is not held while these are copied.
 * Fails with what PROTOCOL 13.3 (steps 5 and 6) to 13.5 name, before anything is written. Throws an Interruption, and a
 * WorkerDeath when a thread died.
 */
export async function planEntries(
  target: Target,
  eligible: Eligibility[],
  sources: RunSources,
  request: PlanRequest,
  fs: FileSystem,
): Promise<Result<PlannedEntries, RestoreFault>> {
  try {
    const outputs = eligible.reduce((sum, { eligible: { claims } }) => sum + claims.length, 0);
    beginMany(request.progress, "plan", outputs);
    // Before, for what verifying has left; and after, for what it had read.
    if (outputs >= MANY_OUTPUTS) reclaimMemory();
    const laidOut = layOut(target, eligible, request, fs);
    if (!laidOut.ok) return laidOut;
    if (outputs >= MANY_OUTPUTS) reclaimMemory();
    const { entries } = laidOut.value;
    const fault =
      (await lookAtSources(entries, sources, request, fs)) ??
      (await lookAtTargets(entries, target, request, fs));
    return fault ?? laidOut;
  } catch (thrown) {
    return cannotLook(thrown);
  }
}

/**
 * When this has returned, nobody holds the plan any more, nor what it was made from. Fails with RESTORE_INTERNAL_ERROR where the
 * paths of a chain are more than can be held, else as `plan` does.
 */
function layOut(
  target: Target,
  eligible: Eligibility[],
  request: PlanRequest,
  fs: FileSystem,
): Result<PlannedEntries, RestoreFault> {
  const planned = plan(target, eligible, request, fs);
  if (!planned.ok) return planned;
  try {
    const judged = eligible.splice(0).map(summarize);
    const refused = request.reports === false ? refuseReportNames(planned.value) : undefined;
    return refused ?? ok({ entries: new Entries(planned.value, request.reports), judged });
  } catch (thrown) {
    if (!(thrown instanceof TextsTooLong)) throw thrown;
    publishCause(thrown);
    return restoreFault("PLAN", "RESTORE_INTERNAL_ERROR");
  }
}

function summarize({
  eligible: { isFailed, opened, signer, status },
  source,
  trust,
}: Eligibility): JudgedRun {
  const failure = isFailed ? failureOf(status) : undefined;
  return { runId: opened.runId, signer, trust, source, failure };
}

/** Why a run failed, by its own word. */
function failureOf(status: JsonObject): RestoredBundle["failure"] {
  const error = status.get("error");
  const member = (name: string): string | undefined => {
    const value = isJsonObject(error) ? error.get(name) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return { code: member("code"), message: member("message") };
}

function plan(
  target: Target,
  eligible: readonly Eligibility[],
  request: PlanRequest,
  fs: FileSystem,
): Result<RestorePlan, RestoreFault> {
  const runs = eligible.map(({ eligible: { claims, opened } }) => ({
    runId: opened.runId,
    folder: request.isChain ? opened.runId : "",
    claims,
  }));
  const unlawful =
    checkPaths(runs, target, fs) ?? (request.isChain ? checkRunFolders(runs, target, fs) : undefined);
  return unlawful ?? planVerified(eligible, request);
}

/** Only what is verified in full can be planned for, or, where the caller asked for it, but for its run having failed. */
function planVerified(
  eligible: readonly Eligibility[],
  { expectedRoot, isChain, limits, only }: PlanRequest,
): Result<RestorePlan, RestoreFault> {
  const [first] = eligible;
  if (!isChain && first?.eligible.isFailed === true) {
    const admitted = admitFailedCandidate(first.eligible, verifyContext(limits));
    return admitted.ok ? planRestore(admitted.value, only) : notVerified(admitted);
  }
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

/** Looks at what stands where each output is copied from, with several threads where there are many. */
async function lookAtSources(
  entries: Entries,
  { held, sourceOf }: RunSources,
  { pool, isChain, progress, signal }: PlanRequest,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const { length } = entries.outputs;
  if (pool.size > 0 && isWorthSharing(length, 0, fs)) {
    const done = makeDone();
    progress?.begin("plan", { files: length }, () => readDone(done));
    const board = makeFileBoard(length, done);
    const order = { task: "find", board, outputs: entries.shared, sources: held, isChain } as const;
    return await shareWork(order, pool, signal);
  }
  let looked = 0;
  progress?.begin("plan", { files: length }, () => ({ files: looked, bytes: 0 }));
  for (; looked < length; looked++) {
    await breathe(looked, signal);
    const output = entries.outputs.at(looked);
    const kind = sourceOf(output.runId).kindOf(output);
    const fault = checkSource(output, kind, isChain ? output.runId : undefined);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Looks whether anything bears a name that is to be given; below a folder that is yet to be made nothing does. */
async function lookAtTargets(
  entries: Entries,
  target: Target,
  { progress, reports, signal }: PlanRequest,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  if (target.kind === "new") return undefined;
  let looked = 0;
  progress?.begin("plan", { files: entries.length - entries.passing }, () => ({ files: looked, bytes: 0 }));
  const isThere = lookIntoTarget(target, fs);
  const countAndLook = (path: string): boolean => {
    looked++;
    return isThere(path);
  };
  return await breatheAlong(checkTargetsInSteps(entries, countAndLook, reports), signal);
}
