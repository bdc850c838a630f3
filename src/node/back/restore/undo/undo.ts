/**
 * `undo`: removes from a folder exactly what a restore put there, if none of it was changed since.
 *
 * It is a transaction too: each file gets a second name in a staging folder and is hashed by that name, so the hashed
 * file is the one that is removed. Then the journal is written, and then the same rollback runs as for a restore. If the
 * process is killed before the journal is durable, nothing is removed; if later, a recovery goes on.
 *
 * @module
 */

import {
  formatUtcSecond,
  type HexDigest,
  itemAt,
  joinListings,
  type Listing,
  makeListing,
  type RestoreFault,
  restoreFault,
  type TreeLink,
} from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../../system/files/file-system.ts";
import { breathe, Interruption } from "../../../system/runtime/interruption.ts";
import { attempt } from "../../../system/runtime/machine-reason.ts";
import { beginCleaning, beginMany, type WorkOptions } from "../../../system/runtime/progress.ts";
import type { Environment } from "../../../system/runtime/user-home.ts";
import { faultOf } from "../../transaction/fault-of.ts";
import { NO_BYTES, NO_CHANGES, type RestoreOrigin } from "../../transaction/journal/journal.ts";
import { JournalKeys } from "../../transaction/journal/journal-key.ts";
import { folderOf } from "../../transaction/journal/places.ts";
import { stagedName } from "../../transaction/journal/staging.ts";
import type { TransactionEnd } from "../../transaction/journal/transaction-end.ts";
import {
  type Recovery,
  type RestoreFailure,
  refused,
  refusedByPlatform,
  rolledBack,
  systemFault,
} from "../../transaction/restore-failure.ts";
import { afterRecovery } from "../recover/recover-first.ts";
import { checkDescriptors } from "../target/enough-descriptors.ts";
import { NO_ENTRIES } from "../target/entries.ts";
import { ExistingRoot } from "../target/existing-root.ts";
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
  /** Whether the staging folder is removed too; `runseal recover` removes what is left of it. */
  readonly isClean: boolean;
  /** Earlier restores into the same folder that were killed, and recovered first. */
  readonly recovered: readonly Recovery[];
}

/**
 * Undoes a restore. Fails as `findRestoredByBundles` does, or with UNDO_LIST_INVALID, or
 * UNDO_TARGET_CHANGED with all changed files in its details; then nothing was removed. Fails with
 * RESTORE_STATE_UNAVAILABLE or RESTORE_TOO_FEW_DESCRIPTORS before anything is written. Throws an
 * Interruption when the signal fired and nothing was removed, an InterruptedRestore where something was
 * recovered before.
 */
