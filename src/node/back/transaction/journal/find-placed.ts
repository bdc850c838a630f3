/**
 * Which files of a journal are in their places. Changes nothing.
 *
 * @module
 */

import { itemAt } from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { isFileAt } from "../../../system/files/made-entry.ts";
import { machineReason } from "../../../system/runtime/machine-reason.ts";
import type { Journal } from "./journal.ts";
import { nameOf } from "./places.ts";
import { type Staging, stagedName } from "./staging.ts";

/** A staging folder in a root, with the names in it, and its journal. */
export interface Declared {
  readonly root: AnchoredRoot;
  readonly staging: Staging;
  readonly names: ReadonlySet<string>;
  readonly journal: Journal;
  readonly fs: FileSystem;
}

/** How many files a transaction has in their places, and of how many; of one that only takes away, those that it has left there. */
export function countPlaced(declared: Declared): { readonly placed: number; readonly files: number } {
  const { act, aside, put } = declared.journal;
  if (act !== "undo") return { placed: findPlaced(declared).length, files: put.length };
  const gone = [...declared.names].filter((name) => /^o\d+$/.test(name)).length;
  return { placed: aside.length - gone, files: aside.length };
}

/** The numbers of the files that are in their places: the same inode as the staged one. Throws bugs, and no system error. */
export function findPlaced(declared: Declared): readonly number[] {
  const { journal, names } = declared;
  const placed: number[] = [];
  for (let index = 0; index < journal.put.length; index++) {
    // A journal may name a million files without a staged name, which cost nothing.
    if (names.has(stagedName(index)) && isPlaced(index, declared)) placed.push(index);
  }
  return placed;
}

function isPlaced(index: number, { journal, root, staging }: Declared): boolean {
  const place = itemAt(journal.put, index);
  try {
    const staged = staging.dir.stats(stagedName(index));
    return staged !== undefined && isFileAt(root.holder(place), nameOf(place), staged);
  } catch (thrown) {
    // Without its folder, or with a closed folder, the file counts as missing.
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  }
}
