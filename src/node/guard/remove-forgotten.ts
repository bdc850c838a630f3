/**
 * Removes bundles that are forgotten, and the guard of a missing folder. Each bundle leaves its name in one step, so that no reader finds
 * half a bundle.
 *
 * @module
 */

import { ok } from "../../core/internal.ts";
import { type AnchoredDir, pathOfComponents } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { removeFolders } from "../files/make-folders.ts";
import type { Environment } from "../keys/user-home.ts";
import { isContenderName } from "../locks/lock-contender.ts";
import type { HoldRequest } from "../project/held-project.ts";
import { LOCK_NAME, OWN_FOLDER } from "../project/project-names.ts";
import { dropMemory, memoryPlaceOf } from "../project/remembered-head.ts";
import { readRunLinks } from "../project/run-links.ts";
import { areOthersRunning } from "../project/running-runs.ts";
import { reasonOf, tolerate } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { whileHeld } from "../seal/while-held.ts";
import { GUARD_KEY_NAME } from "./guard-key.ts";
import { INDEX_NAME } from "./index/index-file.ts";
import { ROOT_NAME } from "./root-record.ts";

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

/**
 * Removes a guard, unless a run is in progress, or is not among the forgotten ones. Its objects are removed already. Fails as
 * `holdProject` does, and with WRITE_FAILED. Throws an InterruptedSeal before anything is removed.
 */
export async function removeGuard(
  request: HoldRequest & { readonly environment: Environment },
  forgotten: ReadonlySet<string>,
): Promise<OperationFault | undefined> {
  const { environment, home, homePath } = request;
  try {
    const emptied = await whileHeld<{ readonly isUsed: boolean }>(request, async ({ folder }) => {
      const isUsed =
        (await areOthersRunning(folder, "")) ||
        [...readRunLinks(folder)].some(({ runId }) => !forgotten.has(runId));
      if (isUsed) return ok({ isUsed });
      // First what names a snapshot, HEAD before `runs`: what a killed removal leaves is then pruned like any other guard.
      dropMemory(memoryPlaceOf(environment, home));
      const isOfLock = (name: string): boolean => name === LOCK_NAME || isContenderName(LOCK_NAME, name);
      for (const name of folder.names().sort()) if (!isOfLock(name)) removeTree(folder, name);
      return ok({ isUsed });
    });
    if (!emptied.ok) return emptied;
    if (emptied.value.isUsed) return undefined;
    tolerate(["ENOENT"], () => home.dir.rmdir(OWN_FOLDER));
    // Last what tells whose guard it is.
    for (const name of [INDEX_NAME, GUARD_KEY_NAME, ROOT_NAME]) if (home.dir.has(name)) home.dir.unlink(name);
    // A folder that the user named may hold more.
    removeFolders([pathOfComponents(home.real)]);
    return undefined;
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: homePath, reason: reasonOf(thrown) });
  }
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
