/**
 * Takes a revert back that was not committed: what was put in place is removed, and what was moved aside is put back. Everything is
 * decided by what is on the disk, and each step can be repeated, so a killed undo is simply begun again.
 *
 * A name is never removed by itself: it is renamed into staging, looked at there, and given back if another process had put
 * something there meanwhile. Names are given back by link(2), which replaces nothing.
 *
 * The fsyncs are named as in SECURITY 3; test/faults shows that each is needed.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import { itemAt } from "../../../../core/internal.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { isFileAt, isSame, OwnFolder } from "../../../system/files/made-entry.ts";
import type { Steps } from "../../../system/runtime/interruption.ts";
import { attempt, errnoOf, tolerate } from "../../../system/runtime/machine-reason.ts";
import { markAborted } from "./drop-record.ts";
import { makeFoldersWritable, resetFileModes, syncReset } from "./folder-access.ts";
import type { Journal } from "./journal.ts";
import { hasPlacedBytes } from "./placed-bytes.ts";
import { folderOf, nameOf } from "./places.ts";
import { enterIfThere } from "./reach-folder.ts";
import { OWNER_BITS, type RevertRecord } from "./revert-record.ts";
import { movedName, stagedName, takenName } from "./staging.ts";
import { type Transaction, type TransactionEnd, unresolvedEnd } from "./transaction.ts";

/**
 * Takes a revert back and marks it. Gives the end of the transaction if something is not in its place: then nothing is marked,
 * and everything that was moved aside stays in staging. Throws what the system says.
 */
export function* undoRevert(
  transaction: Transaction,
  journal: Journal,
  record: RevertRecord,
): Steps<TransactionEnd | undefined> {
  const undo = new RevertUndo(transaction, journal, record);
  makeFoldersWritable(transaction, record);
  yield* undo.takePutsAway();
  // Folders are taken out and made only after everything was moved aside: before that, a missing folder was moved by another process.
  if (undo.isAllAside) undo.bringFoldersBack();
  yield* undo.putMovesBack();
  const { failed } = undo;
  if (failed !== undefined) return failed;
  resetFileModes(transaction, record);
  syncReset(transaction, journal, record);
  // [put-back-aside] A rename out of a folder is durable once both folders are: before the marker says that nothing is left.
  transaction.staging.sync();
  markAborted(transaction.staging, undefined);
  return undefined;
}

class RevertUndo {
  readonly #transaction: Transaction;
  readonly #journal: Journal;
  readonly #record: RevertRecord;
  readonly #names: ReadonlySet<string>;
  /** By the number of the staged file: the numbers of what was taken from its place, ascending. */
  readonly #taken: Map<number, readonly number[]>;
  readonly #astray = new Set<string>();
  /** Places of files that another process wrote to: they stay there. */
  readonly #edited = new Set<string>();
  #isClean = true;

  constructor(transaction: Transaction, journal: Journal, record: RevertRecord) {
    this.#transaction = transaction;
    this.#journal = journal;
    this.#record = record;
    this.#names = new Set(transaction.staging.dir.names());
    this.#taken = takenIn(this.#names, journal.files.length);
  }

