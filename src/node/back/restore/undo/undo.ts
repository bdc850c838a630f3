/**
 * `undo`: removes from a folder exactly what a restore put there, if none of it was changed since: all of it, or nothing.
 *
 * @module
 */

import {
  type HexDigest,
  itemAt,
  joinListings,
  type Listing,
  makeListing,
  type TreeLink,
} from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../../system/files/file-system.ts";
import { type Protection, protection } from "../../../system/files/shared-above.ts";
import type { WorkOptions } from "../../../system/runtime/progress.ts";
import type { Environment } from "../../../system/runtime/user-home.ts";
import { beginOrigin } from "../../transaction/journal/journal.ts";
import { JournalKeys } from "../../transaction/journal/journal-key.ts";
import { folderOf } from "../../transaction/journal/places.ts";
import {
  keepOthersOut,
  type Recovery,
  type RestoreFailure,
  refused,
  systemFault,
} from "../../transaction/restore-failure.ts";
import { transact } from "../../transaction/transact.ts";
import {
  type LeavingEntry,
  NO_PLAN,
  placeOf,
  type TransactionPlan,
} from "../../transaction/transaction-plan.ts";
import { NO_WORK } from "../../transaction/work/entry-work.ts";
import { afterRecovery } from "../recover/recover-first.ts";
import { closeTarget, openTarget } from "../target/target-root.ts";
import { examineRestored } from "./examine-restored.ts";
import { bytesOf } from "./placed-files.ts";
import { findRestored, type Restored } from "./restored-by-artifacts.ts";
import { type ByBundlesFault, findRestoredByBundles, type RestoredBundles } from "./restored-by-bundles.ts";

/** Which restore to undo. */
export interface UndoRequest extends WorkOptions {
  /** The folder that was restored into: an absolute path. */
  readonly target: string;
  /** The user's, for the state folder with the key of journals. */
  readonly environment: Environment;
  /** The bundles that were restored, if there are no result artifacts; these are not read then. */
  readonly by?: RestoredBundles | undefined;
  /** Only check, and report what would be removed. After a killed restore or undo this is not known: RESTORE_UNRESOLVED. */
  readonly dryRun?: boolean;
}

/** Everything that was restored is removed; or it would be, after a dry run. */
export interface UndoSuccess {
  readonly ok: true;
  /** How many outputs were restored. */
  readonly files: number;
  /** The same, relative to the folder. Made when it is asked for. */
  readonly paths: readonly string[];
  readonly bytes: number;
  /** Restored links and empty folders. A folder that is not empty any more stays. */
  readonly links: readonly TreeLink[];
  readonly emptyFolders: readonly string[];
  readonly bundleRoots: readonly HexDigest[];
  /** What kept other processes from leading the undo elsewhere. */
  readonly protection: Protection;
  /** Whether the staging folder is removed too; `runseal recover` removes what is left of it. */
  readonly isClean: boolean;
  /** Earlier restores into the same folder that were killed, and recovered first. */
  readonly recovered: readonly Recovery[];
}

/**
 * Undoes a restore. Fails as `findRestoredByBundles` does, or with UNDO_LIST_INVALID, RESTORE_PARENT_SHARED,
 * RESTORE_STATE_UNAVAILABLE or RESTORE_TOO_FEW_DESCRIPTORS before anything is written, and as `transact` does. Throws an Interruption when the signal fired and
 * nothing is removed, an InterruptedRestore where something was recovered before.
 */
