/**
 * Takes a transaction back that was not committed: what was put in place is removed, and what was set aside gets its name again.
 * Everything is decided by what is on the disk, and each step can be repeated, so a killed recovery is simply begun again.
 *
 * A name is never removed by itself: it is renamed into staging, looked at there, and given back if another process had put
 * something there meanwhile. Only on a full disk, where staging has no room for the name, it is looked at in its place and removed.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import { itemAt } from "../../../core/internal.ts";
import { type AnchoredDir, canAnchor } from "../../system/files/anchored-dir.ts";
import { isFileAt, isSame, OwnFolder } from "../../system/files/made-entry.ts";
import { attempt, machineReason, tolerate } from "../../system/runtime/machine-reason.ts";
import type { EndingTransaction } from "./ending-transaction.ts";
import { makeFoldersWritable, resetFileModes, syncReset } from "./folder-access.ts";
import { giveBack } from "./give-back.ts";
import { markAborted } from "./journal/drop-record.ts";
import type { Journal } from "./journal/journal.ts";
import { OWNER_BITS } from "./journal/journal-kinds.ts";
import { hasPlacedBytes } from "./journal/placed-bytes.ts";
import { folderOf, nameOf } from "./journal/places.ts";
import { enterIfThere } from "./journal/reach-folder.ts";
import { movedName, stagedName, takenName } from "./journal/staging.ts";
import { AstrayFiles, type TransactionEnd } from "./journal/transaction-end.ts";

/**
 * Takes everything back and marks it. `names` are those in staging. Gives the end of the transaction if something is not in its place:
 * then nothing is marked, and everything that was set aside stays in staging. Throws what the system says.
 */
export function takeBack(
  ending: EndingTransaction,
  journal: Journal,
  names: ReadonlySet<string>,
): TransactionEnd | undefined {
  const back = new WayBack(ending, journal, names);
  makeFoldersWritable(ending, journal);
  back.takePutsAway();
  // Folders are taken out and made only after everything was set aside: before that, a missing folder was moved by another process.
  if (back.isAllAside) back.bringFoldersBack();
  back.nameAsideAgain();
  const { failed } = back;
  if (failed !== undefined) return failed;
  resetFileModes(ending, journal);
  syncReset(ending, journal);
  // [put-back-aside] A rename out of a folder is durable once both folders are: before the marker says that nothing is left.
  ending.staging.sync();
  markAborted(ending.staging);
  return undefined;
}

class WayBack {
  readonly #ending: EndingTransaction;
  readonly #journal: Journal;
  readonly #names: ReadonlySet<string>;
  /** By the number of the staged file: the numbers of what was taken from its place, ascending. */
  readonly #taken: Map<number, readonly number[]>;
  readonly #astray = new AstrayFiles();
  #isClean = true;

  constructor(ending: EndingTransaction, journal: Journal, names: ReadonlySet<string>) {
    this.#ending = ending;
    this.#journal = journal;
    this.#names = names;
    this.#taken = takenIn(names, journal.put.length);
  }

  /** Whether everything that was to be set aside is in staging. */
  get isAllAside(): boolean {
    const { aside } = this.#journal;
    for (let index = 0; index < aside.length; index++) {
      if (!this.#names.has(movedName(index))) return false;
    }
    return true;
  }

  /** A restore has just found what is wrong with a file that it put in place. A recovery may come long after the kill. */
  get #isFresh(): boolean {
    return this.#journal.act === "restore" && this.#ending.made !== undefined;
  }

  /** The end of the transaction if something is not in its place. */
  get failed(): TransactionEnd | undefined {
    return this.#astray.end(this.#isClean);
  }

  /** Takes away what was put in place, from the last on. */
  takePutsAway(): void {
    const { put } = this.#journal;
    for (let index = put.length - 1; index >= 0; index--) {
      this.#try(() => this.#takeAway(itemAt(put, index), index));
    }
  }

