/**
 * Reverts a guarded folder: what one run did, everything since a snapshot, or the last revert. The steps are in this order below. The
 * guard is held from before the folder is looked at until the new state is sealed.
 *
 * @module
 */

import { isEmptyPlan, type RestoreFault, type RestorePhase, restoreFault } from "../../../core/internal.ts";
import { holdProject } from "../../records/project/held-project.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { openRuns } from "../../records/project/run-links.ts";
import { areOthersRunning } from "../../records/project/running-runs.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { protection } from "../../system/files/shared-above.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { guardDecider } from "../guard/guard-key.ts";
import { afterRecovery } from "../restore/recover/recover-first.ts";
import { JournalKeys } from "../transaction/journal/journal-key.ts";
import { keepOthersOut, refused } from "../transaction/restore-failure.ts";
import {
  applyAndSeal,
  type BegunRevert,
  doneWith,
  type RevertDone,
  type Reverting,
  sealBefore,
} from "./apply-and-seal.ts";
import { findReverted } from "./find-reverted.ts";
import { finishRevert } from "./finish-revert.ts";
import { type GuardedFolder, openGuarded } from "./open-guarded.ts";
import { planOnDisk } from "./plan-on-disk.ts";
import type { RevertFailure, RevertFolderRequest, RevertRefusal, RevertSuccess } from "./revert-request.ts";

/**
 * Reverts a folder. Fails as `keepOthersOut`, `openGuarded`, `holdProject`, `findReverted`, `planOnDisk`, `sealSnapshot` and `applyRevert` do; with
 * RESTORE_BUSY while a guarded run is in progress. Throws an Interruption when the signal fired and nothing was changed.
 */
export async function revertFolder(
  request: RevertFolderRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RevertSuccess | RevertFailure> {
  const opened = openGuarded(request, fs);
  if (!opened.ok) return opened;
  using guarded = opened.value;
  using keys = new JournalKeys(request.environment, fs);
  let isDone = false;
  try {
    const shared = keepOthersOut(guarded.root, fs);
    if (shared !== undefined) return refused(shared);
    const ended = await revertHeld(guarded, keys, request, fs);
    isDone = ended.ok && !request.dryRun;
    return ended;
  } finally {
    if (!isDone) guarded.withdraw();
  }
}

/** Holds the guard, and recovers what a killed transaction left in the folder. */
async function revertHeld(
  guarded: GuardedFolder,
  keys: JournalKeys,
  request: RevertFolderRequest,
  fs: FileSystem,
): Promise<RevertSuccess | RevertFailure> {
  const { guard, path, root } = guarded;
  const { dryRun, environment, onWaiting, progress, signal, trust } = request;
  const decide = await guardDecider(guard, trust);
  if (!decide.ok) return decide;
  const { home, homePath } = guard;
  const holding = await holdProject({ home, homePath, environment, onWaiting, signal });
  if (!holding.ok) return holding;
  const held = holding.value;
  let unreleased: OperationFault | undefined;
  let ended: (RevertDone & Partial<Pick<RevertSuccess, "recovered">>) | RevertFailure;
  try {
    using runs = openRuns(held.folder);
    if (runs === undefined) return operationFault("GUARD_NOT_FOUND");
    const bundles = { own: held.folder, shown: runsFolderOf(homePath), runs, decide: decide.value };
    const reverting = { request, guarded, held, bundles, keys, fs };
    const target = { kind: "existing", root, path } as const;
    ended = await afterRecovery(target, { dryRun, keys, progress }, () => revertRecovered(reverting), fs);
  } finally {
    unreleased = held.release();
  }
  if (!ended.ok) return ended;
  return {
    ...ended,
    protection: protection(),
    recovered: ended.recovered ?? [],
    finished: held.recovered,
    isOtherFolder: !guarded.wasGone && !guard.isSameFolder,
    late: ended.late ?? unreleased,
  };
}

async function revertRecovered(reverting: Reverting): Promise<RevertDone | RevertFailure> {
  const { bundles, guarded, held, request } = reverting;
  if (await areOthersRunning(held.folder, "")) return refused(restoreFault("PREFLIGHT", "RESTORE_BUSY"));
  if (!request.dryRun) {
    const finished = await finishRevert({ ...guarded, held, bundles }, request);
    if (!finished.ok) return finished;
  }
  const begun = await begin(reverting);
  if (!("indexSum" in begun)) return begun;
  using begunRevert = begun;
  return await applyAndSeal(reverting, begunRevert);
}

/** Finds what is undone, plans, and seals the state before. */
async function begin(reverting: Reverting): Promise<BegunRevert | RevertDone | RevertFailure> {
  const { bundles, fs, guarded, request } = reverting;
  const range = findReverted(bundles, request.target);
  if (!range.ok) return failureOf(range);
  const planned = await planOnDisk(guarded, range.value, request, bundles, fs);
  if (!planned.ok) return failureOf(planned);
  const plan = planned.value;
  let isBegun = false;
  try {
    if (request.dryRun || isEmptyPlan(plan.outlook.plan)) return doneWith(range.value, plan, undefined, true);
    const begun = await sealBefore(reverting, range.value, plan);
    isBegun = "indexSum" in begun;
    return begun;
  } finally {
    if (!isBegun) plan[Symbol.dispose]();
  }
}

/** A restore's fault is a failure before anything was written. */
function failureOf(fault: RevertRefusal): RevertFailure {
  return isRestoreFault(fault) ? refused(fault) : fault;
}

function isRestoreFault(fault: RevertRefusal): fault is RestoreFault {
  return "phase" in fault && RESTORE_PHASES.some((phase) => phase === fault.phase);
}

/** The phases of a restore. Those of a verification have other names. */
const RESTORE_PHASES: readonly RestorePhase[] = ["PREFLIGHT", "PLAN", "EXECUTE", "VERIFY"];
