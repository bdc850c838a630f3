/**
 * The end of a transaction (PROTOCOL 13.7 and 13.9): cleans up after a commit, else rolls back. A restore that succeeded or
 * failed ends this way, and so does a killed one in its recovery. Everything is decided by what is on the disk, so the
 * process may be killed at any moment, and the next one ends the transaction.
 *
 * The fsyncs are named as in SECURITY 3; test/faults shows that each is needed.
 *
 * @module
 */

import { firstItems, itemAt, type Listing } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../files/anchored-dir.ts";
import type { AnchoredRoot } from "../../files/anchored-root.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { OwnFolder, removeOwnFile } from "../../files/own-entry.ts";
import { publishCause } from "../../runtime/cause-channel.ts";
import type { Steps } from "../../runtime/interruption.ts";
import { attempt, errnoOf, machineReason } from "../../runtime/machine-reason.ts";
import type { Journal } from "./journal.ts";
import { components, folderOf, foldersOf, nameOf } from "./places.ts";
import { isStagedName, STAGED, type Staging, stagedName } from "./staging.ts";

/** The staged files of this process, by their numbers. */
export interface OwnStaged {
  /** All numbers are below this one. */
  readonly end: number;
  readonly has: (index: number) => boolean;
}

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

/** How a transaction ended. `clean` is whether the staging folder is removed too. */
export type TransactionEnd =
  | { readonly state: "everything" | "nothing"; readonly clean: boolean }
  /** Everything is in place. It may not survive a power cut. */
  | { readonly state: "in-doubt" }
  /** The rollback failed for some files; `astray` are the places of those that were moved elsewhere. */
  | { readonly state: "unresolved"; readonly astray: readonly string[] };

const UNRESOLVED: TransactionEnd = { state: "unresolved", astray: [] };

/**
 * Ends a transaction: cleans up if it was committed, else rolls back. Pauses after each file that is rolled back; a kill in a
 * pause is like a kill at any other moment.
 */
