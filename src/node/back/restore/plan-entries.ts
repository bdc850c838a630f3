/**
 * PLAN: the place of each file, laid out for all threads, and checks of all sources and places (PROTOCOL 13.4). Nothing is
 * written yet.
 *
 * @module
 */

import {
  admitCandidate,
  checkTargetsInSteps,
  isJsonObject,
  isVerified,
  type JsonObject,
  judgeChain,
  type LinkChoice,
  ok,
  planChainRestore,
  planRestore,
  type RestorableBundle,
  type RestoreFault,
  type RestorePlan,
  type RestoreSelection,
  type Result,
  refuseLeavingLinks,
  refuseReportNames,
  restoreFault,
  type TargetKind,
} from "../../../core/internal.ts";
import type { RunSources } from "../../judge/source/run-sources.ts";
import { verifyContext } from "../../records/bundle/verify-context.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { TextsTooLong } from "../../system/hashing/shared-texts.ts";
import { publishCause } from "../../system/runtime/cause-channel.ts";
import { breatheAlong } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { beginMany, makeDone, readDone } from "../../system/runtime/progress.ts";
import { reclaimMemory } from "../../system/runtime/reclaim-memory.ts";
import { systemFault } from "../transaction/restore-failure.ts";
import { Entries } from "../transaction/work/entries.ts";
import { makeFileQueue } from "../transaction/work/file-queue.ts";
import { isWorthSharing, workOn } from "../transaction/work/share-work.ts";
import { type Eligibility, type EligibilityRequest, inRun, notVerified } from "./eligibility.ts";
import type { RestoredBundle } from "./target/restore-outcome.ts";
import { checkPaths, checkRunFolders, kindsIn, type Target } from "./target/target-root.ts";

/** From this many outputs on, the memory of their documents is reclaimed at once: some 10 MB. */
const MANY_OUTPUTS = 20_000;

/** What of the bundles to restore, and how. */
export interface RestoreWishes {
  /** Restore only outputs at or below these paths; in a chain, paths begin with the run id. Default: all. */
  readonly only?: RestoreSelection;
  /** Which links to restore; default: `inside`, which refuses a link that leads outside of its bundle's tree. */
  readonly links?: LinkChoice | undefined;
  /** Pass over the modes of a tree: those of the sources, and those of a target that can't hold modes. */
  readonly ignoreModes?: boolean | undefined;
  /** Write RESTORE_MANIFEST.json and RESTORE_REPORT.json, which `undo` reads; default: `true`. */
  readonly reports?: boolean | undefined;
}

/** What to plan, and with which threads. */
export type PlanRequest = RestoreWishes &
  Pick<EligibilityRequest, "expectedRoot" | "isChain" | "limits" | "pool" | "progress" | "signal">;

/** The facts of a bundle that the outcome reports. */
export type JudgedRun = Pick<
  RestoredBundle,
  "failure" | "isSelection" | "runId" | "signer" | "source" | "trust"
>;

/** The files to restore, and the runs that they belong to. */
export interface PlannedEntries {
  readonly entries: Entries;
  readonly judged: readonly JudgedRun[];
}

/** The same before the sources and the targets are checked. */
interface LaidOutEntries extends PlannedEntries {
  /** The refusal of a link, for the moment when all sources are checked. */
  readonly leaving: RestoreFault | undefined;
}

/**
 * Plans a restore; of a dry run from a carrier, which keeps no bytes, without sources. Takes the bundles out of `eligible`: the documents of a million files are not held in memory while the files
 * are copied. Fails with the codes of PROTOCOL 13.3 (steps 5 and 6) to 13.5, before anything is written. Throws an Interruption, and a
 * WorkerDeath when a thread died.
 */
export async function planEntries(
  target: Target,
  eligible: Eligibility[],
  sources: RunSources | undefined,
  request: PlanRequest,
  fs: FileSystem,
): Promise<Result<PlannedEntries, RestoreFault>> {
  try {
    const outputs = eligible.reduce((sum, { eligible: { claims } }) => sum + claims.length, 0);
    beginMany(request.progress, "plan", outputs);
    // Before: garbage of the verification. After: the bundles' documents.
    if (outputs >= MANY_OUTPUTS) reclaimMemory();
    const laidOut = layOut(target, eligible, request, fs);
    if (!laidOut.ok) return laidOut;
    if (outputs >= MANY_OUTPUTS) reclaimMemory();
    const { entries, leaving } = laidOut.value;
    const fault =
      (sources && (await checkSources(entries, sources, request, fs))) ??
      leaving ??
      (await checkTargets(entries, target, request));
    return fault ?? laidOut;
  } catch (thrown) {
    return systemFault(thrown);
  }
}

