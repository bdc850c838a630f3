/**
 * The end of a transaction (PROTOCOL 13.7 and 13.9): cleans up after a commit, else rolls back. A restore that succeeded or
 * failed ends this way, and so does a killed one in its recovery. Everything is decided by what is on the disk, so the
 * process may be killed at any moment, and the next one ends the transaction.
 *
 * The fsyncs are named as in SECURITY 3; test/faults shows that each is needed.
 *
 * @module
 */

import { firstItems, itemAt, type Listing } from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { isFileAt, OwnFolder, removeOwnFile } from "../../../system/files/made-entry.ts";
import { attempt, machineReason, unlessRefused } from "../../../system/runtime/machine-reason.ts";
import { discard, markAborted, namesOf, type OwnStaged } from "../../transaction/journal/drop-record.ts";
import type { Journal } from "../../transaction/journal/journal.ts";
import { hasPlacedBytes } from "../../transaction/journal/placed-bytes.ts";
import { folderOf, foldersOf, nameOf } from "../../transaction/journal/places.ts";
import { enter, enterIfThere } from "../../transaction/journal/reach-folder.ts";
import { STAGED, type Staging, stagedName } from "../../transaction/journal/staging.ts";
import { AstrayFiles, NONE_ASTRAY, type TransactionEnd } from "../../transaction/journal/transaction-end.ts";

/** A transaction that is to end. */
export interface Transaction {
  readonly root: AnchoredRoot;
  readonly staging: Staging;
  /** Undefined before it was written. */
  readonly journal: Journal | undefined;
  /** The journal's folders, if this process made them. */
  readonly folders: readonly OwnFolder[] | undefined;
  /** The staged files, if this process staged them. */
  readonly staged: OwnStaged | undefined;
  /** Whether this process made the marker of the commit: then nothing is rolled back, whatever fails. */
  readonly isCommitted: boolean;
  readonly fs: FileSystem;
}

const UNRESOLVED: TransactionEnd = { state: "unresolved", ...NONE_ASTRAY };

/**
 * Ends a transaction: cleans up if it was committed, else rolls back.
 */
export function endTransaction(transaction: Transaction): TransactionEnd {
  const { isCommitted, journal, staged, staging } = transaction;
  if (!staging.isMade) return { state: "nothing", clean: attempt(() => discard(staging)) };
  try {
    const names = isCommitted ? [STAGED.committed] : namesOf(staging, staged);
    if (names.includes(STAGED.committed)) return cleanUp(transaction);
    if (names.includes(STAGED.journal)) {
      if (journal === undefined) return UNRESOLVED;
      const isAborted = names.includes(STAGED.aborted);
      const failed = isAborted ? undefined : removeFiles(transaction, journal);
      if (failed !== undefined) return failed;
      if (!removeFolders(transaction, journal)) return UNRESOLVED;
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return UNRESOLVED;
  }
  return { state: "nothing", clean: attempt(() => discard(staging, staged)) };
}

/** Removes what a committed transaction needs no more. */
function cleanUp({ fs, journal, root, staged, staging }: Transaction): TransactionEnd {
  // [commit-dir] Before a staged name is removed: if the marker were lost after that, neither rollback nor clean-up would work.
  if (!attempt(() => staging.sync())) return { state: "in-doubt" };
  let isGone = true;
  const isAllowed = attempt(() => {
    const passing = journal === undefined ? [] : firstItems(journal.put, journal.passing);
    const removals = passing.map((place, index) =>
      removeFile({ root, staging, fs }, place, index, () => true),
    );
    // [cleanup-passing] While the manifest of a chain may come back, the journal that names it must be kept.
    if (passing.length > 0) fs.fsyncSync(root.dir.fd);
    isGone = removals.every((removal) => removal === "gone");
    if (isGone) discard(staging, staged);
  });
  return { state: "everything", clean: isAllowed && isGone };
}

/**
 * Removes the files that were put in place, the newest first, if they are the staged inodes. Then marks that none is left.
 * Gives the end of the transaction if some are left.
 */
function removeFiles(transaction: Transaction, journal: Journal): TransactionEnd | undefined {
  const { fs, staged, staging } = transaction;
  const astray = new AstrayFiles();
  let isClean = true;
  // A recovery may come long after the kill. Without one, the restore has just found the file wrong.
  const isFresh = staged !== undefined;
  for (let index = journal.put.length - 1; index >= 0; index--) {
    const place = itemAt(journal.put, index);
    const isOurs = (): boolean => isFresh || hasPlacedBytes(staging, journal, index, fs);
    const removal = removeFile(transaction, place, index, isOurs);
    if (removal === "gone") continue;
    if (removal === "edited") astray.addEdited(place);
    else if (removal === "unreachable") isClean = false;
    else astray.addMoved(place, stagedName(index));
  }
  const failed = astray.end(isClean);
  if (failed !== undefined) return failed;
  // [undo-dirs] Before the record is removed: no record would name a file that comes back after a power cut.
  syncFolders(transaction, journal.put);
  markAborted(staging, staged);
  return undefined;
}

/**
 * Removes folders that are left empty, children first. Only once it is marked that no file is left: before that, a missing
 * folder was moved, with the files in it. Gives whether no folder is left.
 */
function removeFolders(transaction: Transaction, journal: Journal): boolean {
  const { folders, root } = transaction;
  let clean = true;
  for (const [index, place] of Array.from(journal.mkdir.entries()).reverse()) {
    const folder = folders === undefined ? OwnFolder.ofEarlierProcess() : folders[index];
    if (folder === undefined) continue;
    const parent = enter(root, folderOf(place));
    if (parent === "unreachable" || (parent !== "gone" && !folder.remove(parent, nameOf(place)))) {
      clean = false;
    }
  }
  // [undo-folders] As [undo-dirs]: no record would name a folder that comes back.
  if (clean) syncFolders(transaction, journal.mkdir);
  return clean;
}

/** Makes the removal of names from the folders of some places durable. */
function syncFolders({ fs, root }: Transaction, places: Listing<string>): void {
  for (const folder of foldersOf(places)) {
    const entered = enterIfThere(root, folder);
    if (entered !== undefined) fs.fsyncSync(entered.fd);
  }
}

/**
 * The result for one file. `gone`: it has no name outside of staging. `elsewhere`: its name is removed, but it has another
 * one. `lost`: its folder is missing, but it has a name, as when the folder was moved. `edited`: another process wrote to it in its
 * place, where it stays. `unreachable`: not known.
 */
type Removal = "gone" | "elsewhere" | "lost" | "edited" | "unreachable";

function removeFile(
  { root, staging }: Pick<Transaction, "root" | "staging" | "fs">,
  place: string,
  index: number,
  isOurs: () => boolean,
): Removal {
  const staged = staging.dir.stats(stagedName(index));
  if (staged === undefined) return "gone";
  const folder = enter(root, folderOf(place));
  if (folder === "unreachable") return "unreachable";
  const own = staged.nlink <= 1n || unlessRefused(isOurs);
  if (own === undefined) return "unreachable";
  // Edited and moved, it is another process's file under its own name.
  if (!own) return folder !== "gone" && isFileAt(folder, nameOf(place), staged) ? "edited" : "gone";
  if (folder !== "gone" && !removeOwnFile(staged, folder, nameOf(place))) return "unreachable";
  const left = staging.dir.stats(stagedName(index));
  if (left === undefined || left.nlink <= 1n) return "gone";
  return folder === "gone" ? "lost" : "elsewhere";
}
