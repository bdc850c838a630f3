/**
 * What an undo and a redo without a name mean: the last run of a guard that is not undone, and the last undo that is not redone. Both walk
 * back through the snapshots of the history, whose tasks say what they are of; what is found is judged when it is read.
 *
 * @module
 */

import { type HexDigest, ok, type RestoreFault, type Result, restoreFault } from "../../../core/internal.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { readRunningRecords } from "../guard/running-record.ts";
import type { ReadTask } from "../guard/snapshot-task.ts";
import { turnAfter } from "../guard/turns/choose-turn.ts";
import { digitsOf, parseTurnId, readTurns, turnIdOf } from "../guard/turns/turn-record.ts";
import { type GuardFolders, readTaskOf, snapshotsBackwards } from "./walk-snapshots.ts";

/** Fails with UNDO_NO_AFTER where there is none, and as `snapshotsBackwards` does. */
type Found = Result<string, OperationFault | RestoreFault>;

/**
 * The id of the newest run that changed the folder and is not undone, or of a redo since: to undo that one undoes the run again, and gives back what
 * the redo took. Runs after a snapshot that the whole folder was taken back to count as undone. A run that was killed counts as one that
 * changed something, and so does a turn that was interrupted. `snapshotOf` gives the snapshot that the name of one stands for that was not
 * sealed, since it is equal. With a session, only its turns are meant.
 */
export function findLastRun(
  folders: GuardFolders,
  snapshotOf: (name: string) => string | undefined,
  session?: HexDigest,
): Found {
  const line = snapshotsBackwards(folders);
  if (!line.ok) return line;
  const killed = [
    ...readRunningRecords(folders.own).filter(({ runId }) => !folders.runs.has(runId)),
    ...interruptedTurns(folders),
  ];
  const undone = new Set<string>();
  const isMeant = (runId: string): boolean =>
    (session === undefined || parseTurnId(runId)?.session === digitsOf({ session })) &&
    !isUndone(runId, undone);
  let target: string | undefined;
  for (const { bundleRoot, runId, task } of line.value) {
    const { moment, ofRun } = task;
    if (moment === "revert") {
      if (ofRun === undefined || undone.has(runId) || target !== undefined) continue;
      if (isRedo(folders, task)) {
        if (isMeant(firstOf(folders, task))) return ok(runId);
        continue;
      }
      undone.add(ofRun);
      target = isSnapshot(folders, ofRun) ? ofRun : snapshotOf(ofRun);
      continue;
    }
    if (target !== undefined && runId !== target) continue;
    const begun = killed.find((each) => isSameDigest(each.before, bundleRoot) && isMeant(each.runId));
    if (begun !== undefined && target === undefined) return ok(begun.runId);
    target = undefined;
    if (moment === "after" && ofRun !== undefined && isMeant(ofRun)) return ok(ofRun);
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

/** Whether a run was undone, by its name or by that of its snapshot from before. An undo of a turn undoes the later ones of its session. */
function isUndone(runId: string, undone: ReadonlySet<string>): boolean {
  if (undone.has(runId) || undone.has(`${runId}.before`)) return true;
  const turn = parseTurnId(runId);
  return (
    turn !== undefined &&
    [...undone].some((other) => {
      const earlier = parseTurnId(other);
      return earlier?.session === turn.session && earlier.number <= turn.number;
    })
  );
}

/** Turns without a snapshot after them that changed something, or may have: the newest first. */
function interruptedTurns({
  own,
}: GuardFolders): readonly { readonly runId: string; readonly before: HexDigest }[] {
  const turns = readTurns(own);
  return turns
    .flatMap((turn) => {
      const { after, before } = turn;
      const isNothing = after !== undefined || isSameDigest(turnAfter(turns, turn)?.before, before);
      return before === undefined || isNothing ? [] : { runId: turnIdOf(turn), before };
    })
    .reverse();
}

/** Whether what a task took back was itself an undo. */
function isRedo(folders: GuardFolders, task: ReadTask): boolean {
  return undosOf(folders, task).length % 2 === 1;
}

/** The run that an undo, a redo of it, and so on began with. */
function firstOf(folders: GuardFolders, task: ReadTask): string {
  const { ofRun = "" } = undosOf(folders, task).at(-1) ?? task;
  return ofRun;
}

/** The undos that a task takes back: its own first, then what that one took back, and so on. */
function undosOf(folders: GuardFolders, task: ReadTask): readonly ReadTask[] {
  const undos: ReadTask[] = [];
  let { ofRun: of } = task;
  for (const seen = new Set<string>(); of !== undefined && !seen.has(of); ) {
    seen.add(of);
    const earlier = readTaskOf(folders, of);
    if (earlier?.moment !== "revert") break;
    undos.push(earlier);
    of = earlier.ofRun;
  }
  return undos;
}

/** Whether a name is of a snapshot, and not of a run or an undo. */
function isSnapshot(folders: GuardFolders, runId: string): boolean {
  const task = readTaskOf(folders, runId);
  return task !== undefined && task.moment !== "revert";
}