  /** Whether everything that was to be moved aside is in staging. */
  get isAllAside(): boolean {
    const { moves } = this.#record;
    for (let index = 0; index < moves.length; index++) {
      if (!this.#names.has(movedName(index))) return false;
    }
    return true;
  }

  /** The end of the transaction if something is not in its place. */
  get failed(): TransactionEnd | undefined {
    const edited = [...this.#edited];
    // An edited file stays in the way of what was there.
    const isInTheWay = (path: string, place: string): boolean =>
      path === place || path.startsWith(`${place}/`);
    const astray = [...this.#astray].filter((place) => !edited.some((path) => isInTheWay(path, place)));
    if (this.#isClean && astray.length + edited.length === 0) return undefined;
    return unresolvedEnd(this.#isClean, astray, edited);
  }

  /** Takes away what was put in place, from the last on. */
  *takePutsAway(): Steps<void> {
    const { files } = this.#journal;
    for (let index = files.length - 1; index >= 0; index--) {
      this.#try(() => this.#takeAway(itemAt(files, index), index));
      yield;
    }
  }

  /** Removes the folders that were made, and makes those that were taken out. */
  bringFoldersBack(): void {
    const { folders: own, root } = this.#transaction;
    for (const [index, place] of Array.from(this.#journal.folders.entries()).reverse()) {
      const folder = own === undefined ? OwnFolder.ofEarlierProcess() : own[index];
      if (folder !== undefined) this.#try(() => this.#removeFolder(folder, place));
    }
    // Folders that are open may have been removed.
    root.closeFolders();
    for (const { place } of this.#record.gone.toReversed()) this.#try(() => this.#makeFolder(place));
  }

  /** Gives back the names of what was moved aside. */
  *putMovesBack(): Steps<void> {
    const { moves } = this.#record;
    for (let index = 0; index < moves.length; index++) {
      if (!this.#names.has(movedName(index))) continue;
      this.#try(() => this.#giveBack(movedName(index), itemAt(moves, index)));
      yield;
    }
  }

  /** Goes on with the rest where the system refuses one step. */
  #try(step: () => void): void {
    if (!attempt(step)) this.#isClean = false;
  }

  #takeAway(place: string, index: number): void {
    const { fs, root, staging } = this.#transaction;
    const staged = staging.dir.stats(stagedName(index));
    const isNamed = (): boolean => (staging.dir.stats(stagedName(index))?.nlink ?? 0n) > 1n;
    const isOurs = !isNamed() || hasPlacedBytes(staging, this.#journal, index, fs);
    // An earlier undo was killed while it looked.
    for (const number of this.#taken.get(index) ?? [])
      this.#judgeTaken(takenName(number), place, isOurs ? staged : undefined);
    if (staged === undefined || !isNamed()) return;
    const folder = enterIfThere(root, folderOf(place));
    const isThere = folder !== undefined && isFileAt(folder, nameOf(place), staged);
    if (!isOurs) {
      // Edited and moved, it is another process's file under its own name.
      if (isThere) this.#edited.add(place);
      return;
    }
    if (isThere) {
      const name = this.#freeName(index);
      // Whatever has the name by now: a file that another process saved there must not be lost.
      tolerate(["ENOENT"], () => folder.rename(nameOf(place), staging.dir, name));
      this.#judgeTaken(name, place, staged);
    }
    // It was moved elsewhere, or its folder was.
    if (isNamed()) this.#astray.add(place);
  }

  /** A name in staging that is free: rename(2) would replace what another undo took from the place. */
  #freeName(index: number): string {
    const taken = this.#taken.get(index) ?? [];
    const last = taken.at(-1);
    const number = last === undefined ? index : last + this.#journal.files.length;
    this.#taken.set(index, [...taken, number]);
    return takenName(number);
  }

  /** Drops what was taken from a place if it is the staged file as it was looked at, else gives it its name back. */
  #judgeTaken(name: string, place: string, staged: BigIntStats | undefined): void {
    const { staging } = this.#transaction;
    const found = staging.dir.stats(name);
    if (found === undefined) return;
    const isAsSeen = staged !== undefined && isSame(found, staged) && found.mtimeNs === staged.mtimeNs;
    if (isAsSeen) staging.unlink(name);
    else this.#giveBack(name, place);
  }

  /** Gives something in staging its name back, unless another process has the name: then both stay. */
  #giveBack(name: string, place: string): void {
    const { root, staging } = this.#transaction;
    const held = staging.dir.stats(name);
    if (held === undefined) return;
    const folder = enterIfThere(root, folderOf(place));
    if (folder === undefined) {
      this.#astray.add(place);
      return;
    }
    const to = nameOf(place);
    if (isFileAt(folder, to, held)) return;
    if (folder.has(to) || !this.#linkOrRename(name, held.isDirectory(), folder, to)) this.#astray.add(place);
  }

  /** Gives whether the name was free. */
  #linkOrRename(name: string, isFolder: boolean, folder: AnchoredDir, to: string): boolean {
    const { staging } = this.#transaction;
    try {
      if (!isFolder) {
        staging.dir.link(name, folder, to);
        return true;
      }
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === "EEXIST" || errno === "ENOENT") return false;
      // A file of another user may not be linked (fs.protected_hardlinks).
      if (errno !== "EPERM" || staging.dir.stats(name)?.uid === BigInt(process.geteuid?.() ?? 0))
        throw thrown;
    }
    return this.#rename(name, folder, to);
  }

  /** For what has no hard links: folders, and files of other users. A folder replaces at most an empty folder. */
  #rename(name: string, folder: AnchoredDir, to: string): boolean {
    try {
      this.#transaction.staging.dir.rename(name, folder, to);
      return true;
    } catch (thrown) {
      if (!["ENOTEMPTY", "EEXIST", "ENOTDIR", "ENOENT"].includes(errnoOf(thrown) ?? "")) throw thrown;
      return false;
    }
  }

  #removeFolder(folder: OwnFolder, place: string): void {
    const { root } = this.#transaction;
    const parent = enterIfThere(root, folderOf(place));
    if (parent !== undefined && !folder.remove(parent, nameOf(place))) this.#isClean = false;
  }

  #makeFolder(place: string): void {
    const { root } = this.#transaction;
    const folder = enterIfThere(root, folderOf(place));
    if (folder !== undefined) tolerate(["EEXIST"], () => folder.mkdir(nameOf(place), OWNER_BITS));
    // Another process may have put something else there.
    if (enterIfThere(root, place) === undefined) this.#astray.add(place);
  }
}

/** The numbers of what earlier undos took, by the number of the staged file. */
function takenIn(names: Iterable<string>, files: number): Map<number, readonly number[]> {
  const taken = new Map<number, readonly number[]>();
  const numbers = [...names].flatMap((name) => (/^x\d+$/.test(name) ? [Number(name.slice(1))] : []));
  for (const number of numbers.sort((one, other) => one - other)) {
    const index = number % files;
    taken.set(index, [...(taken.get(index) ?? []), number]);
  }
  return taken;
}
