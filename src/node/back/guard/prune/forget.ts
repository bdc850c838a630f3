/**
 * `runseal prune` of old runs: takes them from the history of a project or of a guard, or drops their bytes alone, and then removes the
 * objects that no other run names.
 *
 * CUT.json, which says where the history begins then, or DROPPED.json, which lists the runs, is signed and durable before the first bundle
 * or byte goes. A process that is killed leaves a history that verifies; the next one removes the rest.
 *
 * @module
 */

import { lstatSync, writeFileSync } from "node:fs";
import {
  CUT_FILE,
  type CutFacts,
  type CutPlan,
  type DroppedBytes,
  formatUtcSecond,
  type History,
  ok,
  planCut,
  type Rejection,
  type Result,
  type Signed,
} from "../../../../core/internal.ts";
import { orderRuns } from "../../../judge/history/read-history.ts";
import { readDroppedOf, signDropped } from "../../../judge/history/sign-dropped.ts";
import { judgeEach } from "../../../judge/history/verify-history.ts";
import type { Signer } from "../../../keys/signer.ts";
import { type Released, whileHeld } from "../../../make/seal/while-held.ts";
import type { HeldProject, HoldRequest } from "../../../records/project/held-project.ts";
import { memoryPlaceOf, readRememberedHead } from "../../../records/project/remembered-head.ts";
import { openRuns } from "../../../records/project/run-links.ts";
import { isRunning } from "../../../records/project/running-runs.ts";
import { type Admitting, signFile } from "../../../records/project/signed-files.ts";
import { collectGarbage } from "../../../records/store/collect/collect-garbage.ts";
import type { Collected, CollectFault } from "../../../records/store/collect/removals.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { pathOfComponents } from "../../../system/files/path-components.ts";
import { takeBreath } from "../../../system/runtime/interruption.ts";
import { attempt, reasonOf } from "../../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../../system/runtime/progress.ts";
import type { Environment } from "../../../system/runtime/user-home.ts";
import { PRUNED_NAME } from "../guard-place.ts";
import { KEPT_SECONDS, type KeepRules, readKeepRules } from "../keep-rules.ts";
import { type RunningRecord, readRunningRecords, removeRunningRecord } from "../running-record.ts";
import { readTurns, sweepTurns, type Turn } from "../turns/turn-record.ts";
import { type ForgettableRun, keptTurns, kindOf, rulesOf } from "./kept-runs.ts";
import { removeBundles } from "./remove-forgotten.ts";

/** What to forget. */
export interface ForgetRequest<Fault = unknown> extends HoldRequest, KeepRules, WorkOptions {
  readonly environment: Environment;
  /** Why the history is not whole. The signer of an earlier cut is judged too: a new cut on top would vouch for it. */
  readonly judge: HistoryJudge<Fault>;
  /** Whether bundles stay, and bytes alone are dropped. */
  readonly keepsBundles?: boolean | undefined;
  /** Whether to list all runs of a guard: `removeGuard` removes them. Goes with `dryRun`. */
  readonly dropsAll?: boolean | undefined;
  /** Say what would be forgotten, and forget nothing. */
  readonly dryRun?: boolean | undefined;
  /** Called only if there is something to forget. */
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
}

/** A bundle that is forgotten. */
export interface ForgottenRun {
  readonly runId: string;
  /** Whether it counts as a run: snapshots around a command do not. */
  readonly counts: boolean;
}

/** What was forgotten, or after a dry run would be. */
export interface Forgotten {
  readonly forgotten: readonly ForgottenRun[];
  /** How many runs stay. */
  readonly kept: number;
  /** Where the history begins now; undefined if no further run was forgotten. */
  readonly cut: (CutFacts & { readonly runId: string }) | undefined;
  /** Whether the bundles stay: only their bytes were dropped. */
  readonly keepsBundles: boolean;
  /** Ids of runs whose bytes were not dropped: the store does not have all of them as they were sealed. */
  readonly lacking: readonly string[];
  /** Ids of runs whose objects are not needed any more. After a dry run, or if bytes alone are dropped, their bundles are there. */
  readonly without: ReadonlySet<string>;
}

/** Says why the history of the project in this folder is not whole, or who dropped bytes and is not trusted; gives nothing if all is well. */
export type HistoryJudge<Fault> = (
  history: History<ForgettableRun>,
  home: string,
  dropped: DroppedBytes | undefined,
) => Promise<readonly Fault[]>;

/** The history does not hold together: nothing is forgotten, because what is wrong with it is evidence. */
export interface ForgetRefused<Fault> {
  readonly ok: false;
  readonly code: "HISTORY_REFUSED";
  readonly faults: readonly Fault[];
}

/** Why nothing, or not everything, was forgotten. */
export type ForgetFault<Fault> = OperationFault | Rejection | ForgetRefused<Fault>;

