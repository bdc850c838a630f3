/**
 * What an undo and a redo without a name mean: the last run of a guard that is not undone, and the last undo that is not redone. Both walk
 * back through the snapshots of the history, whose tasks say what they are of; what is found is judged when it is read.
 *
 * @module
 */

import { ok, type RestoreFault, type Result, restoreFault } from "../../../core/internal.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { readRunningRecords } from "../guard/running-record.ts";
import type { ReadTask } from "../guard/snapshot-task.ts";
import { type GuardFolders, readTaskOf, snapshotsBackwards } from "./walk-snapshots.ts";

/** Fails with UNDO_NO_AFTER where there is none, and as `snapshotsBackwards` does. */
type Found = Result<string, OperationFault | RestoreFault>;

/**
 * The id of the newest run that changed the folder and is not undone, or of a redo since: to undo that one undoes the run again, and gives back what
 * the redo took. Runs after a snapshot that the whole folder was taken back to count as undone. A run that was killed counts as one that
 * changed something. `snapshotOf` gives the snapshot that the name of one stands for that was not sealed, since it is equal.
 */
export function findLastRun(folders: GuardFolders, snapshotOf: (name: string) => string | undefined): Found {
  const line = snapshotsBackwards(folders);
  if (!line.ok) return line;
  const killed = readRunningRecords(folders.own).filter(({ runId }) => !folders.runs.has(runId));
  const undone = new Set<string>();
  let target: string | undefined;
  for (const { bundleRoot, runId, task } of line.value) {
    const { moment, ofRun } = task;
    if (moment === "revert") {
      if (ofRun === undefined || undone.has(runId) || target !== undefined) continue;
      if (isRedo(folders, task)) return ok(runId);
      undone.add(ofRun);
      target = isSnapshot(folders, ofRun) ? ofRun : snapshotOf(ofRun);
      continue;
    }
    if (target !== undefined && runId !== target) continue;
    const begun = killed.find(({ before }) => isSameDigest(before, bundleRoot));
    if (begun !== undefined && target === undefined && !undone.has(`${begun.runId}.before`))
      return ok(begun.runId);
    target = undefined;
    if (moment === "after" && ofRun !== undefined && !undone.has(ofRun)) return ok(ofRun);
  }
  return restoreFault("PLAN", "UNDO_NO_AFTER");
}

/** The id of the newest undo that is not redone. */
export function findLastUndo(folders: GuardFolders): Found {
  const line = snapshotsBackwards(folders);
  if (!line.ok) return line;
  const takenBack = new Set<string>();
  for (const { runId, task } of line.value) {
    if (task.moment !== "revert" || takenBack.has(runId)) continue;
    if (!isRedo(folders, task)) return ok(runId);
    if (task.ofRun !== undefined) takenBack.add(task.ofRun);
  }
  return restoreFault("PLAN", "UNDO_NO_AFTER");
}

/** Whether what a task took back was itself an undo. */
function isRedo(folders: GuardFolders, task: ReadTask): boolean {
  let isUndo = true;
  let of = task.ofRun;
  for (const seen = new Set<string>(); of !== undefined && !seen.has(of); isUndo = !isUndo) {
    seen.add(of);
    const earlier = readTaskOf(folders, of);
    if (earlier?.moment !== "revert") break;
    of = earlier.ofRun;
  }
  return !isUndo;
}

/** Whether a name is of a snapshot, and not of a run or an undo. */
function isSnapshot(folders: GuardFolders, runId: string): boolean {
  const task = readTaskOf(folders, runId);
  return task !== undefined && task.moment !== "revert";
}
