/**
 * Removes bundles that are forgotten, and the guard of a missing folder. Each bundle leaves its name in one step, so that no reader finds
 * half a bundle.
 *
 * @module
 */

import { ok } from "../../../../core/internal.ts";
import { whileHeld } from "../../../make/seal/while-held.ts";
import type { HoldRequest } from "../../../records/project/held-project.ts";
import { LOCK_NAME, OWN_FOLDER } from "../../../records/project/project-names.ts";
import { dropMemory, memoryPlaceOf } from "../../../records/project/remembered-head.ts";
import { openRuns } from "../../../records/project/run-links.ts";
import { areOthersRunning } from "../../../records/project/running-runs.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { removeReplacements } from "../../../system/files/durable-file.ts";
import { nodeFileSystem as fs } from "../../../system/files/file-system.ts";
import { removeFolders } from "../../../system/files/make-folders.ts";
import { pathOfComponents } from "../../../system/files/path-components.ts";
import { isContenderName } from "../../../system/locks/lock-contender.ts";
import { attempt, reasonOf, tolerate } from "../../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../../system/runtime/operation-fault.ts";
import type { Environment } from "../../../system/runtime/user-home.ts";
import { GUARD_KEY_NAME } from "../guard-key.ts";
import { PRUNED_NAME } from "../guard-place.ts";
import { INDEX_NAME } from "../index/index-file.ts";
import { KEEP_NAME } from "../keep-rules.ts";
import { isMissing } from "../list-guards.ts";
import { ROOT_NAME } from "../root-record.ts";

/** The name of a bundle that is being removed. It begins with a dot: readers pass it over. */
const FORGOTTEN_NAME = ".forgotten";

/** Removes bundles in their order, by the folder of bundles, as the lock holder. Throws what the system says. */
export function removeBundles(runs: AnchoredDir, runIds: readonly string[]): void {
  // Of a process that was killed here.
  if (runs.has(FORGOTTEN_NAME)) removeTree(runs, FORGOTTEN_NAME);
  for (const runId of runIds) {
    if (!runs.has(runId)) continue;
    runs.rename(runId, runs, FORGOTTEN_NAME);
    // [forgotten] In their order: what is left of a history after a power cut must reach back from its cut without a gap.
    fs.fsyncSync(runs.fd);
    removeTree(runs, FORGOTTEN_NAME);
  }
}

/** The guard of a folder that is missing. */
interface MissingGuard extends HoldRequest {
  readonly environment: Environment;
  /** The folder that was guarded. */
  readonly guarded: string;
}

/**
 * Removes a guard with all that it keeps, if its folder is still missing. Fails with CHANGED_WHILE_READ where the folder is there again, with
 * LOCKED where a run is in progress or was sealed that is not among the known ones, as `holdProject` does, and with WRITE_FAILED. Throws
 * an InterruptedSeal before anything is removed.
 */
export async function removeGuard(
  request: MissingGuard,
  known: ReadonlySet<string>,
): Promise<OperationFault | undefined> {
  const { environment, guarded, home, homePath } = request;
  try {
    const emptied = await whileHeld(request, async ({ folder, shown }) => {
      if (!isMissing(guarded)) return operationFault("CHANGED_WHILE_READ", { path: guarded });
      if ((await areOthersRunning(folder, "")) || hasOtherRuns(folder, known))
        return operationFault("LOCKED", { reason: "project", path: `${shown}/${LOCK_NAME}` });
      dropMemory(memoryPlaceOf(environment, home));
      // HEAD before `runs`, and last what tells whose guard it is: what a killed removal leaves is then pruned like any other guard.
      const isOfLock = (name: string): boolean => name === LOCK_NAME || isContenderName(LOCK_NAME, name);
      for (const name of folder.names().sort()) if (!isOfLock(name)) removeTree(folder, name);
      for (const name of [INDEX_NAME, GUARD_KEY_NAME, PRUNED_NAME, KEEP_NAME, ROOT_NAME]) {
        removeReplacements(home.dir, name);
        tolerate(["ENOENT"], () => home.dir.unlink(name));
      }
      return ok({});
    });
    if (!emptied.ok) return emptied;
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: homePath, reason: reasonOf(thrown) });
  }
  // A new guard of the folder may have begun; a folder that the user named may hold more.
  attempt(() => home.dir.rmdir(OWN_FOLDER));
  removeFolders([pathOfComponents(home.real)]);
  return undefined;
}

/** Whether bundles are there that are not among the known ones. Other files, and what killed processes left, do not count. */
function hasOtherRuns(folder: AnchoredDir, known: ReadonlySet<string>): boolean {
  using runs = openRuns(folder);
  if (runs === undefined) return false;
  const isOther = (name: string): boolean => !name.startsWith(".") && !known.has(name);
  return runs.names().some((name) => isOther(name) && runs.lstat(name)?.isDirectory() === true);
}

/** Removes a folder with all that is in it, or a link or a file of that name. No link is followed. Throws what the system says. */
function removeTree(above: AnchoredDir, name: string): void {
  if (above.lstat(name)?.isDirectory() !== true) {
    above.unlink(name);
    return;
  }
  const folder = above.enter(name);
  try {
    for (const entry of folder.names()) removeTree(folder, entry);
  } finally {
    folder.close();
  }
  above.rmdir(name);
}