/** What was forgotten, and what was removed from the store. */
export interface ForgottenAndCollected extends Released<Forgotten> {
  /** Undefined if nothing was forgotten. */
  readonly collected: Result<Collected, CollectFault> | undefined;
}

/**
 * Forgets. Fails with HISTORY_REFUSED, also for the signer that is opened; with HEAD_MALFORMED where DROPPED.json does not hold; as
 * `holdProject`, `orderRuns`, `storedRuns` and the signer do; and with WRITE_FAILED. After WRITE_FAILED the history verifies, and the next
 * call removes what is left. Throws an InterruptedSeal before the first bundle is removed, and an Interruption while the store is
 * collected.
 */
export async function forgetRuns<Fault>(
  request: ForgetRequest<Fault>,
): Promise<Result<ForgottenAndCollected, ForgetFault<Fault>>> {
  const forgotten = await whileHeld<Forgotten, ForgetFault<Fault>>(
    request,
    async (held) => await forgetHeld(held, request),
  );
  if (!forgotten.ok) return forgotten;
  const { without } = forgotten.value;
  if (without.size === 0) return ok({ ...forgotten.value, collected: undefined });
  const { dryRun, environment, progress, signal } = request;
  const root = realPathOf(request);
  // It takes the lock itself.
  const collected = await collectGarbage({ root, environment, dryRun, without, progress, signal });
  return ok({ ...forgotten.value, collected });
}

/** Old runs are looked for once a day. */
const FORGET_MS = 86_400_000;

/** Forgets by the rules of the guard, unless it did so in the last day: then it gives `undefined`. Fails as `readKeepRules` and `forgetRuns` do. */
export async function forgetOncePerDay<Fault>(
  request: Omit<ForgetRequest<Fault>, "dryRun" | "dropsAll" | "keepLast" | "keepsBundles" | "keepWithin">,
): Promise<Result<ForgottenAndCollected, ForgetFault<Fault>> | undefined> {
  const address = request.home.dir.address(PRUNED_NAME);
  const last = lstatSync(address, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Math.abs(Date.now() - last) < FORGET_MS) return undefined;
  if (!attempt(() => writeFileSync(address, "", { mode: 0o600 }))) return undefined;
  const rules = readKeepRules(request.home.dir, request.homePath);
  if (!rules.ok) return rules;
  const forgotten = await forgetRuns({ ...request, ...rules.value });
  request.progress?.end();
  return forgotten;
}

async function forgetHeld<Fault>(
  held: HeldProject,
  request: ForgetRequest<Fault>,
): Promise<Result<Forgotten, ForgetFault<Fault>>> {
  const { keepsBundles = false, progress, signal } = request;
  const history = await readJudged(request, readTurns(held.folder));
  if (!history.ok) return history;
  if (request.dropsAll === true)
    return ok(describe({ forgotten: [...history.value.places.keys()], kept: 0 }, undefined));
  const record = keepsBundles ? readDroppedOf(held) : ok(undefined);
  if (!record.ok) return record;
  const dropped = record.value;
  const judge = async (
    cut: History<ForgettableRun>["cut"],
    bytes: DroppedBytes | undefined,
  ): Promise<ForgetRefused<Fault> | undefined> => {
    const faults = await request.judge({ ...history.value, cut }, realPathOf(request), bytes);
    return faults.length === 0 ? undefined : { ok: false, code: "HISTORY_REFUSED", faults };
  };
  const refused = await judge(history.value.cut, dropped);
  if (refused !== undefined) return refused;
  const planned = await planOf(held.folder, history.value, request);
  if (!planned.ok) return planned;
  const { plan, stale } = planned.value;
  progress?.end();
  if (keepsBundles) {
    const admit = async (bytes: DroppedBytes): ReturnType<typeof judge> => await judge(undefined, bytes);
    return await dropBytes(held, plan, dropped, { ...request, admit });
  }
  if (request.dryRun === true) return ok(describe(plan, cutFactsOf(plan, history.value, request)));
  const facts = cutFactsOf(plan, history.value, request);
  if (facts !== undefined) {
    const admit = async (cut: Signed<CutFacts>): ReturnType<typeof judge> => await judge(cut, undefined);
    const unsigned = await signFile<CutFacts, ForgetRefused<Fault>>(held, CUT_FILE, facts, {
      ...request,
      admit,
    });
    if (unsigned !== undefined) return unsigned;
  } else await takeBreath(signal);
  const unremoved = remove(held, plan, keptTurns(plan, history.value, request));
  if (unremoved !== undefined) return unremoved;
  for (const { runId } of stale) removeRunningRecord(held.folder, runId);
  return ok(describe(plan, facts));
}

/** What a plan depends on. */
export type PlanRequest = KeepRules & WorkOptions & Pick<ForgetRequest, "environment" | "home">;

