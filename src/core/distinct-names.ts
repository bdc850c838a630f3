/**
 * Whether names can all stand side by side on every system: the short answer, for the many trees in which nothing collides.
 * What does collide, `name-collision.ts` tells, which keeps a few objects of each name.
 *
 * @module
 */

import { foldName } from "./fold-name.ts";
import { MAX_PATH_BYTES } from "./limits.ts";

/**
 * Whether no two of the paths collide, none is there twice, and none is a folder of another. May say no of honest ones, where
 * they are not sorted, where a path is too long for any system, or where a name folds to something with a slash in it.
 *
 * Paths that are their own folded form differ as they are spelled: only of the others is anything kept.
 */
export function areDistinctEverywhere(paths: readonly string[]): boolean {
  const others = new Set<string>();
  const folders = new Map<string, string>();
  let before = "";
  let folder = "";
  for (const path of paths) {
    if (path <= before || path.length > MAX_PATH_BYTES) return false;
    before = path;
    const end = path.lastIndexOf("/") + 1;
    if (end !== folder.length || !path.startsWith(folder)) {
      folder = path.slice(0, end);
      if (!enterFolders(folders, folder)) return false;
    }
    const folded = foldPath(path);
    if (folded === path) continue;
    if (others.has(folded)) return false;
    others.add(folded);
  }
  for (const folded of others) if (folders.has(folded) || isAmong(paths, folded)) return false;
  for (const folded of folders.keys()) if (isAmong(paths, folded)) return false;
  return true;
}

/** Notes a folder, given with a slash behind it, and those above it, by their folded forms; false where one has two spellings. */
function enterFolders(folders: Map<string, string>, folder: string): boolean {
  for (let slash = folder.indexOf("/"); slash >= 0; slash = folder.indexOf("/", slash + 1)) {
    const path = folder.slice(0, slash);
    const folded = foldPath(path);
    const known = folders.get(folded);
    if (known !== undefined && known !== path) return false;
    folders.set(folded, path);
  }
  return true;
}

/** Printable ASCII without capitals, of which no component ends with a dot or a space. */
const EVEN = /^(?:(?![. ](?:\/|$))[ -@[-~])*$/;

function foldPath(path: string): string {
  return EVEN.test(path) ? path : path.split("/").map(foldName).join("/");
}

/** Whether a text is one of many that are sorted. */
function isAmong(sorted: readonly string[], text: string): boolean {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? "") < text) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === text;
}