export async function undoRestore(
  request: UndoRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<UndoSuccess | RestoreFailure> {
  const unsupported = refusedByPlatform();
  if (unsupported !== undefined) return unsupported;
  const target = openTarget(request.target, false, fs);
  if (!target.ok) return refused(target);
  using keys = new JournalKeys(request.environment, fs);
  try {
    if (target.value.kind !== "existing") throw new TypeError("undo opens existing roots only");
    const { path, root } = target.value;
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
  const short = checkDescriptors("EXECUTE");
  if (short !== undefined) return refused(short);
  const key = keys.obtain();
  if (!key.ok) return refused(key);
  using transaction = new ExistingRoot(root, path, NO_ENTRIES, originOf(found), key.value, fs);
  return await removeRestored(transaction, root, found, request, fs);
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
  { progress, signal }: UndoRequest,
  fs: FileSystem,
): Promise<UndoSuccess | RestoreFailure> {
  try {
    const reach = (address: string): string => address;
    const { files, links } = found;
    const fault = await examineRestored({ root, files, links, reach, signal, progress, fs });
    return fault === undefined ? success(found, true) : refused(fault);
  } catch (thrown) {
    return refused(systemFault(thrown, "PLAN"));
  }
}

async function removeRestored(
  transaction: ExistingRoot,
  root: AnchoredRoot,
  found: Restored,
  request: UndoRequest,
  fs: FileSystem,
): Promise<UndoSuccess | RestoreFailure> {
  let fault: RestoreFault | undefined;
  try {
    fault = (await transaction.begin()) ?? (await holdAll(transaction, root, found, request, fs));
    fault ??= declare(transaction, found, request);
  } catch (thrown) {
    if (thrown instanceof Interruption && transaction.end().state === "nothing") throw thrown;
    fault = faultOf(thrown, "EXECUTE", "RESTORE_INTERNAL_ERROR");
  }
  // If the journal can't be withdrawn, it may or may not survive a power cut: nothing may be removed.
  if (fault !== undefined && !attempt(() => transaction.withdraw())) return rolledBack(fault, false);
  if (fault !== undefined) beginCleaning(request.progress, found.files.length);
  const ended = fault === undefined ? await removeAll(transaction, found, request) : transaction.end();
  const isOver = ended.state === "nothing";
  if (fault !== undefined) return rolledBack(fault, isOver && ended.clean);
  if (!isOver) return rolledBack(restoreFault("EXECUTE", "RESTORE_UNRESOLVED"), false);
  return success(found, ended.clean);
}

/** Gives each file a second name and hashes it by that name: an attacker who swaps the first name changes nothing. */
function holdAll(
  transaction: ExistingRoot,
  root: AnchoredRoot,
  { files, links }: Restored,
  { progress, signal }: UndoRequest,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const reach = (address: string, index: number): string => {
    transaction.hold(index, address);
    return transaction.staging.address(stagedName(index));
  };
  return examineRestored({ root, files, links, reach, signal, progress, fs });
}

function declare(
  transaction: ExistingRoot,
  found: Restored,
  { progress }: UndoRequest,
): RestoreFault | undefined {
  beginMany(progress, "prepare", found.files.length);
  const files = joinListings([placesIn(found.files), placesIn(found.links)]);
  return transaction.declare({
    ...NO_CHANGES,
    act: "undo",
    origin: originOf(found),
    mkdir: foldersOf(files, found.emptyFolders),
    put: files,
    digests: makeListing(files.length, (at) =>
      at < found.files.length ? itemAt(found.files, at).digest : NO_BYTES,
    ),
  });
}

/**
 * Removes the files, with pauses for the progress. A signal does not stop it here: some files would be left. A second signal
 * ends the process, and a recovery goes on.
 */
async function removeAll(
  transaction: ExistingRoot,
  found: Restored,
  { progress }: UndoRequest,
): Promise<TransactionEnd> {
  const length = found.files.length + found.links.length;
  let files = 0;
  progress?.begin("remove", { files: length }, () => ({ files, bytes: 0 }));
  const steps = transaction.endInSteps();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    files += 1;
    const breath = breathe(files, undefined);
    if (breath !== undefined) await breath;
    // Next, the second names, the folders and the journal are removed.
    if (files === length) beginCleaning(progress, length);
  }
}

function placesIn(entries: Listing<{ readonly place: string }>): Listing<string> {
  return makeListing(entries.length, (index) => itemAt(entries, index).place);
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
    isClean,
    recovered: [],
  };
}

/** Empty folders, and the folders on the way to files, parents first. Those that are left empty are removed too. */
function foldersOf(files: Listing<string>, emptyFolders: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  const addWithParents = (lowest: string): void => {
    const missing: string[] = [];
    for (let folder = lowest; folder !== "" && !folders.has(folder); folder = folderOf(folder)) {
      missing.push(folder);
    }
    for (const folder of missing.reverse()) folders.add(folder);
  };
  for (let index = 0; index < files.length; index++) addWithParents(folderOf(itemAt(files, index)));
  for (const folder of emptyFolders) addWithParents(folder);
  return [...folders];
}

function originOf({ bundleRoots }: Restored): RestoreOrigin {
  const started = formatUtcSecond(Math.floor(Date.now() / 1000));
  return { started, runIds: [], bundleRoots, signers: [], name: undefined };
}