/** Plans what is forgotten of a history that holds together. `stale` are the records of killed runs that go too. Fails with HEAD_MALFORMED. */
export async function planOf(
  own: AnchoredDir,
  history: History<ForgettableRun>,
  request: PlanRequest,
): Promise<
  Result<{ readonly plan: CutPlan<ForgettableRun>; readonly stale: readonly RunningRecord[] }, OperationFault>
> {
  const remembered = readRememberedHead(memoryPlaceOf(request.environment, request.home));
  if (!remembered.ok) return remembered;
  const { kept, stale } = await sortRecords(own, request);
  const pinned = kept.map(({ before }) => before);
  if (remembered.value !== undefined) pinned.push(remembered.value.bundleRoot);
  return ok({ plan: planCut(history, { ...rulesOf(request), pinned }, nodeCrypto), stale });
}

/** Drops the bytes of the runs that the plan forgets, and keeps their bundles. */
async function dropBytes<Fault>(
  held: HeldProject,
  plan: CutPlan<ForgettableRun>,
  earlier: DroppedBytes | undefined,
  request: ForgetRequest<Fault> & Admitting<DroppedBytes, ForgetRefused<Fault>>,
): Promise<Result<Forgotten, ForgetFault<Fault>>> {
  const signed = await signDropped(held, plan.forgotten, earlier, request);
  if (!signed.ok) return signed;
  const { added, lacking } = signed.value;
  // Also those of a prune that was killed. What is left of a run that lacks bytes stays.
  const forgotten = plan.forgotten.filter((run) => !lacking.has(run));
  const { without } = describe({ ...plan, forgotten }, undefined);
  return ok({
    ...describe({ ...plan, forgotten: added }, undefined),
    keepsBundles: true,
    lacking: [...lacking].map(({ runId }) => runId),
    without,
  });
}

/** Records of runs in progress, and of killed ones. Those of killed runs are kept as long as runs are kept by their time. */
async function sortRecords(
  own: AnchoredDir,
  { keepWithin = KEPT_SECONDS, now }: PlanRequest,
): Promise<{ readonly kept: readonly RunningRecord[]; readonly stale: readonly RunningRecord[] }> {
  const since = formatUtcSecond(Math.max(0, now - keepWithin));
  const kept: RunningRecord[] = [];
  const stale: RunningRecord[] = [];
  for (const record of readRunningRecords(own)) {
    const stays = record.started >= since || (await isRunning(own, record.runId));
    (stays ? kept : stale).push(record);
  }
  return { kept, stale };
}

/** The history, every bundle judged by its artifacts. Fails as `orderRuns` does. Throws an Interruption. */
export async function readJudged(
  request: PlanRequest,
  turns: readonly Turn[],
): Promise<Result<History<ForgettableRun>, OperationFault | Rejection>> {
  const { environment, progress, signal } = request;
  const root = realPathOf(request);
  const read = await orderRuns<ForgettableRun>(
    { root, environment, progress, signal },
    false,
    async (bundles, runs) =>
      await judgeEach(bundles, runs, request, ({ failure, run, sealed }) => ({
        ...run,
        failure,
        ...kindOf(run, sealed?.taskSpec, turns),
      })),
  );
  return read.ok ? ok(read.value.history) : read;
}

function cutFactsOf(
  { failedRuns, first, forgotten }: CutPlan<ForgettableRun>,
  { cut, places }: History<ForgettableRun>,
  { now }: ForgetRequest,
): (CutFacts & { readonly runId: string }) | undefined {
  if (first?.bundleRoot === undefined) return undefined;
  // Those of an earlier cut are counted there.
  const added = forgotten.filter((run) => places.get(run) !== "forgotten").length;
  return {
    runId: first.runId,
    bundleRoot: first.bundleRoot,
    cutAt: formatUtcSecond(now),
    failedRuns,
    forgotten: (cut?.forgotten ?? 0) + added,
  };
}

function remove(
  { folder, shown }: HeldProject,
  { forgotten }: CutPlan<ForgettableRun>,
  isKept: (turn: Turn) => boolean,
): OperationFault | undefined {
  try {
    using runs = openRuns(folder);
    if (runs !== undefined)
      removeBundles(
        runs,
        forgotten.map(({ runId }) => runId),
      );
    sweepTurns(folder, isKept);
    return undefined;
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: `${shown}/runs`, reason: reasonOf(thrown) });
  }
}

function describe(
  { forgotten, kept }: Pick<CutPlan<ForgettableRun>, "forgotten" | "kept">,
  cut: Forgotten["cut"],
): Forgotten {
  const runs = forgotten.map(({ counts, runId }) => ({ runId, counts }));
  return {
    forgotten: runs,
    kept,
    cut,
    keepsBundles: false,
    lacking: [],
    without: new Set(runs.map(({ runId }) => runId)),
  };
}

function realPathOf({ home }: Pick<ForgetRequest, "home">): string {
  return pathOfComponents(home.real);
}
