/**
 * Which runs a project has: the names in its `.runseal/runs`.
 *
 * @module
 */

import { checkRunIds, DEFAULT_LIMITS, ok, type Rejection, type Result } from "../../../core/internal.ts";
import { OWN_FOLDER, RUNS_NAME, runsFolderOf } from "../../records/project/project-names.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/**
 * Lists the run ids in no order, no link followed to their folder; none where nothing was sealed yet. Names that begin with a dot are a sealer's own,
 * and files are not bundles. Fails with PATH_NOT_FOUND, READ_FAILED, or, beyond the limit, as a chain does.
 */
export function listRuns(root: string): Result<readonly string[], OperationFault | Rejection> {
  const opened = openRoot(root);
  if (!opened.ok) return opened;
  using project = opened.value;
  const names: string[] = [];
  try {
    for (const entry of project.folder([OWN_FOLDER, RUNS_NAME]).entries()) {
      const mayBeBundle = entry.isDirectory() || entry.isSymbolicLink();
      if (mayBeBundle && !entry.name.startsWith(".")) names.push(entry.name);
      if (names.length > DEFAULT_LIMITS.runs) break;
    }
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (errnoOf(thrown) === "ENOENT") return ok([]);
    return operationFault("READ_FAILED", { path: runsFolderOf(root), reason });
  }
  return (names.length === 0 ? undefined : checkRunIds(names)) ?? ok(names);
}
