/**
 * Removes from a store the objects that no bundle names (PROTOCOL 18). It holds the project's lock from before it reads the
 * first bundle until the last object is removed, so that no seal keeps or needs an object meanwhile. A dry run takes no lock.
 *
 * @module
 */

import { DIGEST_BYTES, ok, type Result } from "../../../../core/internal.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { type AnchoredRoot, openRoot } from "../../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../../system/files/file-system.ts";
import { isContenderName } from "../../../system/locks/lock-contender.ts";
import { NO_LOCKS, takeLock } from "../../../system/locks/take-lock.ts";
import type { FolderLock } from "../../../system/locks/wanted-lock.ts";
import { DigestTable } from "../../../system/packs/digest-table.ts";
import { errnoOf, reasonOf } from "../../../system/runtime/machine-reason.ts";
import { isSameDigest } from "../../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../../system/runtime/operation-fault.ts";
import { type ProjectHead, readHead } from "../../project/head-file.ts";
import { LOCK_NAME, OWN_FOLDER, PROJECT_LOCK, RUNS_NAME } from "../../project/project-names.ts";
import { memoryPlaceOf, readRememberedHead } from "../../project/remembered-head.ts";
import { readNamedObjects } from "../named-objects.ts";
import { ObjectStore, storeFault } from "../object-store.ts";
import { PACKS_COMPONENTS } from "../stored-objects.ts";
import { collectStore } from "./collect-store.ts";
import {
  type Collected,
  type CollectFault,
  type CollectRequest,
  type NamedObjects,
  nothingRemoved,
  type Removals,
} from "./removals.ts";

/** The project's own folder, as components below its root. */
const OWN_FOLDER_COMPONENTS = [OWN_FOLDER] as const;

/** The lock, by its path below the project root. */
const SHOWN_LOCK = ".runseal/lock";

/**
 * Removes objects that no bundle in `.runseal/runs` names, and what killed commands left of the lock; joins packs. Fails, before
 * anything is removed, with STORE_UNUSABLE where a bundle can't be read, is not as it was signed, or is missing though HEAD or
 * the remembered head names it; with HEAD_MALFORMED; as
 * `ObjectStore.open` does; with LOCKED; and with READ_FAILED. Fails with WRITE_FAILED
 * where something can't be removed. Throws an Interruption once the signal has fired.
 */
