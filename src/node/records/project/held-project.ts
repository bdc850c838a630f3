/**
 * A project that is held: no other process seals into it, or removes objects, until it is released. The lock holder has
 * finished what killed seals left.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type EnteredFolder, enterOrMake } from "../../system/files/make-folders.ts";
import { joinWithSlashes } from "../../system/files/path-components.ts";
import { NO_LOCKS, takeLock } from "../../system/locks/take-lock.ts";
import type { FolderLock } from "../../system/locks/wanted-lock.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { finishPending, type RecoveredSeal } from "./finish-pending.ts";
import { LOCK_NAME, OWN_FOLDER, ownFolderOf, PROJECT_LOCK } from "./project-names.ts";
import { memoryPlaceOf, rememberHead } from "./remembered-head.ts";

/** Another process that fails may remove the folder that it had made, just after this one opened it. */
const ATTEMPTS = 8;

/** Most seals end within a second. */
const MOMENT_MS = 1000;

/** A project: the folder with `.runseal` in it. The files of its outputs may be below another folder. */
export interface ProjectHome {
  /** The folder, held open. */
  readonly home: AnchoredRoot;
  /** The same as the caller named it, or as it may be shown. Nothing is opened by it. */
  readonly homePath: string;
}

/** Which project to hold, and how to wait. */
export interface HoldRequest extends ProjectHome {
  /** For the user's state folder, with the head that was seen last; without it no head is remembered. */
  readonly environment?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once if another process holds the project for more than a moment. */
  readonly onWaiting?: (() => void) | undefined;
}

/** A held project. The caller that holds it releases it. */
export interface HeldProject extends ProjectHome, Pick<HoldRequest, "environment"> {
  /** Its own folder, `.runseal`. */
  readonly folder: AnchoredDir;
  /** The same as the caller named it. */
  readonly shown: string;
  /** Killed seals in the project, and how they ended. */
  readonly recovered: readonly RecoveredSeal[];
  /**
   * Releases the project, and removes its own folder if that was made and is empty. Gives PROJECT_LOCK_NOT_RELEASED if a
   * part of the lock stays; everything done in the project remains.
   */
  readonly release: () => OperationFault | undefined;
}

/**
 * Waits for the lock holder, holds the project, and finishes what killed seals left. The project's own folder is made if it
 * is missing. Fails with LOCKED, HEAD_MALFORMED, READ_FAILED or WRITE_FAILED;
 * throws an Interruption once the signal has fired. Then nothing is left.
 */
export async function holdProject(request: HoldRequest): Promise<Result<HeldProject, OperationFault>> {
  const shown = ownFolderOf(request.homePath);
  for (let round = 1; ; round++) {
    const own = openOwnFolder(request.home, shown);
    if (!own.ok) return own;
    const held = await holdOpened(own.value, shown, request);
    if (held !== "gone") return held;
    if (round === ATTEMPTS) return operationFault("WRITE_FAILED", { path: shown, reason: "other" });
  }
}

function openOwnFolder(home: AnchoredRoot, shown: string): Result<EnteredFolder, OperationFault> {
  try {
    // Never through a link, which a cloned project may have: it could lead to another project, or to any folder.
    return ok(enterOrMake(home.dir, OWN_FOLDER));
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
}

async function holdOpened(
  { dir: folder, close }: EnteredFolder,
  shown: string,
  { environment, home, homePath, onWaiting, signal }: HoldRequest,
): Promise<Result<HeldProject, OperationFault> | "gone"> {
  let lock: FolderLock | undefined;
  let isHeld = false;
  const release = (): OperationFault | undefined => {
    const fault = lock && releaseProject(lock, shown);
    close();
    return fault;
  };
  try {
    const taken = await reportingAWait(onWaiting, lockProject(folder, shown, signal));
    if (taken === "gone" || !taken.ok) return taken;
    lock = taken.value;
    await lock.sweep();
    const finished = finishPending(folder, shown);
    if (!finished.ok) return finished;
    if (environment !== undefined) rememberCompleted(finished.value, folder, environment, home);
    isHeld = true;
    const recovered = withDeadHolder(finished.value, lock);
    return ok({ home, homePath, environment, folder, shown, recovered, release });
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: shown, reason: reasonOf(thrown) });
  } finally {
    if (!isHeld) release();
  }
}

/**
 * Takes the lock of a project, by its own folder, and waits for the lock holder; `gone` where the folder was removed meanwhile. Fails with
 * LOCKED or WRITE_FAILED. Throws an Interruption once the signal has fired.
 */
export async function lockProject(
  folder: AnchoredDir,
  shown: string,
  signal: AbortSignal | undefined,
): Promise<Result<FolderLock, OperationFault> | "gone"> {
  try {
    const lock = await takeLock(folder, PROJECT_LOCK, signal);
    if (lock !== "occupied") return ok(lock);
    return operationFault("LOCKED", { reason: "project", path: joinWithSlashes(shown, LOCK_NAME) });
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const errno = errnoOf(thrown) ?? "";
    if (errno === "ENOENT") return "gone";
    return NO_LOCKS.includes(errno)
      ? operationFault("LOCKED", { reason: "unavailable", path: shown })
      : operationFault("WRITE_FAILED", { path: shown, reason });
  }
}

/** Releases the lock. Gives PROJECT_LOCK_NOT_RELEASED if the system refused to remove a part of it. */
export function releaseProject(lock: FolderLock, shown: string): OperationFault | undefined {
  const reason = lock.release();
  const path = joinWithSlashes(shown, LOCK_NAME);
  return reason && operationFault("PROJECT_LOCK_NOT_RELEASED", { path, reason });
}

async function reportingAWait<Value>(report: (() => void) | undefined, work: Promise<Value>): Promise<Value> {
  const alarm = report && setTimeout(report, MOMENT_MS);
  try {
    return await work;
  } finally {
    clearTimeout(alarm);
  }
}

/** Remembers the heads of killed seals, which did not do so themselves. */
function rememberCompleted(
  recovered: readonly RecoveredSeal[],
  folder: AnchoredDir,
  environment: Environment,
  home: AnchoredRoot,
): void {
  for (const { end, run } of recovered) {
    // Its own bundle is in the history, and names the run before it.
    if (end === "completed" && run !== undefined)
      rememberHead(memoryPlaceOf(environment, home), folder, run, run);
  }
}

/** Adds a seal that was killed with the lock and had not changed anything yet. */
function withDeadHolder(recovered: readonly RecoveredSeal[], lock: FolderLock): readonly RecoveredSeal[] {
  return recovered.length === 0 && lock.fromDead ? [{ run: undefined, end: "dropped" }] : recovered;
}
