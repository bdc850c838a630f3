/**
 * The real places of the files of a restore, decided just before the first of them is put there: links in the
 * root that stay inside are followed now, and never again (PROTOCOL 13.3, step 5).
 *
 * @module
 */

import { itemAt, type Listing } from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { isChainManifest, isLawful } from "./lawful-places.ts";

/** Folders as paths name them, and their real paths: only those that are behind a link. */
export type MovedFolders = ReadonlyMap<string, string>;

/** Real places below a root, without links on the way. */
export interface Places {
  /** For `placeOf`. */
  readonly moved: MovedFolders;
  /** Folders that have to be made, parents first. */
  readonly folders: readonly string[];
}

/** A path without a place: something on the way is not a folder, leads out, or goes back up. */
export interface NoPlace {
  readonly path: string;
}

/** Any name in an empty folder: the folder is found by the way to it. */
const ENTRY = "entry";

/**
 * Finds a place for each path, and for empty folders; nothing is made. `followsLinks` says for which paths links on the way are
 * followed. Throws what the system says.
 */
export function findPlaces(
  root: AnchoredRoot,
  paths: Iterable<string>,
  followsLinks: (path: string) => boolean,
  emptyFolders: Iterable<string>,
): Places | NoPlace {
  const folders = new Set<string>();
  const known = new Set<string>();
  const moved = new Map<string, string>();
  for (const path of paths) {
    const folder = folderOf(path);
    if (!known.has(folder)) {
      const found = findFolder(root, path);
      if (found !== undefined && !followsLinks(path) && found.real !== folder) return { path };
      if (found === undefined) return { path };
      for (const missing of found.missing) folders.add(missing);
      if (found.real !== folder) moved.set(folder, found.real);
      known.add(folder);
    }
    const place = placeOf(path, moved);
    if (!isLawful(place) && !isChainManifest(place)) return { path };
  }
  for (const path of emptyFolders) {
    const found = findFolder(root, below(path, ENTRY));
    // Only bundles with a tree have empty folders: no link is followed.
    if (found === undefined || found.real !== path) return { path };
    for (const missing of found.missing) folders.add(missing);
  }
  return { moved, folders: [...folders] };
}

/** A folder's real path, and the folders that have to be made. */
interface FoundFolder {
  readonly real: string;
  readonly missing: readonly string[];
}

/** The real place of a path's file. */
export function placeOf(path: string, moved: MovedFolders): string {
  // The common case: no link was followed.
  const real = moved.size === 0 ? undefined : moved.get(folderOf(path));
  return real === undefined ? path : below(real, nameOf(path));
}

function findFolder(root: AnchoredRoot, path: string): FoundFolder | undefined {
  const location = root.locate(path);
  if (location.kind === "entry") return { real: folderOf(location.real), missing: [] };
  if (location.kind !== "missing") return undefined;
  // A path can't go back up through a missing folder.
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

/** The folders of some places, each once. */
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
