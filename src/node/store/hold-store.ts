/**
 * The project's lock for work on its store: meanwhile no seal keeps objects.
 *
 * @module
 */

import { ok, type Result } from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { FolderLock } from "../locks/folder-lock.ts";
import { PROJECT_LOCK } from "../project/project-names.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";

/** The lock, by its path below the project root. */
const SHOWN_LOCK = ".runseal/lock";

/**
 * Takes the lock of a project, by its own folder, and waits for the lock holder. Fails with PROJECT_LOCKED or
 * PROJECT_LOCK_UNAVAILABLE. Throws an Interruption once the signal has fired.
 */
export async function holdStore(
  folder: AnchoredDir,
  signal: AbortSignal | undefined,
): Promise<Result<FolderLock, OperationFault>> {
  const path = SHOWN_LOCK;
  if (process.platform === "win32") {
    return operationFault("PROJECT_LOCK_UNAVAILABLE", { path, reason: "unsupported-platform" });
  }
  try {
    const lock = await FolderLock.acquire(folder, PROJECT_LOCK, signal);
    return lock === "occupied" ? operationFault("PROJECT_LOCKED", { path }) : ok(lock);
  } catch (thrown) {
    return operationFault("PROJECT_LOCK_UNAVAILABLE", { path, reason: reasonOf(thrown) });
  }
}

/** Releases the lock. Gives PROJECT_LOCK_NOT_RELEASED if the system refused to remove a part of it. */
export function releaseStore(lock: FolderLock): OperationFault | undefined {
  const reason = lock.release();
  return reason && operationFault("PROJECT_LOCK_NOT_RELEASED", { path: SHOWN_LOCK, reason });
}
