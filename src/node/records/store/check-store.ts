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
  objectPath,
  ok,
  type Result,
  STORE_FOLDER,
  shownObject,
} from "../../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { hashFiles } from "../../system/hashing/hash-files.ts";
import { watchFiles } from "../../system/hashing/watch-files.ts";
import { DigestTable } from "../../system/packs/digest-table.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { beginMany, type WorkOptions } from "../../system/runtime/progress.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import { type CheckedObjects, type CorruptedObject, checkPacks } from "./check-packs.ts";
import { readNamedObjects } from "./named-objects.ts";
import { openStore, storeFault } from "./object-store.ts";
import { usePacks } from "./stored-objects.ts";
import { walkStore } from "./walk-store.ts";

/** The absent objects of a bundle; perhaps it was sealed without keeping them. */
export interface NotKept {
  readonly runId: string;
  /** How many objects it names. */
  readonly named: number;
  /** How many of these are absent. */
  readonly missing: number;
}

/** The result of the check. */
export interface CheckedStore extends Readonly<CheckedObjects> {
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
 * `openStore` does, and with READ_FAILED. Throws as `hashFiles` does.
 */
export async function checkStore(request: CheckStoreRequest): Promise<Result<CheckedStore, OperationFault>> {
  const opened = openRoot(request.root);
  if (!opened.ok) return opened;
  using project = opened.value;
  const openedStore = openStore(project);
  if (!openedStore.ok) return openedStore;
  using store = openedStore.value;
  const checked: CheckedObjects = {
    sound: 0,
    bytes: 0,
    corrupted: [],
    unlisted: 0,
    damaged: [],
    indexes: [],
    unreadable: [],
    strays: [],
    partial: 0,
  };
  try {
    // The bundles first: a later seal's objects then belong to a later bundle.
    const { bundles, named, unreadableBundles } = await readBundles(project, request);
    // Files before packs: a prune moves objects into packs, and removes the files afterwards.
    if (store !== undefined) await checkFiles(store, named, checked, request);
    const fault = await usePacks(project, "READ_FAILED", (folder) =>
      checkPacks(folder, named, checked, request),
    );
    if (fault !== undefined) return fault;
    // All findings are compared with the bundles in one step.
    beginMany(request.progress, "check", named.count);
    return ok({
      ...checked,
      notKept: bundles.flatMap((bundle) => findAbsent(bundle, named)),
      unreadableBundles,
    });
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "READ_FAILED");
  }
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

async function readBundles(project: AnchoredRoot, request: CheckStoreRequest): Promise<ReadBundles> {
  const named = new DigestTable();
  const bundles: NamingRun[] = [];
  const unreadableBundles: CheckedStore["unreadableBundles"][number][] = [];
  for await (const { digests, runId } of readNamedObjects(project, request)) {
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

/** Hashes the objects that are files, and marks those of `named`. */
async function checkFiles(
  store: AnchoredRoot,
  named: DigestTable,
  checked: CheckedObjects,
  { progress, signal }: CheckStoreRequest,
): Promise<void> {
  const digests: HexDigest[] = [];
  let seen = 0;
  progress?.begin("list", {}, () => ({ files: seen, bytes: 0 }));
  for (const entry of walkStore(store, fs)) {
    await breathe(seen++, signal);
    if (entry.kind === "partial") checked.partial++;
    if (entry.kind === "stray") checked.strays.push(`${STORE_FOLDER}/${entry.path}`);
    if (entry.kind !== "object") continue;
    named.mark(Buffer.from(entry.digest, "hex"), 0);
    if (entry.isFile) digests.push(entry.digest);
    else checked.corrupted.push(corruptedObject(entry.digest, undefined));
  }
  const places = digests.map(objectPath);
  const watch = watchFiles(progress, "check", store, places);
  const findings = await hashFiles(store, places, { signal, watch });
  for (const [index, digest] of digests.entries()) {
    const found = findings.at(index);
    // It was listed a moment ago, so another process collected it since. The check has no budget, so nothing is oversized.
    if (found === undefined || found.kind === "missing" || found.kind === "oversized") continue;
    if (found.kind === "unreadable") checked.unreadable.push(shownObject(digest));
    else if (matchesDigest(digest, found.digest, nodeCrypto)) {
      checked.sound++;
      checked.bytes += found.bytes;
    } else checked.corrupted.push(corruptedObject(digest, declareDigest(found.digest)));
  }
}

function corruptedObject(digest: HexDigest, actual: string | undefined): CorruptedObject {
  return { path: shownObject(digest), expected: declareDigest(digest), actual };
}
