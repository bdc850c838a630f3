/**
 * Runs of a project that have no bundle, and that no bundle lists yet: killed ones, failed ones without a signature, and those in
 * progress.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import { OWN_FOLDER, ownFolderOf, UNSIGNED_NAME } from "../../records/project/project-names.ts";
import { type RunRecord, readRunRecords, UNLISTED_NAME } from "../../records/project/run-records.ts";
import { isRunning } from "../../records/project/running-runs.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Such a run, as its record tells; no signature covers it. */
export interface UnlistedRun extends Pick<RunRecord, "command" | "runId" | "time"> {
  readonly state: UnlistedState;
}

/** How it stands. */
export type UnlistedState =
  | "running"
  /** `run --unsigned` whose command failed: its record in `unsigned` is never signed. */
  | "unsigned"
  | "killed";

/** Lists them, newest first. Fails with PATH_NOT_FOUND or READ_FAILED. */
export async function readUnlistedRuns(
  root: string,
): Promise<Result<readonly UnlistedRun[], OperationFault>> {
  const opened = openRoot(root);
  if (!opened.ok) return opened;
  using project = opened.value;
  try {
    using own = project.dir.enter(OWN_FOLDER);
    const unlisted: UnlistedRun[] = [];
    for (const { bundleRoot, command, runId, time } of readRunRecords(own).records.toReversed()) {
      if (bundleRoot === undefined) unlisted.push({ command, runId, time, state: await stateOf(own, runId) });
    }
    return ok(unlisted);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (errnoOf(thrown) === "ENOENT") return ok([]);
    return operationFault("READ_FAILED", { path: `${ownFolderOf(root)}/${UNLISTED_NAME}`, reason });
  }
}

async function stateOf(own: AnchoredDir, runId: string): Promise<UnlistedState> {
  if (await isRunning(own, runId)) return "running";
  using unsigned = own.enterIfThere(UNSIGNED_NAME);
  return unsigned?.has(runId) === true ? "unsigned" : "killed";
}