export async function undoRestore(
  request: UndoRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<UndoSuccess | RestoreFailure> {
  const target = openTarget(request.target, false, fs);
  if (!target.ok) return refused(target);
  using keys = new JournalKeys(request.environment, fs);
  try {
    if (target.value.kind !== "existing") throw new TypeError("undo opens existing roots only");
    const { path, root } = target.value;
    const shared = keepOthersOut(root, fs);
    if (shared !== undefined) return refused(shared);
    return await afterRecovery(
      target.value,
      { dryRun: request.dryRun === true, keys, progress: request.progress },
      () => undoIn(root, path, request, keys, fs),
      fs,
    );
  } finally {
    closeTarget(target.value);
  }
}

async function undoIn(
  root: AnchoredRoot,
  path: string,
  request: UndoRequest,
  keys: JournalKeys,
  fs: FileSystem,
): Promise<UndoSuccess | RestoreFailure> {
  let found: Restored | ByBundlesFault;
  try {
    found = find(root, request, fs);
  } catch (thrown) {
    return refused(systemFault(thrown));
  }
  if ("code" in found) return refused(found);
  if (request.dryRun === true) return predict(root, found, request, fs);
  const key = keys.obtain();
  if (!key.ok) return refused(key);
  const { progress, signal } = request;
  const origin = beginOrigin({ bundleRoots: found.bundleRoots });
  const how = { act: "undo", plan: planOf(found), origin, key: key.value } as const;
  const done = await transact({ ...NO_WORK, ...how, root, path, progress, signal }, fs);
  return done.ok ? success(found, done.isClean) : done;
}

function find(root: AnchoredRoot, { by, progress }: UndoRequest, fs: FileSystem): Restored | ByBundlesFault {
  if (by === undefined) return findRestored(root, progress, fs);
  const found = findRestoredByBundles(root, by);
  return found.ok ? found.value : found;
}

/** Checks as an undo does, and writes nothing. */
async function predict(
  root: AnchoredRoot,
  found: Restored,
  request: UndoRequest,
  fs: FileSystem,
): Promise<UndoSuccess | RestoreFailure> {
  try {
    const fault = await examineRestored(root, planOf(found).moves, request, fs);
    return fault === undefined ? success(found, true) : refused(fault);
  } catch (thrown) {
    return refused(systemFault(thrown, "PLAN"));
  }
}

/** Everything that a restore put there leaves, and then the folders that are left empty. Modes are not compared. */
function planOf({ emptyFolders, files, links }: Restored): TransactionPlan {
  const leavingFiles = makeListing(files.length, (index): LeavingEntry => {
    const { bytes, digest, path, place } = itemAt(files, index);
    return { path, place, expected: { kind: "file", bytes, digest } };
  });
  const leavingLinks = links.map(
    ({ path, place, target }): LeavingEntry => ({
      path,
      place,
      expected: { kind: "link", target },
    }),
  );
  const moves = joinListings([leavingFiles, leavingLinks]);
  const emptied = foldersOf(moves, emptyFolders).toReversed();
  return { ...NO_PLAN, moves, emptied, needs: { links: links.length > 0, modes: false } };
}

function success({ bundleRoots, emptyFolders, links, outputs }: Restored, isClean: boolean): UndoSuccess {
  let paths: readonly string[] | undefined;
  return {
    ok: true,
    files: outputs.length,
    get paths() {
      paths ??= Array.from(outputs, ({ path }) => path);
      return paths;
    },
    bytes: bytesOf(outputs),
    links: links.map(({ path, target }) => ({ path, target })),
    emptyFolders,
    bundleRoots,
    protection: protection(),
    isClean,
    recovered: [],
  };
}

/** Empty folders, and the folders on the way to files, parents first. Those that are left empty are removed too. */
function foldersOf(leaving: Listing<LeavingEntry>, emptyFolders: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  const addWithParents = (lowest: string): void => {
    const missing: string[] = [];
    for (let folder = lowest; folder !== "" && !folders.has(folder); folder = folderOf(folder)) {
      missing.push(folder);
    }
    for (const folder of missing.reverse()) folders.add(folder);
  };
  for (let index = 0; index < leaving.length; index++)
    addWithParents(folderOf(placeOf(itemAt(leaving, index))));
  for (const folder of emptyFolders) addWithParents(folder);
  return [...folders];
}
