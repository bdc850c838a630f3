/**
 * Collects the garbage of a store: in packs first, then in objects that are files.
 *
 * @module
 */

import { ok, type Result } from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { reasonOf } from "../../../system/runtime/machine-reason.ts";
import type { OperationFault } from "../../../system/runtime/operation-fault.ts";
import { type ObjectStore, storeFault } from "../object-store.ts";
import { packsFault, usePacks } from "../stored-objects.ts";
import { collectObjects } from "./collect-objects.ts";
import { collectPacks } from "./collect-packs.ts";
import type { CollectRequest, NamedObjects, Tally } from "./removals.ts";

/** What a collection was asked for, and what it did so far. */
export interface CollectWork {
  readonly request: CollectRequest;
  readonly tally: Tally;
  readonly fs: FileSystem;
}

/** Collects garbage, given all objects that bundles name. Fails as `collectGarbage` does. Throws an Interruption. */
export async function collectStore(
  project: AnchoredRoot,
  store: ObjectStore | undefined,
  named: NamedObjects,
  { fs, request, tally }: CollectWork,
): Promise<Result<void, OperationFault>> {
  const { dryRun = false, progress, signal } = request;
  let seen = 0;
  progress?.begin("collect", {}, () => ({ files: seen, bytes: 0 }));
  const count = (): void => {
    seen++;
  };
  const setting = { named, tally, dryRun, signal, fs, count };
  try {
    const fault = await usePacks(project, (folder) => collectPacks(folder, setting));
    if (fault !== undefined) return fault;
  } catch (thrown) {
    return packsFault(reasonOf(thrown), "WRITE_FAILED");
  }
  try {
    if (store !== undefined) await collectObjects(store, setting);
    return ok(undefined);
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "WRITE_FAILED");
  }
}
