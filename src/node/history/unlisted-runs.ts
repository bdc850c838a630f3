/**
 * Runs of a project that have no bundle, and that no bundle lists yet: killed ones, and those in progress.
 *
 * @module
 */

import { ok, type Result } from "../../core/internal.ts";
import { openRoot } from "../files/anchored-root.ts";
import { OWN_FOLDER, ownFolderOf } from "../project/project-names.ts";
import { type RunRecord, readRunRecords, UNLISTED_NAME } from "../project/run-records.ts";
import { isRunning } from "../project/running-runs.ts";
import { errnoOf, reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";

/** Such a run, as its record tells; no signature covers it. */
export interface UnlistedRun extends Pick<RunRecord, "command" | "runId" | "time"> {
  readonly isRunning: boolean;
}

/** Lists them, newest first. Fails with ROOT_NOT_FOUND or READ_FAILED. */
export async function readUnlistedRuns(
  root: string,
): Promise<Result<readonly UnlistedRun[], OperationFault>> {
  const opened = openRoot(root);
  if (!opened.ok) return opened;
  using project = opened.value;
  try {
    using own = project.dir.enter(OWN_FOLDER);
    const unlisted: UnlistedRun[] = [];
    for (const { command, runId, sealed, time } of readRunRecords(own).records.toReversed()) {
      if (sealed === undefined)
        unlisted.push({ command, runId, time, isRunning: await isRunning(own, runId) });
    }
    return ok(unlisted);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (errnoOf(thrown) === "ENOENT") return ok([]);
    return operationFault("READ_FAILED", { path: `${ownFolderOf(root)}/${UNLISTED_NAME}`, reason });
  }
}
