/**
 * The newest run of a project's history, as HEAD names it.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import { HEAD_NAME, type ProjectHead } from "../../records/project/head-file.ts";
import { lookIntoOwn } from "../../records/project/own-folder.ts";
import { findPreviousRun } from "../../records/project/previous-run.ts";
import { ownFolderOf } from "../../records/project/project-names.ts";
import { memoryPlaceOf, readRememberedHead } from "../../records/project/remembered-head.ts";
import { readWaitingRuns } from "../../records/project/waiting-runs.ts";
import { isInHistory } from "../../records/project/walk-history.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";

/** The newest run, by its id. */
export interface NewestRun {
  readonly runId: string;
  /** Whether this machine remembers a head that HEAD does not follow: newer runs may have been removed. */
  readonly isBehind: boolean;
}

/**
 * Finds the newest run of a project. Proves nothing: the caller verifies its bundle. Fails with RUN_NOT_FOUND where nothing was sealed, with
 * HEAD_MISSING where this machine saw a run sealed there and nothing of a history is left, with
 * PATH_NOT_FOUND or READ_FAILED, and as `findPreviousRun` does.
 */
export function findNewestRun(rootPath: string, environment: Environment): Result<NewestRun, OperationFault> {
  return lookIntoOwn<NewestRun>(rootPath, ({ folder, root, shown }) => {
    const remembered = readRememberedHead(memoryPlaceOf(environment, root));
    const known = remembered.ok ? remembered.value : undefined;
    if (folder === undefined) return nothingFound(rootPath, known);
    const head = findPreviousRun({ environment, folder, home: root, shown });
    if (!head.ok) return head;
    if (head.value === undefined) return nothingFound(rootPath, known);
    const isBehind = isAfter(folder, known, head.value);
    return ok({ runId: head.value.runId, isBehind });
  });
}

/** Neither HEAD nor a run of a history is there: nothing was sealed, or all of it was removed. */
function nothingFound(rootPath: string, known: ProjectHead | undefined): OperationFault {
  if (known !== undefined) {
    const path = `${ownFolderOf(rootPath)}/${HEAD_NAME}`;
    return operationFault("HEAD_MISSING", { path, names: [known.runId], why: "removed" });
  }
  const waiting = readWaitingRuns(rootPath);
  return operationFault("RUN_NOT_FOUND", { reason: "none", path: rootPath, waiting });
}

/** Whether a remembered head is not in the history that ends at HEAD. */
function isAfter(folder: AnchoredDir, remembered: ProjectHead | undefined, head: ProjectHead): boolean {
  return remembered !== undefined && !isInHistory(folder, remembered.bundleRoot, head);
}
