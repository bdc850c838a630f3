/**
 * Looking through a store: is each object what its name says, and is all there that bundles name? (PROTOCOL 18)
 *
 * @module
 */

import {
  declareDigest,
  type HexDigest,
  matchesDigest,
  type OutputFinding,
  ok,
  type Result,
} from "../../core/internal.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { openRoot } from "../files/open-root.ts";
import { hashFiles } from "../hashing/hash-files.ts";
import { watchFiles } from "../hashing/watch-files.ts";
import { breathe } from "../runtime/interruption.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { beginMany, type Progress } from "../runtime/progress.ts";

import { type NamingBundle, readNamedObjects } from "./named-objects.ts";
import { ObjectStore, objectPath, STORE_FOLDER, shownObject, storeFault } from "./object-store.ts";
import { type StoreEntry, walkStore } from "./walk-store.ts";

/** An object that is not what its name says. Paths are below the project root. */
export interface CorruptedObject {
  readonly path: string;
  /** `sha256:` and 64 hex; undefined where it is no regular file. */
  readonly actual: string | undefined;
}

/** What a bundle names and the store doesn't keep, perhaps because it was sealed so. */
export interface NotKept {
  readonly runId: string;
  /** How many objects it names. */
  readonly named: number;
  /** How many of these are not there. */
  readonly missing: number;
}

/** What was found. */
export interface CheckedStore {
  /** Objects that are what their names say. */
  readonly sound: number;
  readonly bytes: number;
  readonly corrupted: readonly CorruptedObject[];
  /** Objects that can't be read, or changed while they were. */
  readonly unreadable: readonly string[];
  /** What is none of the store's. */
  readonly strays: readonly string[];
  /** Folders of objects that are being made, or were when their maker was killed. */
  readonly partial: number;
  readonly notKept: readonly NotKept[];
  /** Bundles of which nobody can tell what they name. */
  readonly unreadableBundles: readonly { readonly runId: string; readonly code: VerifyFailure["code"] }[];
}

/** What to look through. */
export interface CheckStoreRequest {
  /** The project root. */
  readonly root: string;
  readonly signal?: AbortSignal | undefined;
  /** Who is told how far it is. */
  readonly progress?: Progress | undefined;
}

/**
 * Hashes every object. It only reads, and takes no lock: what is kept or removed meanwhile is seen or not. Fails as
 * `ObjectStore.open` does, and with READ_FAILED. Throws as `hashFiles` does.
 */
export async function checkStore(
  request: CheckStoreRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Result<CheckedStore, OperationFault>> {
  const opened = openRoot(request.root);
  if (!opened.ok) return opened;
  using project = opened.value;
  const store = ObjectStore.open(project, fs);
  if (!store.ok) return store;
  try {
    return ok(await check(project, store.value, request, fs));
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "READ_FAILED");
  } finally {
    store.value?.close();
  }
}

async function check(
  project: AnchoredRoot,
  store: ObjectStore | undefined,
  request: CheckStoreRequest,
  fs: FileSystem,
): Promise<CheckedStore> {
  // The bundles first: an object that a seal keeps after this is of a bundle that comes after it.
  const bundles: NamingBundle[] = [];
  for await (const bundle of readNamedObjects(project, request, fs)) bundles.push(bundle);
  const entries = store === undefined ? [] : await listEntries(store, request, fs);
  const objects = entries.filter((entry) => entry.kind === "object");
  const files = objects.flatMap(({ digest, isFile }) => (isFile ? [digest] : []));
  const hashed = store === undefined ? [] : await hashObjects(store, files, request);
  // What was found is held against what bundles name, all at once.
  beginMany(request.progress, "check", files.length);
  const places = new Set(objects.map(({ digest }) => objectPath(digest)));
  const notKept = bundles.flatMap(({ places: named, runId }): NotKept[] => {
    const all = named.ok ? [...new Set(named.value)] : [];
    const missing = all.filter((place) => !places.has(place)).length;
    return missing === 0 ? [] : [{ runId, named: all.length, missing }];
  });
  return {
    ...sort(hashed, objects),
    strays: entries.flatMap((entry) => (entry.kind === "stray" ? [`${STORE_FOLDER}/${entry.path}`] : [])),
    partial: entries.filter((entry) => entry.kind === "partial").length,
    notKept,
    unreadableBundles: bundles.flatMap(({ places: named, runId }) =>
      named.ok ? [] : [{ runId, code: named.code }],
    ),
  };
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
    .map(({ digest }): CorruptedObject => ({ path: shownObject(digest), actual: undefined }));
  const unreadable: string[] = [];
  let [sound, bytes] = [0, 0];
  for (const [digest, found] of hashed) {
    // It was listed a moment ago, so another process collected it since. No budget bounds what fsck reads.
    if (found === undefined || found.kind === "missing" || found.kind === "oversized") continue;
    if (found.kind === "unreadable") unreadable.push(shownObject(digest));
    else if (matchesDigest(digest, found.digest, nodeCrypto)) {
      sound++;
      bytes += found.bytes;
    } else corrupted.push({ path: shownObject(digest), actual: declareDigest(found.digest) });
  }
  return { sound, bytes, corrupted, unreadable };
}
