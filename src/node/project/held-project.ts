/**
 * A project that is held: nobody else seals into it, or takes objects away, until it is let go. Whoever holds it has
 * finished what a killed one before him left.
 *
 * @module
 */

import { join } from "node:path";
import { ok, type Result } from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { makeFolder } from "../files/make-folders.ts";
import type { Environment } from "../keys/user-home.ts";
import { FolderLock, NO_SOCKETS } from "../locks/folder-lock.ts";
import { attempt, errnoOf, reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { finishPending, type RecoveredSeal } from "./finish-pending.ts";
import { LOCK_NAME, OWN_FOLDER, ownFolderOf, PROJECT_LOCK } from "./project-names.ts";
import { memoryPlaceOf, rememberHead } from "./remembered-head.ts";

/** Another who fails may remove the folder that he had made, just when we have opened it. */
const ATTEMPTS = 8;

/** Within a second, most seals are done. */
const MOMENT_MS = 1000;

/** Which project, and who asks. */
export interface HoldRequest {
  /** The project root, held open, and as the caller named it. */
  readonly root: AnchoredRoot;
  readonly rootPath: string;
  readonly environment?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once where somebody else holds it for more than a moment. */
  readonly onWaiting?: (() => void) | undefined;
}

/** A held project. Whoever holds it lets it go. */
export interface HeldProject {
  /** Its own folder, `.runseal`. */
  readonly folder: AnchoredDir;
  /** The same as the caller named it. */
  readonly shown: string;
  /** What killed ones had left, and what became of it. */
  readonly recovered: readonly RecoveredSeal[];
  /**
   * Lets it go, and removes the project's own folder where it was made for nothing. Gives PROJECT_LOCK_NOT_RELEASED where
   * something of the lock stays; what was done in the project stands.
   */
  readonly release: () => OperationFault | undefined;
}

/**
 * Waits for whoever holds the project, holds it, and finishes what a killed one left. The project's own folder is made
 * where it isn't there. Fails with PROJECT_LOCKED, PROJECT_LOCK_UNAVAILABLE, HEAD_MALFORMED, READ_FAILED or WRITE_FAILED;
 * throws an Interruption once the signal has fired. Then nothing is left.
 */
export async function holdProject(request: HoldRequest): Promise<Result<HeldProject, OperationFault>> {
  const shown = ownFolderOf(request.rootPath);
  // There a folder can't be renamed while a file in it is open, and Node has no sockets in folders.
  if (process.platform === "win32") {
    return operationFault("PROJECT_LOCK_UNAVAILABLE", { path: shown, reason: "unsupported-platform" });
  }
  for (let round = 1; ; round++) {
    const own = openOwnFolder(request.root, shown);
    if (!own.ok) return own;
    const held = await holdOpened(own.value, shown, request);
    if (held !== "gone") return held;
    if (round === ATTEMPTS) return operationFault("WRITE_FAILED", { path: shown, reason: "other" });
  }
}

interface OwnFolder {
  readonly folder: AnchoredDir;
  /** Lets go of it, and removes it if it was made here and is empty. */
  readonly close: () => void;
}

function openOwnFolder(root: AnchoredRoot, shown: string): Result<OwnFolder, OperationFault> {
  const address = root.dir.address(OWN_FOLDER);
  try {
    const isMade = makeFolder(address, 0o777);
    // Never through a link, as a cloned project may have one: it would be another project, or somebody's folder.
    const folder = root.dir.enter(OWN_FOLDER);
    const close = (): void => {
      folder.close();
      if (isMade) attempt(() => fs.rmdirSync(address));
    };
    return ok({ folder, close });
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
}

async function holdOpened(
  { folder, close }: OwnFolder,
  shown: string,
  { environment, onWaiting, root, signal }: HoldRequest,
): Promise<Result<HeldProject, OperationFault> | "gone"> {
  let lock: FolderLock | undefined;
  let isHeld = false;
  const release = (): OperationFault | undefined => {
    const reason = lock?.release();
    close();
    if (reason === undefined) return undefined;
    return operationFault("PROJECT_LOCK_NOT_RELEASED", { path: join(shown, LOCK_NAME), reason });
  };
  try {
    const taken = await tellingOfAWait(onWaiting, FolderLock.acquire(folder, PROJECT_LOCK, signal));
    if (taken === "occupied") return operationFault("PROJECT_LOCKED", { path: join(shown, LOCK_NAME) });
    lock = taken;
    await lock.sweep();
    const finished = finishPending(folder, shown);
    if (!finished.ok) return finished;
    if (environment !== undefined) rememberCompleted(finished.value, folder, environment, root);
    isHeld = true;
    return ok({ folder, shown, recovered: tellOfDead(finished.value, lock), release });
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const errno = errnoOf(thrown) ?? "";
    if (errno === "ENOENT" && lock === undefined) return "gone";
    return lock === undefined && NO_SOCKETS.includes(errno)
      ? operationFault("PROJECT_LOCK_UNAVAILABLE", { path: shown, reason })
      : operationFault("WRITE_FAILED", { path: shown, reason });
  } finally {
    if (!isHeld) release();
  }
}

async function tellingOfAWait<Value>(tell: (() => void) | undefined, work: Promise<Value>): Promise<Value> {
  const alarm = tell && setTimeout(tell, MOMENT_MS);
  try {
    return await work;
  } finally {
    clearTimeout(alarm);
  }
}

/** The killed one did not come to it any more. */
function rememberCompleted(
  recovered: readonly RecoveredSeal[],
  folder: AnchoredDir,
  environment: Environment,
  root: AnchoredRoot,
): void {
  for (const { end, run } of recovered) {
    // Its own bundle is in the line, and so tells what was before it.
    if (end === "completed" && run !== undefined)
      rememberHead(memoryPlaceOf(environment, root), folder, run, run);
  }
}

/** One that was killed with the lock, and had done nothing yet that could be seen. */
function tellOfDead(recovered: readonly RecoveredSeal[], lock: FolderLock): readonly RecoveredSeal[] {
  return recovered.length === 0 && lock.fromDead ? [{ run: undefined, end: "dropped" }] : recovered;
}
