/**
 * Where the files of a restore will really stand, decided just before the first of them is put there: links
 * in the root that stay inside are followed now, and never again (PROTOCOL 13.3, step 5).
 *
 * @module
 */

import { itemAt, type Listing } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../files/anchored-root.ts";
import { isChainManifest, isLawful } from "./journal.ts";

/** Folders as paths name them, and where they really are: only those that are elsewhere, through a link. */
export type MovedFolders = ReadonlyMap<string, string>;

/** Real places below a root, without links on the way. */
export interface Places {
  /** What tells the places of the paths, by `placeOf`. */
  readonly moved: MovedFolders;
  /** Folders that have to be made, those above before those below. */
  readonly folders: readonly string[];
}

/** A path for which there is no place: something on the way is no folder, or leads out, or goes back up. */
export interface NoPlace {
  readonly path: string;
}

/** Finds a place for each path; nothing is made. Throws what the system says. */
export function findPlaces(root: AnchoredRoot, paths: Iterable<string>): Places | NoPlace {
  const folders = new Set<string>();
  const known = new Set<string>();
  const moved = new Map<string, string>();
  for (const path of paths) {
    const folder = folderOf(path);
    if (!known.has(folder)) {
      const found = findFolder(root, path);
      if (found === undefined) return { path };
      for (const missing of found.missing) folders.add(missing);
      if (found.real !== folder) moved.set(folder, found.real);
      known.add(folder);
    }
    const place = placeOf(path, moved);
    if (!isLawful(place) && !isChainManifest(place)) return { path };
  }
  return { moved, folders: [...folders] };
}

/** Where a path's file really stands. */
export function placeOf(path: string, moved: MovedFolders): string {
  // Mostly no link was followed at all.
  const real = moved.size === 0 ? undefined : moved.get(folderOf(path));
  return real === undefined ? path : below(real, nameOf(path));
}

/** The folder of a path: where it really is, and what of it has to be made. */
function findFolder(
  root: AnchoredRoot,
  path: string,
): { readonly real: string; readonly missing: readonly string[] } | undefined {
  const location = root.locate(path);
  if (location.kind === "entry") return { real: folderOf(location.real), missing: [] };
  if (location.kind !== "missing") return undefined;
  // Through a folder that isn't there nobody can go back up, not even on paper.
  if (location.ahead.some((component) => component === ".." || component === ".")) return undefined;
  const missing = [location.real];
  let real = location.real;
  for (const component of location.ahead.slice(0, -1)) {
    real = below(real, component);
    missing.push(real);
  }
  return { real, missing };
}

/** The folder that holds a real place, empty for the root itself. */
export function folderOf(real: string): string {
  return real.slice(0, Math.max(0, real.lastIndexOf("/")));
}

/** The folders that hold some places, each once. */
export function foldersOf(places: Listing<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (let index = 0; index < places.length; index++) folders.add(folderOf(itemAt(places, index)));
  return folders;
}

/** The last component of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The components of a real place, none for the root itself. */
export function components(real: string): readonly string[] {
  return real === "" ? [] : real.split("/");
}

/** The path of a name in a folder, which is empty for the root itself. */
export function below(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
