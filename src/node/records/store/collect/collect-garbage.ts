/**
 * Removes from a store the objects that no bundle names (PROTOCOL 18). It holds the project's lock from before it reads the
 * first bundle until the last object is removed, so that no seal keeps or needs an object meanwhile. A dry run takes no lock.
 *
 * @module
 */

import { DIGEST_BYTES, ok, type Result } from "../../../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../../system/files/file-system.ts";
import { isContenderName } from "../../../system/locks/lock-contender.ts";
import type { FolderLock } from "../../../system/locks/wanted-lock.ts";
import { DigestTable } from "../../../system/packs/digest-table.ts";
import { reasonOf } from "../../../system/runtime/machine-reason.ts";
import { isSameDigest } from "../../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../../system/runtime/operation-fault.ts";
import { type ProjectHead, readHead } from "../../project/head-file.ts";
import { lockProject, releaseProject } from "../../project/held-project.ts";
import { LOCK_NAME, OWN_FOLDER, RUNS_NAME } from "../../project/project-names.ts";
import { memoryPlaceOf, readRememberedHead } from "../../project/remembered-head.ts";
import { readNamedObjects } from "../named-objects.ts";
import { openStore, storeFault } from "../object-store.ts";
import { PACKS_COMPONENTS, usePacks } from "../stored-objects.ts";
import { collectObjects } from "./collect-objects.ts";
import { collectPacks } from "./collect-packs.ts";
import {
  type Collected,
  type CollectFault,
  type CollectRequest,
  type NamedObjects,
  nothingRemoved,
  type Removals,
} from "./removals.ts";

/**
 * Removes objects that no bundle in `.runseal/runs` names, and what killed commands left of the lock; joins packs. Fails, before
 * anything is removed, with STORE_UNUSABLE where a bundle can't be read, is not as it was signed, or is missing though HEAD or
 * the remembered head names it; with HEAD_MALFORMED; as
 * `openStore` does; with LOCKED; and with READ_FAILED. Fails with WRITE_FAILED
 * where something can't be removed. Throws an Interruption once the signal has fired.
 */
export async function collectGarbage(
  request: CollectRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Result<Collected, CollectFault>> {
  const openedProject = openRoot(request.root, fs);
  if (!openedProject.ok) return openedProject;
  using project = openedProject.value;
  const opened = openStore(project);
  if (!opened.ok) return opened;
  using store = opened.value;
  // Without a store and without a killed command's lock, there is nothing to remove.
  if (store === undefined && !hasPacksOrLock(project))
    return ok({ ...nothingRemoved(), unreleased: undefined });
  return await collectLocked(project, store, request, fs);
}

/** Whether there are packs, or what a command left that was killed while it took the lock or had it. Throws what the system says. */
function hasPacksOrLock(project: AnchoredRoot): boolean {
  using own = project.dir.enterIfThere(OWN_FOLDER);
  const packs = PACKS_COMPONENTS.at(-1);
  const isOne = (name: string): boolean =>
    name === packs || name === LOCK_NAME || isContenderName(LOCK_NAME, name);
  return own?.names().some(isOne) === true;
}

async function collectLocked(
  project: AnchoredRoot,
  store: AnchoredRoot | undefined,
  request: CollectRequest,
  fs: FileSystem,
): Promise<Result<Collected, CollectFault>> {
  if (request.dryRun === true) {
    const seen = await collect(project, store, undefined, request, fs);
    return seen.ok ? ok({ ...seen.value, unreleased: undefined }) : seen;
  }
  // A folder of its own: those that the project holds open are closed and exchanged meanwhile.
  using own = project.dir.enter(OWN_FOLDER);
  const lock = await lockProject(own, OWN_FOLDER, request.signal);
  if (lock === "gone") return operationFault("WRITE_FAILED", { path: OWN_FOLDER, reason: "no-such-name" });
  if (!lock.ok) return lock;
  let unreleased: OperationFault | undefined;
  let collected: Result<Removals, CollectFault>;
  try {
    collected = await collect(project, store, lock.value, request, fs);
  } finally {
    unreleased = releaseProject(lock.value, OWN_FOLDER);
  }
  return collected.ok ? ok({ ...collected.value, unreleased }) : collected;
}

async function collect(
  project: AnchoredRoot,
  store: AnchoredRoot | undefined,
  lock: FolderLock | undefined,
  request: CollectRequest,
  fs: FileSystem,
): Promise<Result<Removals, CollectFault>> {
  const named = await readAll(project, request, fs);
  if (!named.ok) return named;
  const { dryRun = false, progress, signal } = request;
  const tally = nothingRemoved();
  let seen = 0;
  const count = (): void => {
    seen++;
  };
  const setting = { named: named.value, tally, dryRun, signal, fs, count };
  try {
    if (lock !== undefined) tally.strays.push(...(await lock.sweep()).map((name) => `${OWN_FOLDER}/${name}`));
    progress?.begin("collect", {}, () => ({ files: seen, bytes: 0 }));
    const fault = await usePacks(project, "WRITE_FAILED", (folder) => collectPacks(folder, setting));
    if (fault !== undefined) return { ...fault, removals: tally };
    if (store !== undefined) await collectObjects(store, setting);
    tally.kept = named.value.countMarked();
    return ok(tally);
  } catch (thrown) {
    return { ...storeFault(reasonOf(thrown), "WRITE_FAILED"), removals: tally };
  }
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
