/**
 * Taking out of a store what no bundle names (PROTOCOL 18). It holds the project's lock from before it reads the
 * first bundle until the last object is gone, so that no seal keeps or needs one meanwhile.
 *
 * @module
 */

import { ok, type Result } from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import { breathe } from "../interruption.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import type { Progress } from "../progress.ts";
import { openRoot } from "../verify/verify-bundle-files.ts";
import { holdStore } from "./hold-store.ts";
import { readNamedObjects } from "./named-objects.ts";
import { ObjectStore, objectPath, STORE_FOLDER, storeFault } from "./object-store.ts";
import { walkStore } from "./walk-store.ts";

/** What to collect. */
export interface CollectRequest {
  /** The project root. */
  readonly root: string;
  /** Say what would be removed, and remove nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Who is told how far it is. */
  readonly progress?: Progress | undefined;
}

/** What was removed, or after a dry run would be. */
export interface Collected {
  readonly removed: number;
  /** Bytes of the objects that were removed. */
  readonly bytes: number;
  /** Objects that bundles name. */
  readonly kept: number;
  /** Folders of objects that were being made when their maker was killed. */
  readonly partial: number;
  /** What is none of the store's, by its path below the project root; it stays. */
  readonly strays: readonly string[];
}

/**
 * Removes objects that no bundle in `.runseal/runs` names. Fails, before anything is removed, with
 * STORE_BUNDLE_UNREADABLE where a bundle can't be read or is not as it was signed; as `holdStore` and
 * `ObjectStore.open` do; and with READ_FAILED or WRITE_FAILED. Throws an Interruption once the signal has fired.
 */
export async function collectGarbage(
  request: CollectRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Result<Collected, OperationFault>> {
  const project = openRoot(request.root);
  if (!project.ok) return project;
  try {
    // Where there is no store, there is nothing to hold the lock for.
    const store = ObjectStore.open(project.value, fs);
    if (!store.ok) return store;
    if (store.value === undefined) return ok({ removed: 0, bytes: 0, kept: 0, partial: 0, strays: [] });
    try {
      const lock = await holdStore(project.value.folder([".runseal"]), request.signal);
      if (!lock.ok) return lock;
      try {
        return await collect(project.value, store.value, request, fs);
      } finally {
        lock.value.release();
      }
    } finally {
      store.value.close();
    }
  } finally {
    project.value.close();
  }
}

async function collect(
  project: AnchoredRoot,
  store: ObjectStore,
  request: CollectRequest,
  fs: FileSystem,
): Promise<Result<Collected, OperationFault>> {
  const named = await readAll(project, request, fs);
  if (!named.ok) return named;
  try {
    return ok(await remove(store, named.value, request, fs));
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return storeFault(reason, "WRITE_FAILED");
  }
}

/** All or nothing: one bundle that nobody can read may name any object. */
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
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault("READ_FAILED", { path: ".runseal/runs", reason });
  }
}

async function remove(
  store: ObjectStore,
  named: ReadonlySet<string>,
  { dryRun = false, progress, signal }: CollectRequest,
  fs: FileSystem,
): Promise<Collected> {
  const { dir } = store.root;
  const strays: string[] = [];
  let [removed, bytes, kept, partial, seen] = [0, 0, 0, 0, 0];
  progress?.begin("collect", {}, () => ({ files: seen, bytes: 0 }));
  for (const entry of walkStore(store, fs)) {
    await breathe(seen++, signal);
    if (entry.kind === "stray") strays.push(`${STORE_FOLDER}/${entry.path}`);
    else if (entry.kind === "partial") {
      // Whoever makes objects holds the lock, and that is us: this one's maker is dead.
      if (!dryRun) removePartial(dir, entry.name, fs);
      partial++;
    } else if (!entry.isFile) strays.push(`${STORE_FOLDER}/${objectPath(entry.digest)}`);
    else if (named.has(objectPath(entry.digest))) kept++;
    else {
      bytes += removeObject(store, objectPath(entry.digest), dryRun, fs);
      removed++;
    }
  }
  if (!dryRun) removeEmptyFolders(dir, fs);
  return { removed, bytes, kept, partial, strays };
}

/** Gives the bytes that it had. */
function removeObject(store: ObjectStore, place: string, dryRun: boolean, fs: FileSystem): number {
  const [folder = "", name = ""] = place.split("/");
  const address = store.root.folder([folder]).address(name);
  const { size } = fs.lstatSync(address);
  if (!dryRun) fs.unlinkSync(address);
  return size;
}

/** Only what a making leaves: files with a number for a name. */
function removePartial(dir: AnchoredDir, name: string, fs: FileSystem): void {
  const folder = dir.enter(name);
  try {
    for (const entry of fs.readdirSync(folder.self, { withFileTypes: true })) {
      if (entry.isFile() && /^\d+$/.test(entry.name)) fs.unlinkSync(folder.address(entry.name));
    }
  } finally {
    folder.close();
  }
  tryToRemove(dir.address(name), fs);
}

function removeEmptyFolders(dir: AnchoredDir, fs: FileSystem): void {
  for (const entry of fs.readdirSync(dir.self, { withFileTypes: true })) {
    if (entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name)) tryToRemove(dir.address(entry.name), fs);
  }
}

function tryToRemove(address: string, fs: FileSystem): void {
  try {
    fs.rmdirSync(address);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno !== "ENOTEMPTY" && errno !== "EEXIST") throw thrown;
    publishCause(thrown);
  }
}
