/**
 * Checks a store: whether each object matches its name, and whether all objects that bundles name exist (PROTOCOL 18).
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
import { type AnchoredRoot, openRoot } from "../files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { hashFiles } from "../hashing/hash-files.ts";
import { watchFiles } from "../hashing/watch-files.ts";
import { breathe } from "../runtime/interruption.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { beginMany, type WorkOptions } from "../runtime/progress.ts";
import { type NamingBundle, readNamedObjects } from "./named-objects.ts";
import { ObjectStore, objectPath, STORE_FOLDER, shownObject, storeFault } from "./object-store.ts";
import { type StoreEntry, walkStore } from "./walk-store.ts";

/** An object that does not match its name. Paths are below the project root. */
export interface CorruptedObject {
  readonly path: string;
  /** `sha256:` and 64 hex; undefined if it is not a regular file. */
  readonly actual: string | undefined;
}

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
  /** Objects that match their names. */
  readonly sound: number;
  readonly bytes: number;
  readonly corrupted: readonly CorruptedObject[];
  /** Objects that can't be read, or changed meanwhile. */
  readonly unreadable: readonly string[];
  /** Files and folders that do not belong to the store. */
  readonly strays: readonly string[];
  /** Folders of unfinished objects, of a live or a killed process. */
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
  const opened = openRoot(request.root);
  if (!opened.ok) return opened;
  using project = opened.value;
  const openedStore = ObjectStore.open(project, fs);
  if (!openedStore.ok) return openedStore;
  using store = openedStore.value;
  try {
    return ok(await check(project, store, request, fs));
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "READ_FAILED");
  }
}

async function check(
  project: AnchoredRoot,
  store: ObjectStore | undefined,
  request: CheckStoreRequest,
  fs: FileSystem,
): Promise<CheckedStore> {
  // The bundles first: a later seal's objects then belong to a later bundle.
  const bundles: NamingBundle[] = [];
  for await (const bundle of readNamedObjects(project, request, fs)) bundles.push(bundle);
  const entries = store === undefined ? [] : await listEntries(store, request, fs);
  const objects = entries.filter((entry) => entry.kind === "object");
  const files = objects.flatMap(({ digest, isFile }) => (isFile ? [digest] : []));
  const hashed = store === undefined ? [] : await hashObjects(store, files, request);
  // All findings are compared with the bundles in one step.
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
    // It was listed a moment ago, so another process collected it since. fsck has no budget, so nothing is oversized.
    if (found === undefined || found.kind === "missing" || found.kind === "oversized") continue;
    if (found.kind === "unreadable") unreadable.push(shownObject(digest));
    else if (matchesDigest(digest, found.digest, nodeCrypto)) {
      sound++;
      bytes += found.bytes;
    } else corrupted.push({ path: shownObject(digest), actual: declareDigest(found.digest) });
  }
  return { sound, bytes, corrupted, unreadable };
}