export function* endTransaction(transaction: Transaction): Steps<TransactionEnd> {
  const { isCommitted, journal, staged, staging } = transaction;
  if (!staging.isMade) return { state: "nothing", clean: attempt(() => discard(staging)) };
  try {
    const names = isCommitted ? [STAGED.committed] : namesOf(staging, staged);
    if (names.includes(STAGED.committed)) return cleanUp(transaction);
    if (names.includes(STAGED.journal)) {
      if (journal === undefined) return UNRESOLVED;
      const failed = names.includes(STAGED.aborted) ? undefined : yield* removeFiles(transaction, journal);
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
    const passing = journal === undefined ? [] : firstItems(journal.files, journal.passing);
    const removals = passing.map((place, index) => removeFile({ root, staging, fs }, place, index));
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
function* removeFiles(transaction: Transaction, journal: Journal): Steps<TransactionEnd | undefined> {
  const { fs, root, staged, staging } = transaction;
  if (journal.act === "undo" && staged === undefined) {
    // [undo-record] The process that wrote the journal may have been killed before it was durable, and now files are removed.
    staging.sync();
    // [undo-root] The folder that holds the journal must not be lost either.
    fs.fsyncSync(root.dir.fd);
  }
  const astray: string[] = [];
  let isClean = true;
  for (let index = journal.files.length - 1; index >= 0; index--) {
    const place = itemAt(journal.files, index);
    const removal = removeFile(transaction, place, index);
    yield;
    if (removal === "gone") continue;
    // An undo removes names only: further names of a file are its owner's business.
    if (removal === "elsewhere" && journal.act === "undo") continue;
    isClean = false;
    if (removal !== "unreachable") astray.push(place);
  }
  if (!isClean) return { state: "unresolved", astray };
  // [undo-dirs] Before the record is removed: no record would name a file that comes back after a power cut.
  syncFolders(transaction, journal.files);
  markAborted(transaction);
  return undefined;
}

/**
 * Removes folders that are left empty, children first. Only once it is marked that no file is left: before that, a missing
 * folder was moved, with the files in it. Gives whether no folder is left.
 */
function removeFolders(transaction: Transaction, journal: Journal): boolean {
  const { folders, fs, root, staging } = transaction;
  // [undo-marker] Before a folder is removed: without the marker, a missing folder counts as moved.
  if (journal.act === "undo") staging.sync();
  let clean = true;
  for (const [index, place] of Array.from(journal.folders.entries()).reverse()) {
    const folder = folders === undefined ? OwnFolder.ofEarlierProcess() : folders[index];
    if (folder === undefined) continue;
    const parent = enter(root, folderOf(place));
    if (parent === "unreachable" || (parent !== "gone" && !folder.remove(parent, nameOf(place), fs))) {
      clean = false;
    }
  }
  // [undo-folders] As [undo-dirs]: no record would name a folder that comes back.
  if (clean) syncFolders(transaction, journal.folders);
  return clean;
}

/** Makes the removal of names from the folders of some places durable. */
function syncFolders({ fs, root }: Transaction, places: Listing<string>): void {
  for (const folder of foldersOf(places)) {
    const entered = enterIfThere(root, folder);
    if (entered !== undefined) fs.fsyncSync(entered.fd);
  }
}

function markAborted({ staged, staging }: Transaction): void {
  try {
    staging.mark(STAGED.aborted);
  } catch (thrown) {
    if (machineReason(thrown) !== "no-space") throw thrown;
    // The staged files are not needed any more, and without them there may be space for the marker.
    unlinkStaged(staging, staged, namesOf(staging, staged));
    staging.mark(STAGED.aborted);
  }
}

/**
 * The result for one file. `gone`: it has no name outside of staging. `elsewhere`: its name is removed, but it has another
 * one. `lost`: its folder is missing, but it has a name, as when the folder was moved. `unreachable`: not known.
 */
type Removal = "gone" | "elsewhere" | "lost" | "unreachable";

function removeFile(
  { fs, root, staging }: Pick<Transaction, "root" | "staging" | "fs">,
  place: string,
  index: number,
): Removal {
  const staged = staging.stats(stagedName(index));
  if (staged === undefined) return "gone";
  const folder = enter(root, folderOf(place));
  if (folder === "unreachable") return "unreachable";
  if (folder !== "gone" && !removeOwnFile(staged, folder, nameOf(place), fs)) return "unreachable";
  const left = staging.stats(stagedName(index));
  if (left === undefined || left.nlink <= 1n) return "gone";
  return folder === "gone" ? "lost" : "elsewhere";
}

/** Enters a folder below the root, never through a link. On an error, the rollback goes on with other folders. */
function enter(root: AnchoredRoot, real: string): AnchoredDir | "gone" | "unreachable" {
  try {
    return enterIfThere(root, real) ?? "gone";
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    publishCause(thrown);
    return "unreachable";
  }
}

/** Enters a folder. A link or a file in its place means that it was removed, and its files with it. */
function enterIfThere(root: AnchoredRoot, real: string): AnchoredDir | undefined {
  try {
    return root.folder(components(real));
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return undefined;
    throw thrown;
  }
}

/**
 * Removes a staging folder that is not needed any more. Only names that a restore gives are removed; with anything else in
 * it the folder stays. Without `staged`, all staged files count as runseal's own.
 */
export function discard(staging: Staging, staged?: OwnStaged): void {
  const names = staging.isMade ? dropRecord(staging, staged) : [];
  for (const marker of [STAGED.committed, STAGED.aborted, STAGED.owner]) {
    if (names.includes(marker)) staging.unlink(marker);
  }
  staging.remove();
}

/** Removes the staged files, and then the journal. Gives the names that were in the folder, without known staged files. */
export function dropRecord(staging: Staging, staged?: OwnStaged): readonly string[] {
  const names = namesOf(staging, staged);
  // [no-journal] A journal whose removal is not durable could come back when only some of the staged names are left.
  if (!names.includes(STAGED.journal)) staging.sync();
  unlinkStaged(staging, staged, names);
  if (names.includes(STAGED.newJournal)) staging.unlink(STAGED.newJournal);
  if (names.includes(STAGED.journal)) {
    staging.unlink(STAGED.journal);
    // [cleanup-journal] A journal that comes back without its marker would be rolled back.
    staging.sync();
  }
  return names;
}

/** The names in a staging folder. With known staged files, a million names need not be listed. */
function namesOf(staging: Staging, staged: OwnStaged | undefined): readonly string[] {
  return staged === undefined ? staging.names() : staging.ownNames();
}

function unlinkStaged(staging: Staging, staged: OwnStaged | undefined, names: readonly string[]): void {
  if (staged === undefined) {
    for (const name of names) if (isStagedName(name)) staging.unlink(name);
    return;
  }
  for (let index = 0; index < staged.end; index++) {
    if (staged.has(index)) staging.unlink(stagedName(index));
  }
}