/**
 * After this returns, the plan and the bundles' documents are garbage. Fails with RESTORE_INTERNAL_ERROR if the paths of a
 * chain are too long for memory, else as `plan` does.
 */
function layOut(
  target: Target,
  eligible: Eligibility[],
  request: PlanRequest,
  fs: FileSystem,
): Result<LaidOutEntries, RestoreFault> {
  const planned = plan(target, eligible, request, fs);
  if (!planned.ok) return planned;
  try {
    const judged = eligible.splice(0).map(summarize);
    const refused = refuseReportNames(planned.value.runs, request.reports ?? true);
    if (refused !== undefined) return refused;
    const leaving = refuseLeavingLinks(planned.value);
    return ok({ entries: new Entries(planned.value, request), judged, leaving });
  } catch (thrown) {
    if (!(thrown instanceof TextsTooLong)) throw thrown;
    publishCause(thrown);
    return restoreFault("PLAN", "RESTORE_INTERNAL_ERROR");
  }
}

function summarize({
  eligible: { isFailed, opened, rows, signer, status },
  source,
  trust,
}: Eligibility): JudgedRun {
  const failure = isFailed ? failureOf(status) : undefined;
  return { runId: opened.runId, signer, trust, source, failure, isSelection: rows !== undefined };
}

/** Why a run failed, as its bundle says. */
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
  const runs = eligible.map(({ eligible: { claims, opened, tree } }) => ({
    runId: opened.runId,
    folder: request.isChain ? opened.runId : "",
    claims,
    tree,
  }));
  const unlawful =
    checkPaths(runs, target, fs) ?? (request.isChain ? checkRunFolders(runs, target) : undefined);
  return unlawful ?? planVerified(eligible, request);
}

/** Plans for verified bundles only: with a selection, of these outputs. If the caller accepted it, the bundle's run may have failed. */
function planVerified(
  eligible: readonly Eligibility[],
  { expectedRoot, isChain, limits, links, only }: PlanRequest,
): Result<RestorePlan, RestoreFault> {
  const bundles: RestorableBundle[] = [];
  for (const { eligible: candidate } of eligible) {
    const admitted = admitCandidate(candidate, verifyContext(limits));
    if (!admitted.ok) {
      const fault = notVerified(admitted);
      return isChain ? inRun(fault, candidate.opened.runId) : fault;
    }
    bundles.push(admitted.value);
  }
  const [bundle] = bundles;
  if (!isChain && bundle !== undefined) return planRestore(bundle, { links, only });
  if (!bundles.every(isVerified)) throw new TypeError("a chain is restored of verified bundles only");
  const chainRoot = judgeChain(bundles, expectedRoot, nodeCrypto);
  return chainRoot.ok ? planChainRestore(bundles, chainRoot.value, { links, only }) : notVerified(chainRoot);
}

/** Checks the source of each output, with several threads if there are many outputs. */
async function checkSources(
  entries: Entries,
  { held, sourceOf }: RunSources,
  { pool, isChain, progress, signal }: PlanRequest,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const { length } = entries.outputs;
  const sharing = pool.size > 0 && isWorthSharing(length, 0, fs) ? pool : undefined;
  const done = makeDone();
  progress?.begin("plan", { files: length }, () => readDone(done));
  const queue = makeFileQueue(length, done);
  const task = { task: "find", queue, outputs: entries.shared, sources: held, isChain } as const;
  const bench = { fs, sourceOf, root: undefined, usesPool: false };
  const [first] = await workOn(task, bench, sharing, signal);
  return first?.fault;
}

/** Checks that no name to be given is taken. Below a new root, no name is. */
async function checkTargets(
  entries: Entries,
  target: Target,
  { progress, reports, signal }: PlanRequest,
): Promise<RestoreFault | undefined> {
  if (target.kind === "new") return undefined;
  let checked = 0;
  progress?.begin("plan", { files: entries.length - entries.passing }, () => ({ files: checked, bytes: 0 }));
  const kindOf = kindsIn(target);
  const countAndLook = (path: string): TargetKind => {
    checked++;
    const kind = kindOf(path);
    if (kind === "folder") entries.trees.noteExisting(path);
    return kind;
  };
  return await breatheAlong(checkTargetsInSteps(entries.runs, countAndLook, reports), signal);
}
