/** Names of snapshots that were not sealed, because they were equal to earlier ones. @module */

import { join } from "node:path";
import type { HexDigest } from "../../../core/internal.ts";
import { inspectRun } from "../../judge/history/inspect-run.ts";
import { isRunId } from "../../records/bundle/run-names.ts";
import { ownFolderOf, runsFolderOf } from "../../records/project/project-names.ts";
import { findByRoot } from "../../records/project/run-links.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { readSnapshotTask } from "./snapshot-task.ts";
import { readTurnsOf, type Turn, turnIdOf } from "./turns/turn-record.ts";

/**
 * The id of the snapshot that `RUN.before` or `RUN.after` stands for, if the project has a run `RUN` whose signature holds and names such
 * a snapshot, or a turn of that name; `undefined` otherwise. The bundle of that id claims the root that the run names, and is still to be judged.
 */
export function findEqualSnapshot(home: string, named: string): string | undefined {
  const [, runId = "", moment] = /^(.+)\.(before|after)$/.exec(named) ?? [];
  // Not a path: a bundle elsewhere must not be taken for a run of the project.
  if (moment === undefined || !isRunId(runId)) return undefined;
  const turn = findTurn(home, runId);
  if (turn !== undefined) {
    const root = moment === "before" ? turn.before : turn.after;
    return root && findRunAtRoot(home, root);
  }
  const { run, sealed } = inspectRun(join(runsFolderOf(home), runId));
  if (sealed === undefined || run.standing === "rejected") return undefined;
  const task = readSnapshotTask(sealed.taskSpec);
  // A revert's own bundle is the snapshot after it.
  const before = run.guard?.before ?? (task?.moment === "revert" ? task.before : undefined);
  const root = moment === "before" ? before : run.guard?.after;
  return root === undefined ? undefined : findRunAtRoot(home, root);
}

/** The turn of a name, of the guard in a folder. */
function findTurn(home: string, turnId: string): Turn | undefined {
  return readTurnsOf(home).find((turn) => turnIdOf(turn) === turnId);
}

/** The id of the run of a project that claims a root, which is still to be judged; `undefined` where none does, or none can be read. */
export function findRunAtRoot(home: string, root: HexDigest): string | undefined {
  return unlessRefused(() => {
    using own = AnchoredDir.open(ownFolderOf(home));
    return findByRoot(own, root);
  });
}
