/**
 * What a recovery would remove and keep, for a user who is asked to believe a journal (PROTOCOL 11.1). Changes nothing.
 *
 * @module
 */

import { itemAt } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../files/anchored-dir.ts";
import type { AnchoredRoot } from "../../files/anchored-root.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { isSame } from "../../files/own-entry.ts";
import { machineReason } from "../../runtime/machine-reason.ts";
import type { Journal } from "./journal.ts";
import { components, folderOf, nameOf } from "./places.ts";
import { STAGED, type Staging, stagedName } from "./staging.ts";

/** What would be removed and kept, besides the staging folder, which is removed. Real paths below the root. */
export interface Outlook {
  readonly removes: readonly string[];
  /** Existing files that the journal names and that stay: another file, or one of a restore that was committed. */
  readonly keeps: readonly string[];
  /** Folders that are removed only if they are empty then. */
  readonly removesIfEmpty: readonly string[];
}

/** A staging folder in a root, with the names in it, and its journal. */
export interface Declared {
  readonly root: AnchoredRoot;
  readonly staging: Staging;
  readonly names: ReadonlySet<string>;
  readonly journal: Journal;
  readonly fs: FileSystem;
}

/** Predicts the end of a restore into a root, or of an undo. Throws what the system says. */
export function predictEnd(declared: Declared): Outlook {
  const { journal, names } = declared;
  const removes: string[] = [];
  const keeps: string[] = [];
  const isCommitted = names.has(STAGED.committed);
  if (!isCommitted && names.has(STAGED.aborted)) {
    return { removes, keeps, removesIfEmpty: journal.folders };
  }
  for (const { index, place, standing } of placesOf(declared)) {
    if (standing === "nothing") continue;
    const goes = standing === "staged" && (!isCommitted || index < journal.passing);
    (goes ? removes : keeps).push(place);
  }
  return { removes, keeps, removesIfEmpty: isCommitted ? [] : journal.folders };
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
