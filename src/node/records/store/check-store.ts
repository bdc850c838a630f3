/**
 * Checks a store: whether each object matches its name, and whether all objects that bundles name exist (PROTOCOL 18).
 *
 * @module
 */

import {
  DIGEST_BYTES,
  declareDigest,
  type HexDigest,
  matchesDigest,
  type OutputFinding,
  objectPath,
  ok,
  type Result,
  STORE_FOLDER,
  shownObject,
} from "../../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { hashFiles } from "../../system/hashing/hash-files.ts";
import { watchFiles } from "../../system/hashing/watch-files.ts";
import { DigestTable } from "../../system/packs/digest-table.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { beginMany, type WorkOptions } from "../../system/runtime/progress.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import {
  type CheckedPacks,
  type CorruptedObject,
  checkPacks,
  type DamagedPackFile,
  type IndexFault,
  nothingChecked,
} from "./check-packs.ts";
import { readNamedObjects } from "./named-objects.ts";
import { ObjectStore, storeFault } from "./object-store.ts";
import { packsFault, usePacks } from "./stored-objects.ts";
import { type StoreEntry, walkStore } from "./walk-store.ts";

/** The absent objects of a bundle; perhaps it was sealed without keeping them. */
export interface NotKept {
  readonly runId: string;
  /** How many objects it names. */
  readonly named: number;
  /** How many of these are absent. */
  readonly missing: number;
}

/** The result of the check. */
export interface CheckedStore {
  /** Objects that match their names, and their bytes. Two copies count twice. */
  readonly sound: number;
  readonly bytes: number;
  readonly corrupted: readonly CorruptedObject[];
  /** How many corrupted records of packs are not listed: there are very many. */
  readonly unlisted: number;
  readonly damaged: readonly DamagedPackFile[];
  /** Indexes that readers go without, and that the next seal or prune repairs. */
  readonly indexes: readonly IndexFault[];
  /** Objects and packs that can't be read, or changed meanwhile. */
  readonly unreadable: readonly string[];
  /** Files and folders that do not belong to the store. */
  readonly strays: readonly string[];
  /** Folders of unfinished objects, and unfinished packs, of a live or a killed process. */
  readonly partial: number;
  readonly notKept: readonly NotKept[];
  /** Bundles whose objects are not known, because they can't be read or verified. */
  readonly unreadableBundles: readonly { readonly runId: string; readonly code: VerifyFailure["code"] }[];
}

/** Which store to check. */
export interface CheckStoreRequest extends WorkOptions {
  /** The project root. */
  readonly root: string;
}

/**
 * Hashes every object. It only reads, and takes no lock: objects that are kept or removed meanwhile may or may not be counted. Fails as
 * `ObjectStore.open` does, and with READ_FAILED. Throws as `hashFiles` does.
 */
export async function checkStore(
  request: CheckStoreRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Result<CheckedStore, OperationFault>> {
  const opened = openRoot(request.root, fs);
  if (!opened.ok) return opened;
  using project = opened.value;
  const openedStore = ObjectStore.open(project, fs);
  if (!openedStore.ok) return openedStore;
  using store = openedStore.value;
  try {
    return await check(project, store, request, fs);
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "READ_FAILED");
  }
}

async function check(
  project: AnchoredRoot,
  store: ObjectStore | undefined,
  request: CheckStoreRequest,
  fs: FileSystem,
): Promise<Result<CheckedStore, OperationFault>> {
  // The bundles first: a later seal's objects then belong to a later bundle.
  const { bundles, named, unreadableBundles } = await readBundles(project, request, fs);
  // Files before packs: a prune moves objects into packs, and removes the files afterwards.
  const entries = store === undefined ? [] : await listEntries(store, request, fs);
  const objects = entries.filter((entry) => entry.kind === "object");
  for (const { digest } of objects) named.mark(Buffer.from(digest, "hex"), 0);
  const packs = await checkAllPacks(project, named, request, fs);
  if (!packs.ok) return packs;
  const files = objects.flatMap(({ digest, isFile }) => (isFile ? [digest] : []));
  const hashed = store === undefined ? [] : await hashObjects(store, files, request);
  const own = sort(hashed, objects);
  const { corrupted, damaged, indexes, partial, strays, unlisted, unreadable } = packs.value;
  // All findings are compared with the bundles in one step.
  beginMany(request.progress, "check", named.count);
  return ok({
    sound: own.sound + packs.value.sound,
    bytes: own.bytes + packs.value.bytes,
    corrupted: [...own.corrupted, ...corrupted],
    unlisted,
    damaged,
    indexes,
    unreadable: [...own.unreadable, ...unreadable],
    strays: [
      ...entries.flatMap((entry) => (entry.kind === "stray" ? [`${STORE_FOLDER}/${entry.path}`] : [])),
      ...strays,
    ],
    partial: entries.filter((entry) => entry.kind === "partial").length + partial,
    notKept: bundles.flatMap((bundle) => findAbsent(bundle, named)),
    unreadableBundles,
  });
}