export async function collectGarbage(
  request: CollectRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Result<Collected, CollectFault>> {
  const openedProject = openRoot(request.root, fs);
  if (!openedProject.ok) return openedProject;
  using project = openedProject.value;
  const opened = ObjectStore.open(project, fs);
  if (!opened.ok) return opened;
  using store = opened.value;
  // Without a store and without a killed command's lock, there is nothing to remove.
  if (store === undefined && !hasPacks(project) && !hasLockLeftovers(project))
    return ok({ ...nothingRemoved(), unreleased: undefined });
  return await collectLocked(project, store, request, fs);
}

/** Whether something has the name of the folder of packs. Throws what the system says. */
function hasPacks(project: AnchoredRoot): boolean {
  const own = project.dir.enterIfThere(OWN_FOLDER);
  if (own === undefined) return false;
  try {
    return own.has(PACKS_COMPONENTS.at(-1) ?? "");
  } finally {
    own.close();
  }
}

async function collectLocked(
  project: AnchoredRoot,
  store: ObjectStore | undefined,
  request: CollectRequest,
  fs: FileSystem,
): Promise<Result<Collected, CollectFault>> {
  if (request.dryRun === true) {
    const seen = await collect(project, store, undefined, request, fs);
    return seen.ok ? ok({ ...seen.value, unreleased: undefined }) : seen;
  }
  // A folder of its own: those that the project holds open are closed and exchanged meanwhile.
  using own = project.dir.enter(OWN_FOLDER);
  const lock = await holdStore(own, request.signal);
  if (!lock.ok) return lock;
  let unreleased: OperationFault | undefined;
  let collected: Result<Removals, CollectFault>;
  try {
    collected = await collect(project, store, lock.value, request, fs);
  } finally {
    unreleased = releaseStore(lock.value);
  }
  return collected.ok ? ok({ ...collected.value, unreleased }) : collected;
}

async function collect(
  project: AnchoredRoot,
  store: ObjectStore | undefined,
  lock: FolderLock | undefined,
  request: CollectRequest,
  fs: FileSystem,
): Promise<Result<Removals, CollectFault>> {
  const named = await readAll(project, request, fs);
  if (!named.ok) return named;
  const tally = nothingRemoved();
  try {
    if (lock !== undefined) tally.strays.push(...(await lock.sweep()).map((name) => `${OWN_FOLDER}/${name}`));
    const collected = await collectStore(project, store, named.value, { request, tally, fs });
    if (!collected.ok) return { ...collected, removals: tally };
    tally.kept = named.value.countMarked();
    return ok(tally);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return { ...storeFault(reason, "WRITE_FAILED"), removals: tally };
  }
}

/**
 * Takes the lock of a project, by its own folder, and waits for the lock holder. Fails with LOCKED,
 * LOCKED or WRITE_FAILED. Throws an Interruption once the signal has fired.
 */
async function holdStore(
  folder: AnchoredDir,
  signal: AbortSignal | undefined,
): Promise<Result<FolderLock, OperationFault>> {
  const path = SHOWN_LOCK;
  try {
    const lock = await takeLock(folder, PROJECT_LOCK, signal);
    return lock === "occupied" ? operationFault("LOCKED", { reason: "project", path }) : ok(lock);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return NO_LOCKS.includes(errnoOf(thrown) ?? "")
      ? operationFault("LOCKED", { reason: "unavailable", path })
      : operationFault("WRITE_FAILED", { path: OWN_FOLDER, reason });
  }
}

/** Releases the lock. Gives PROJECT_LOCK_NOT_RELEASED if the system refused to remove a part of it. */
function releaseStore(lock: FolderLock): OperationFault | undefined {
  const reason = lock.release();
  return reason && operationFault("PROJECT_LOCK_NOT_RELEASED", { path: SHOWN_LOCK, reason });
}

/** Whether a command was killed while it took the lock or had it. Throws what the system says. */
function hasLockLeftovers(project: AnchoredRoot): boolean {
  if (project.dir.lstat(OWN_FOLDER)?.isDirectory() !== true) return false;
  const names = project.folder(OWN_FOLDER_COMPONENTS).names();
  return names.some((name) => name === LOCK_NAME || isContenderName(LOCK_NAME, name));
}

/** All or nothing: a bundle that is unreadable or missing may name any object. */
async function readAll(
  project: AnchoredRoot,
  request: CollectRequest,
  fs: FileSystem,
): Promise<Result<NamedObjects, OperationFault>> {
  const named = new DigestTable();
  const unreadable = (path: string): OperationFault =>
    operationFault("STORE_UNUSABLE", { reason: "bundle", path });
  try {
    const heads = readHeadsOf(project, request);
    if (!heads.ok) return heads;
    let missing = heads.value;
    for await (const { bundleRoot, digests, runId, shown } of readNamedObjects(project, request, fs)) {
      if (!digests.ok) return unreadable(shown);
      missing = missing.filter((head) => !isSameDigest(head.bundleRoot, bundleRoot));
      const isOfHistory = shown === `${OWN_FOLDER}/${RUNS_NAME}/${runId}`;
      if (isOfHistory && request.without?.has(runId) === true) continue;
      for (let place = 0; place < digests.value.length; place += DIGEST_BYTES)
        named.add(digests.value, place);
    }
    return missing[0] === undefined ? ok(named) : unreadable(`.runseal/runs/${missing[0].runId}`);
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: ".runseal/runs", reason: reasonOf(thrown) });
  }
}

/** The heads whose bundles must be there: HEAD, and the one that this machine remembers. */
function readHeadsOf(
  project: AnchoredRoot,
  { environment }: CollectRequest,
): Result<readonly ProjectHead[], OperationFault> {
  using own = project.dir.enter(OWN_FOLDER);
  const head = readHead(own, OWN_FOLDER);
  if (!head.ok) return head;
  const remembered = environment ? readRememberedHead(memoryPlaceOf(environment, project)) : ok(undefined);
  if (!remembered.ok) return remembered;
  return ok([head.value, remembered.value].filter((one) => one !== undefined));
}
