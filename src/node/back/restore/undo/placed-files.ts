/**
 * Restored files at their real places. Neither the files nor their places are held one by one: of a million of them that would
 * take hundreds of megabytes.
 *
 * @module
 */

import { itemAt, type Listing, makeListing, type RestoredFile } from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { below, folderOf, type MovedFolders, placeOf } from "../../transaction/journal/places.ts";

/** One file that was restored. */
export interface PlacedFile extends RestoredFile {
  /** Relative to the folder that was restored into. */
  readonly path: string;
  /** Its real path: links on the way are followed as the restore followed them. */
  readonly place: string;
}

/** Gives the files of a run their places. `folder` is that of the run, empty for a bundle outside a chain. */
export function placeFiles(
  files: Listing<RestoredFile>,
  folder: string,
  moved: MovedFolders,
): Listing<PlacedFile> {
  return makeListing(files.length, (index) => {
    const { bytes, digest, path: own } = itemAt(files, index);
    const path = below(folder, own);
    return { path, digest, bytes, place: placeOf(path, moved) };
  });
}

/** Bytes of all files together. */
export function bytesOf(files: Listing<RestoredFile>): number {
  let bytes = 0;
  for (let index = 0; index < files.length; index++) bytes += itemAt(files, index).bytes;
  return bytes;
}

/** The real places of the folders of files that are behind a link. Throws what the system says. */
export function findMoved(root: AnchoredRoot, files: Listing<RestoredFile>, folder: string): MovedFolders {
  const moved = new Map<string, string>();
  let before: string | undefined;
  for (let index = 0; index < files.length; index++) {
    const path = below(folder, itemAt(files, index).path);
    const parent = folderOf(path);
    if (parent === before) continue;
    before = parent;
    const location = root.locate(path);
    // If a folder was removed, only the path is known.
    const real = location.kind === "entry" ? folderOf(location.real) : parent;
    if (real !== parent) moved.set(parent, real);
  }
  return moved;
}
