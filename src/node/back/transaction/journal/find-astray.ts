/**
 * Foretells what a rollback could not take back. Changes nothing.
 *
 * @module
 */

import { itemAt } from "../../../../core/internal.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { isFileAt } from "../../../system/files/made-entry.ts";
import { unlessRefused } from "../../../system/runtime/machine-reason.ts";
import { type Declared, findPlaced } from "./find-placed.ts";
import { hasPlacedBytes } from "./placed-bytes.ts";
import { folderOf, nameOf } from "./places.ts";
import { enterIfThere } from "./reach-folder.ts";
import { movedName, stagedName } from "./staging.ts";
import { AstrayFiles, type TransactionEnd } from "./transaction-end.ts";

/** The end of a rollback for which something would be astray; `undefined` if nothing would. Throws bugs, and no system error. */
export function findAstray(declared: Declared): TransactionEnd | undefined {
  const outlook = new Outlook(declared);
  outlook.lookAtPuts();
  outlook.lookAtFolders();
  outlook.lookAtAside();
  return outlook.astray.end(true);
}

class Outlook {
  readonly astray: AstrayFiles = new AstrayFiles();
  readonly #declared: Declared;
  /** Places of files that would be taken away. */
  readonly #leaving = new Set<string>();
  /** Folders that would be removed if nothing else is in them. */
  readonly #made: ReadonlySet<string>;
  /** Folders that would be made again. */
  readonly #remade = new Set<string>();
  readonly #isAllAside: boolean;
  /** What earlier recoveries took from places, by its names in staging. */
  readonly #taken: readonly string[];

  constructor(declared: Declared) {
    const { journal, names } = declared;
    this.#declared = declared;
    this.#taken = [...names].filter((name) => /^x\d+$/.test(name));
    let isAllAside = true;
    for (let index = 0; isAllAside && index < journal.aside.length; index++)
      isAllAside = names.has(movedName(index));
    this.#isAllAside = isAllAside;
    this.#made = new Set(isAllAside ? journal.mkdir : []);
  }

  lookAtPuts(): void {
    const { journal, names } = this.#declared;
    const placed = new Set(findPlaced(this.#declared));
    for (let index = 0; index < journal.put.length; index++) {
      if (names.has(stagedName(index))) unlessRefused(() => this.#lookAtPut(index, placed.has(index)));
    }
  }

  #lookAtPut(index: number, isPlaced: boolean): void {
    const { fs, journal, staging } = this.#declared;
    const place = itemAt(journal.put, index);
    const staged = staging.dir.stats(stagedName(index));
    if (staged === undefined || staged.nlink <= 1n) return;
    if (!hasPlacedBytes(staging, journal, index, fs)) {
      if (isPlaced) this.astray.addEdited(place);
      return;
    }
    if (isPlaced) this.#leaving.add(place);
    // What an earlier recovery took from the place has no other name than that in staging.
    const taken = this.#taken.filter((name) => isFileAt(staging.dir, name, staged)).length;
    const known = 1 + taken + (isPlaced ? 1 : 0);
    if (staged.nlink > BigInt(known)) this.astray.addMoved(place, stagedName(index));
  }

  lookAtFolders(): void {
    if (!this.#isAllAside) return;
    for (const { place } of this.#declared.journal.rmdir.toReversed()) {
      unlessRefused(() => {
        if (enterIfThere(this.#declared.root, place) !== undefined) return;
        const found = this.#look(place);
        if (found === "free") this.#remade.add(place);
        else this.#addInTheWay(place, found);
      });
    }
  }

  lookAtAside(): void {
    const { journal, names, staging } = this.#declared;
    for (let index = 0; index < journal.aside.length; index++) {
      const name = movedName(index);
      if (!names.has(name)) continue;
      const place = itemAt(journal.aside, index);
      unlessRefused(() => {
        const held = staging.dir.stats(name);
        const folder = enterIfThere(this.#declared.root, folderOf(place));
        const isBack = held && folder && isFileAt(folder, nameOf(place), held);
        if (held !== undefined && isBack !== true) this.#addInTheWay(place, this.#look(place));
      });
    }
  }

  #addInTheWay(place: string, found: "free" | "no-folder" | "occupied"): void {
    if (found === "occupied") this.astray.addOccupied(place);
    if (found === "no-folder") this.astray.addWithoutFolder(place);
  }

  /** What a place would be when the files that were put in place are taken away and the folders are as they were. */
  #look(place: string): "free" | "no-folder" | "occupied" {
    const above = folderOf(place);
    if (this.#remade.has(above)) return "free";
    const folder = enterIfThere(this.#declared.root, above);
    if (folder === undefined) return "no-folder";
    return !folder.has(nameOf(place)) || this.#goes(folder, place) ? "free" : "occupied";
  }

  #goes(folder: AnchoredDir, place: string): boolean {
    if (this.#leaving.has(place)) return true;
    if (!this.#made.has(place) || folder.lstat(nameOf(place))?.isDirectory() !== true) return false;
    const within = enterIfThere(this.#declared.root, place);
    return within?.names().every((name) => this.#goes(within, `${place}/${name}`)) === true;
  }
}
