/**
 * The run that the next run names: the head of the project, or none if the history is about to begin.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { HEAD_NAME, type ProjectHead, readHead } from "./head-file.ts";
import type { HeldProject } from "./held-project.ts";
import { RUNS_NAME } from "./project-names.ts";
import { memoryPlaceOf, readRememberedHead } from "./remembered-head.ts";
import { type RunLinks, readRunLinks } from "./run-links.ts";

/** A project whose own folder is open, held or not. */
export type OpenProject = Pick<HeldProject, "environment" | "folder" | "home" | "shown">;

/**
 * Reads the head of a project, which the caller holds if it is going to seal; `undefined` if its history is about to begin. Fails with HEAD_MISSING if bundles of a
 * history exist and nothing names the last one: a new history beside them would hide that HEAD was removed. Fails also with HEAD_MALFORMED or READ_FAILED.
 */
export function findPreviousRun(project: OpenProject): Result<ProjectHead | undefined, OperationFault> {
  const { folder, shown } = project;
  const head = readHead(folder, shown);
  if (!head.ok || head.value !== undefined) return head;
  try {
    const names = [...readRunLinks(folder)].filter(belongsToHistory).map(({ runId }) => runId);
    if (names.length === 0) return ok(undefined);
    const remembered = shownMemory(project);
    return operationFault("HEAD_MISSING", { path: `${shown}/${HEAD_NAME}`, names: names.sort(), remembered });
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return operationFault("READ_FAILED", { path: `${shown}/${RUNS_NAME}`, reason });
  }
}

/** A run that failed before any other succeeded does not belong to a history. */
function belongsToHistory({ failed, previousBundleRoot }: RunLinks): boolean {
  return !failed || previousBundleRoot !== undefined;
}

function shownMemory({ environment, home }: OpenProject): string | undefined {
  if (environment === undefined) return undefined;
  const place = memoryPlaceOf(environment, home);
  const known = readRememberedHead(place);
  return known.ok && known.value !== undefined ? `${place.shownFolder}/${place.name}` : undefined;
}