/** The objects that one bundle names, by their numbers in the table of all bundles' objects. */
interface NamingRun {
  readonly runId: string;
  readonly objects: Uint32Array;
}

interface ReadBundles {
  readonly bundles: readonly NamingRun[];
  readonly named: DigestTable;
  readonly unreadableBundles: CheckedStore["unreadableBundles"];
}

async function readBundles(
  project: AnchoredRoot,
  request: CheckStoreRequest,
  fs: FileSystem,
): Promise<ReadBundles> {
  const named = new DigestTable();
  const bundles: NamingRun[] = [];
  const unreadableBundles: CheckedStore["unreadableBundles"][number][] = [];
  for await (const { digests, runId } of readNamedObjects(project, request, fs)) {
    if (!digests.ok) {
      unreadableBundles.push({ runId, code: digests.code });
      continue;
    }
    const objects = new Uint32Array(digests.value.length / DIGEST_BYTES);
    for (let index = 0; index < objects.length; index++)
      objects[index] = named.add(digests.value, index * DIGEST_BYTES);
    bundles.push({ runId, objects: new Uint32Array(distinct(objects.sort())) });
  }
  return { bundles, named, unreadableBundles };
}

function* distinct(sorted: Uint32Array): Generator<number, void, undefined> {
  for (const [index, value] of sorted.entries()) if (index === 0 || value !== sorted[index - 1]) yield value;
}

function findAbsent({ objects, runId }: NamingRun, named: DigestTable): readonly NotKept[] {
  let missing = 0;
  for (const object of objects) if (!named.isMarked(object)) missing++;
  return missing === 0 ? [] : [{ runId, named: objects.length, missing }];
}

async function checkAllPacks(
  project: AnchoredRoot,
  named: DigestTable,
  request: CheckStoreRequest,
  fs: FileSystem,
): Promise<Result<CheckedPacks, OperationFault>> {
  try {
    const checked = await usePacks(project, (folder) => checkPacks(folder, named, request, fs));
    return ok(checked ?? nothingChecked());
  } catch (thrown) {
    return packsFault(reasonOf(thrown), "READ_FAILED");
  }
}

async function listEntries(
  store: ObjectStore,
  { progress, signal }: CheckStoreRequest,
  fs: FileSystem,
): Promise<readonly StoreEntry[]> {
  const entries: StoreEntry[] = [];
  progress?.begin("list", {}, () => ({ files: entries.length, bytes: 0 }));
  for (const entry of walkStore(store, fs)) {
    await breathe(entries.length, signal);
    entries.push(entry);
  }
  return entries;
}

type Hashed = readonly [HexDigest, OutputFinding | undefined];

async function hashObjects(
  store: ObjectStore,
  digests: readonly HexDigest[],
  { progress, signal }: CheckStoreRequest,
): Promise<readonly Hashed[]> {
  const places = digests.map(objectPath);
  const watch = watchFiles(progress, "check", store.root, places);
  const findings = await hashFiles(store.root, places, { signal, watch });
  return digests.map((digest, index) => [digest, findings.at(index)]);
}

function sort(
  hashed: readonly Hashed[],
  objects: readonly Extract<StoreEntry, { kind: "object" }>[],
): Pick<CheckedStore, "sound" | "bytes" | "corrupted" | "unreadable"> {
  const corrupted = objects
    .filter(({ isFile }) => !isFile)
    .map(({ digest }) => corruptedObject(digest, undefined));
  const unreadable: string[] = [];
  let [sound, bytes] = [0, 0];
  for (const [digest, found] of hashed) {
    // It was listed a moment ago, so another process collected it since. The check has no budget, so nothing is oversized.
    if (found === undefined || found.kind === "missing" || found.kind === "oversized") continue;
    if (found.kind === "unreadable") unreadable.push(shownObject(digest));
    else if (matchesDigest(digest, found.digest, nodeCrypto)) {
      sound++;
      bytes += found.bytes;
    } else corrupted.push(corruptedObject(digest, declareDigest(found.digest)));
  }
  return { sound, bytes, corrupted, unreadable };
}

function corruptedObject(digest: HexDigest, actual: string | undefined): CorruptedObject {
  return { path: shownObject(digest), expected: declareDigest(digest), actual };
}
