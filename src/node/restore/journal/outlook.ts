/**
 * What a recovery would remove and keep, for a user who is asked to believe a journal (PROTOCOL 11.1). Changes nothing.
 *
 * @module
 */

import { compareUtf8, itemAt } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../files/anchored-dir.ts";
import type { AnchoredRoot } from "../../files/anchored-root.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { isSame } from "../../files/own-entry.ts";
import { machineReason } from "../../runtime/machine-reason.ts";
import type { Journal } from "./journal.ts";
import { components, folderOf, nameOf } from "./places.ts";
import { enter } from "./reach-folder.ts";
import type { RevertRecord } from "./revert-record.ts";
import { movedName, STAGED, type Staging, stagedName } from "./staging.ts";

/** What would be removed and kept, besides the staging folder, which is removed. Real paths below the root. */
export interface Outlook {
  readonly removes: readonly string[];
  /** Existing files that the journal names and that stay: another file, or one of a restore that was committed. */
  readonly keeps: readonly string[];
  /** Folders that are removed only if they are empty then. */
  readonly removesIfEmpty: readonly string[];
  /** Of a revert: what was moved aside and comes back, and folders that are made again. */
  readonly putsBack: readonly string[];
}

/** A staging folder in a root, with the names in it, and its journal. */
export interface Declared {
  readonly root: AnchoredRoot;
  readonly staging: Staging;
  readonly names: ReadonlySet<string>;
  readonly journal: Journal;
  readonly fs: FileSystem;
}

/** Predicts the end of a restore into a root, of an undo, or of a revert. Throws what the system says. */
export function predictEnd(declared: Declared): Outlook {
  const { journal, names } = declared;
  const removes: string[] = [];
  const keeps: string[] = [];
  const isCommitted = names.has(STAGED.committed);
  if (!isCommitted && names.has(STAGED.aborted)) {
    // A revert has no folder left once it is marked.
    const removesIfEmpty = journal.revert === undefined ? journal.folders : [];
    return { removes, keeps, removesIfEmpty, putsBack: [] };
  }
  for (const { index, place, standing } of placesOf(declared)) {
    if (standing === "nothing") continue;
    const goes = standing === "staged" && (!isCommitted || index < journal.passing);
    (goes ? removes : keeps).push(place);
  }
  if (isCommitted) return { removes, keeps, removesIfEmpty: [], putsBack: [] };
  if (journal.revert === undefined) return { removes, keeps, removesIfEmpty: journal.folders, putsBack: [] };
  return { removes, keeps, ...predictUndo(declared, journal.revert) };
}

/** What of a revert comes back. Folders were taken out and made only after everything was moved aside. */
function predictUndo(
  { journal, names, root }: Declared,
  { gone, moves }: RevertRecord,
): Pick<Outlook, "putsBack" | "removesIfEmpty"> {
  const aside: string[] = [];
  for (let index = 0; index < moves.length; index++) {
    if (names.has(movedName(index))) aside.push(itemAt(moves, index));
  }
  if (aside.length < moves.length) return { removesIfEmpty: [], putsBack: aside };
  const missing = gone.filter(({ place }) => !isFolder(root, place)).map(({ place }) => place);
  return { removesIfEmpty: journal.folders, putsBack: [...aside, ...missing].sort(compareUtf8) };
}

function isFolder(root: AnchoredRoot, place: string): boolean {
  const entered = enter(root, place);
  return entered !== "gone" && entered !== "unreachable";
}

/** How many files are in their places: the same inode as the staged one. Throws bugs, and no system error. */
export function countPlaced(declared: Declared): number {
  let placed = 0;
  for (const { standing } of placesOf(declared)) if (standing === "staged") placed++;
  return placed;
}

interface Place {
  readonly index: number;
  readonly place: string;
  readonly standing: "staged" | "other" | "nothing";
}

/** The places of the files that still have a staged name. A journal may name a million others, which cost nothing. */
function* placesOf({ fs, journal, names, root, staging }: Declared): Generator<Place> {
  for (let index = 0; index < journal.files.length; index++) {
    if (!names.has(stagedName(index))) continue;
    const place = itemAt(journal.files, index);
    yield { index, place, standing: standingOf(place, index, { fs, root, staging }) };
  }
}

function standingOf(
  place: string,
  index: number,
  { fs, root, staging }: Pick<Declared, "fs" | "root" | "staging">,
): Place["standing"] {
  try {
    const staged = staging.stats(stagedName(index));
    const folder: AnchoredDir = root.folder(components(folderOf(place)));
    const found = fs.lstatSync(folder.address(nameOf(place)), { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return "nothing";
    return staged !== undefined && isSame(found, staged) ? "staged" : "other";
  } catch (thrown) {
    // Without its folder, or with a closed folder, the file counts as missing.
    if (machineReason(thrown) === undefined) throw thrown;
    return "nothing";
  }
}
