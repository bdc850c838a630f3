/**
 * Removes from a store the objects that no bundle names (PROTOCOL 18). It holds the project's lock from before it reads the
 * first bundle until the last object is removed, so that no seal keeps or needs an object meanwhile.
 *
 * @module
 */

import { type HexDigest, ok, type Result } from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { type AnchoredRoot, openRoot } from "../files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { FolderLock } from "../locks/folder-lock.ts";
import { isContenderName } from "../locks/lock-contender.ts";
import { LOCK_NAME, OWN_FOLDER, PROJECT_LOCK } from "../project/project-names.ts";
import { breathe } from "../runtime/interruption.ts";
import { attempt, reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { WorkOptions } from "../runtime/progress.ts";
import { readNamedObjects } from "./named-objects.ts";
import {
  ObjectStore,
  objectPath,
  placeOfObject,
  STORE_FOLDER,
  shownObject,
  storeFault,
} from "./object-store.ts";
import { walkStore } from "./walk-store.ts";

/** The project's own folder, as components below its root. */
const OWN_FOLDER_COMPONENTS = [OWN_FOLDER] as const;

/** The lock, by its path below the project root. */
const SHOWN_LOCK = ".runseal/lock";

/** What to collect. */
export interface CollectRequest extends WorkOptions {
  /** The project root. */
  readonly root: string;
  /** Say what would be removed, and remove nothing. */
  readonly dryRun?: boolean;
}

/** What was removed, or after a dry run would be. */
export interface Removals {
  readonly removed: number;
  /** Bytes of the objects that were removed. */
  readonly bytes: number;
  /** Objects that bundles name. */
  readonly kept: number;
  /** Folders of partial objects that killed seals left, and that were removed. */
  readonly partial: number;
  /** What runseal did not make, by its path below the project root; it stays. */
  readonly strays: readonly string[];
}

/** The same while it is counted. */
type Tally = { -readonly [Name in keyof Removals]: Removals[Name] } & { readonly strays: string[] };

/** What was removed, and whether the lock was released. */
export interface Collected extends Removals {
  /** PROJECT_LOCK_NOT_RELEASED where the project's lock could not be removed afterwards. */
  readonly unreleased: OperationFault | undefined;
}

/** A collection that failed. */
export interface CollectFault extends OperationFault {
  /** What was removed before it failed; absent if it had not begun to remove. */
  readonly removals?: Removals;
}

/**
 * Removes objects that no bundle in `.runseal/runs` names, and what killed commands left of the lock. Fails, before
 * anything is removed, with STORE_BUNDLE_UNREADABLE where a bundle can't be read or is not as it was signed; as
 * `ObjectStore.open` does; with PROJECT_LOCKED or PROJECT_LOCK_UNAVAILABLE; and with READ_FAILED. Fails with WRITE_FAILED
 * where something can't be removed. Throws an Interruption once the signal has fired.
 */
export async function collectGarbage(
  request: CollectRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Result<Collected, CollectFault>> {
  const openedProject = openRoot(request.root);
  if (!openedProject.ok) return openedProject;
  using project = openedProject.value;
  const opened = ObjectStore.open(project, fs);
  if (!opened.ok) return opened;
  using store = opened.value;
  // Without a store and without a killed command's lock, there is nothing to remove.
  if (store === undefined && !hasLockLeftovers(project, fs))
    return ok({ ...nothingRemoved(), unreleased: undefined });
  return await collectLocked(project, store, request, fs);
}

function nothingRemoved(): Tally {
  return { removed: 0, bytes: 0, kept: 0, partial: 0, strays: [] };
}

async function collectLocked(
  project: AnchoredRoot,
  store: ObjectStore | undefined,
  request: CollectRequest,
  fs: FileSystem,
): Promise<Result<Collected, CollectFault>> {
  const lock = await holdStore(project.folder(OWN_FOLDER_COMPONENTS), request.signal);
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
  lock: FolderLock,
  request: CollectRequest,
  fs: FileSystem,
): Promise<Result<Removals, CollectFault>> {
  const named = store === undefined ? ok(new Set<string>()) : await readAll(project, request, fs);
  if (!named.ok) return named;
  const tally = nothingRemoved();
  try {
    if (request.dryRun !== true)
      tally.strays.push(...(await lock.sweep()).map((name) => `${OWN_FOLDER}/${name}`));
    if (store !== undefined) await remove(store, named.value, tally, request, fs);
    return ok(tally);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return { ...storeFault(reason, "WRITE_FAILED"), removals: tally };
  }
}

/**
 * Takes the lock of a project, by its own folder, and waits for the lock holder. Fails with PROJECT_LOCKED or
 * PROJECT_LOCK_UNAVAILABLE. Throws an Interruption once the signal has fired.
 */
async function holdStore(
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
function releaseStore(lock: FolderLock): OperationFault | undefined {
  const reason = lock.release();
  return reason && operationFault("PROJECT_LOCK_NOT_RELEASED", { path: SHOWN_LOCK, reason });
}

/** Whether a command was killed while it took the lock or had it. Throws what the system says. */
function hasLockLeftovers(project: AnchoredRoot, fs: FileSystem): boolean {
  if (fs.lstatSync(project.dir.address(OWN_FOLDER), { throwIfNoEntry: false })?.isDirectory() !== true)
    return false;
  const names = fs.readdirSync(project.folder(OWN_FOLDER_COMPONENTS).self);
  return names.some((name) => name === LOCK_NAME || isContenderName(LOCK_NAME, name));
}

/** All or nothing: an unreadable bundle may name any object. */
async function readAll(
  project: AnchoredRoot,
  request: CollectRequest,
  fs: FileSystem,
): Promise<Result<ReadonlySet<string>, OperationFault>> {
  const named = new Set<string>();
  try {
    for await (const { places, runId } of readNamedObjects(project, request, fs)) {
      if (!places.ok) return operationFault("STORE_BUNDLE_UNREADABLE", { path: `.runseal/runs/${runId}` });
      for (const place of places.value) named.add(place);
    }
    return ok(named);
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: ".runseal/runs", reason: reasonOf(thrown) });
  }
}

async function remove(
  store: ObjectStore,
  named: ReadonlySet<string>,
  tally: Tally,
  { dryRun = false, progress, signal }: CollectRequest,
  fs: FileSystem,
): Promise<void> {
  let seen = 0;
  progress?.begin("collect", {}, () => ({ files: seen, bytes: 0 }));
  for (const entry of walkStore(store, fs)) {
    await breathe(seen++, signal);
    if (entry.kind === "stray") tally.strays.push(`${STORE_FOLDER}/${entry.path}`);
    // Only the lock holder makes objects, and that is this process: the maker of these is dead.
    else if (entry.kind === "partial") removePartial(store.root.dir, entry.name, tally, dryRun, fs);
    else if (!entry.isFile) tally.strays.push(shownObject(entry.digest));
    else if (named.has(objectPath(entry.digest))) tally.kept++;
    else {
      tally.bytes += removeObject(store, entry.digest, dryRun, fs);
      tally.removed++;
    }
  }
  if (!dryRun) removeEmptyFolders(store.root.dir, fs);
}

/** Removes an object, and gives its size. */
function removeObject(store: ObjectStore, digest: HexDigest, dryRun: boolean, fs: FileSystem): number {
  const { folder, name } = placeOfObject(digest);
  const address = store.root.folder([folder]).address(name);
  const { size } = fs.lstatSync(address);
  if (!dryRun) fs.unlinkSync(address);
  return size;
}

/** Removes a killed seal's unfinished objects: files named by a number. Anything else stays, and so does the folder. */
function removePartial(dir: AnchoredDir, name: string, tally: Tally, dryRun: boolean, fs: FileSystem): void {
  const folder = dir.enter(name);
  let isForeign = false;
  try {
    for (const entry of fs.readdirSync(folder.self, { withFileTypes: true })) {
      if (!entry.isFile() || !/^\d+$/.test(entry.name)) {
        isForeign = true;
        tally.strays.push(`${STORE_FOLDER}/${name}/${entry.name}`);
      } else if (!dryRun) fs.unlinkSync(folder.address(entry.name));
    }
  } finally {
    folder.close();
  }
  if (isForeign) return;
  if (!dryRun) fs.rmdirSync(dir.address(name));
  tally.partial++;
}

/** Removes empty folders. One that stays does no harm. */
function removeEmptyFolders(dir: AnchoredDir, fs: FileSystem): void {
  for (const entry of fs.readdirSync(dir.self, { withFileTypes: true })) {
    if (entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name))
      attempt(() => fs.rmdirSync(dir.address(entry.name)));
  }
}