  /** Removes the folders that were made, and makes those that were taken out. */
  bringFoldersBack(): void {
    const { made, root } = this.#ending;
    for (const [index, place] of Array.from(this.#journal.mkdir.entries()).reverse()) {
      const folder = made === undefined ? OwnFolder.ofEarlierProcess() : made[index];
      // Windows keeps the name of a folder until it is closed.
      if (!canAnchor()) root.closeFolders();
      // A file that was moved away may come back.
      if (folder === undefined || this.#astray.isMovedFrom(place)) continue;
      this.#try(() => this.#removeFolder(folder, place));
    }
    // Folders that are open may have been removed.
    root.closeFolders();
    for (const { place } of this.#journal.rmdir.toReversed()) this.#try(() => this.#makeFolder(place));
  }

  /** Gives what was set aside its name again. */
  nameAsideAgain(): void {
    const { aside } = this.#journal;
    for (let index = 0; index < aside.length; index++) {
      if (!this.#names.has(movedName(index))) continue;
      this.#try(() => this.#giveBack(movedName(index), itemAt(aside, index)));
    }
  }

  /** Goes on with the rest where the system refuses one step. */
  #try(step: () => void): void {
    if (!attempt(step)) this.#isClean = false;
  }

  #takeAway(place: string, index: number): void {
    const { fs, root, staging } = this.#ending;
    const staged = staging.dir.stats(stagedName(index));
    const isNamed = (): boolean => (staging.dir.stats(stagedName(index))?.nlink ?? 0n) > 1n;
    const isOurs = this.#isFresh || !isNamed() || hasPlacedBytes(staging, this.#journal, index, fs);
    // An earlier recovery was killed while it looked.
    for (const number of this.#taken.get(index) ?? [])
      this.#judgeTaken(takenName(number), place, isOurs ? staged : undefined);
    if (staged === undefined || !isNamed()) return;
    const folder = enterIfThere(root, folderOf(place));
    const isThere = folder !== undefined && isFileAt(folder, nameOf(place), staged);
    if (!isOurs) {
      // Edited and moved, it is another process's file under its own name.
      if (isThere) this.#astray.addEdited(place);
      return;
    }
    if (isThere) {
      const name = this.#freeName(index);
      this.#takeOut(folder, nameOf(place), name, staged);
      this.#judgeTaken(name, place, staged);
    }
    // It was moved elsewhere, or its folder was.
    if (isNamed()) this.#astray.addMoved(place, stagedName(index));
  }

  /** Takes whatever has a name by now into staging: a file that another process saved there must not be lost. */
  #takeOut(folder: AnchoredDir, from: string, to: string, staged: BigIntStats): void {
    try {
      tolerate(["ENOENT"], () => folder.rename(from, this.#ending.staging.dir, to));
    } catch (thrown) {
      if (machineReason(thrown) !== "no-space") throw thrown;
      // On a full disk staging may have no room for one more name. To remove a name takes no room.
      const found = folder.stats(from);
      if (found !== undefined && isAsSeen(found, staged)) folder.unlink(from);
    }
  }

  /** A name in staging that is free: rename(2) would replace what an earlier recovery took from the place. */
  #freeName(index: number): string {
    const taken = this.#taken.get(index) ?? [];
    const last = taken.at(-1);
    const number = last === undefined ? index : last + this.#journal.put.length;
    this.#taken.set(index, [...taken, number]);
    return takenName(number);
  }

  /** Drops what was taken from a place if it is the staged file as it was looked at, else gives it its name back. */
  #judgeTaken(name: string, place: string, staged: BigIntStats | undefined): void {
    const { staging } = this.#ending;
    const found = staging.dir.stats(name);
    if (found === undefined) return;
    if (staged !== undefined && isAsSeen(found, staged)) staging.unlink(name);
    else this.#giveBack(name, place);
  }

  #giveBack(name: string, place: string): void {
    const given = giveBack(this.#ending, name, place);
    if (given === "occupied") this.#astray.addOccupied(place);
    if (given === "no-folder") this.#astray.addWithoutFolder(place);
  }

  #removeFolder(folder: OwnFolder, place: string): void {
    const { root } = this.#ending;
    const parent = enterIfThere(root, folderOf(place));
    if (parent !== undefined && !folder.remove(parent, nameOf(place))) this.#isClean = false;
  }

  #makeFolder(place: string): void {
    const { root } = this.#ending;
    const folder = enterIfThere(root, folderOf(place));
    if (folder === undefined) {
      this.#astray.addWithoutFolder(place);
      return;
    }
    tolerate(["EEXIST"], () => folder.mkdir(nameOf(place), OWNER_BITS));
    // Another process may have put something else there.
    if (enterIfThere(root, place) === undefined) this.#astray.addOccupied(place);
  }
}

/** Whether something is the staged file, and was not written to since that was looked at. */
function isAsSeen(found: BigIntStats, staged: BigIntStats): boolean {
  return isSame(found, staged) && found.mtimeNs === staged.mtimeNs;
}

/** The numbers of what earlier recoveries took, by the number of the staged file. */
function takenIn(names: Iterable<string>, files: number): Map<number, readonly number[]> {
  const taken = new Map<number, readonly number[]>();
  const numbers: number[] = [];
  // No copy of all names: staging may hold a million.
  for (const name of names) if (/^x\d+$/.test(name)) numbers.push(Number(name.slice(1)));
  for (const number of numbers.sort((one, other) => one - other)) {
    const index = number % files;
    taken.set(index, [...(taken.get(index) ?? []), number]);
  }
  return taken;
}
