/**
 * Whether names can all stand side by side on every system: the short answer, for the many trees in which nothing collides.
 * What does collide, `name-collision.ts` tells, which keeps a few objects of each name.
 *
 * @module
 */

import { MAX_PATH_BYTES } from "../bytes/limits.ts";
import { lowerBound } from "../bytes/listing.ts";
import { foldName } from "./fold-name.ts";

/** Folders above one path, beyond which each is not kept by its whole path: a chain of them would be as long as its square. */
const MAX_FOLDERS_ABOVE = 64;

/** A folder on the way to a path. */
interface FolderAbove {
  /** Where the slash behind it stands. */
  readonly end: number;
  readonly folded: string;
  /** Whether it is spelled as it folds. */
  readonly isEven: boolean;
}

/**
 * Whether no two of the paths collide, none is there twice, and none is a folder of another. May say no of honest ones, where
 * they are not sorted, where a path is too long for any system or lies in very many folders, or where a name folds to
 * something with a slash in it.
 *
 * Paths that are their own folded form differ as they are spelled: only of the others is anything kept.
 */
export function areDistinctEverywhere(paths: readonly string[]): boolean {
  const others = new Set<string>();
  const folders = new Map<string, string>();
  const above: FolderAbove[] = [];
  let before = "";
  let folder = "";
  for (const path of paths) {
    if (path <= before || path.length > MAX_PATH_BYTES) return false;
    const start = path.lastIndexOf("/") + 1;
    if (start !== folder.length || !path.startsWith(folder)) {
      leaveFolders(above, sharedLength(before, path));
      folder = path.slice(0, start);
      if (!enterFolders(above, path, start, folders)) return false;
    }
    before = path;
    const folded = foldBelow(above.at(-1), path, start, path.length);
    if (folded === path) continue;
    if (others.has(folded)) return false;
    others.add(folded);
  }
  for (const folded of others) if (folders.has(folded) || isAmong(paths, folded)) return false;
  for (const folded of folders.keys()) if (isAmong(paths, folded)) return false;
  return true;
}

/** Leaves the folders of the path before that the next one doesn't share. */
function leaveFolders(above: FolderAbove[], shared: number): void {
  while ((above.at(-1)?.end ?? -1) >= shared) above.pop();
}

/** Enters those that are new, noted by their folded forms: each component is folded once. False where one has two spellings. */
function enterFolders(
  above: FolderAbove[],
  path: string,
  end: number,
  folders: Map<string, string>,
): boolean {
  for (let start = (above.at(-1)?.end ?? -1) + 1; start < end; ) {
    const slash = path.indexOf("/", start);
    const spelled = path.slice(0, slash);
    const folded = foldBelow(above.at(-1), path, start, slash);
    const known = folders.get(folded);
    if (above.length === MAX_FOLDERS_ABOVE || (known !== undefined && known !== spelled)) return false;
    folders.set(folded, spelled);
    above.push({ end: slash, folded, isEven: folded === spelled });
    start = slash + 1;
  }
  return true;
}

/** Printable ASCII without capitals, which ends with neither a dot nor a space: its own folded form. */
const EVEN = /^[ -@[-~]*(?<![. ])$/;

/** The folded form of a path up to an end, of which `start` begins the last component and the folder is known. */
function foldBelow(folder: FolderAbove | undefined, path: string, start: number, end: number): string {
  const name = path.slice(start, end);
  const folded = EVEN.test(name) ? name : foldName(name);
  if (folder === undefined) return folded;
  // What is spelled as it folds shares its characters with the path.
  return folder.isEven && folded === name ? path.slice(0, end) : `${folder.folded}/${folded}`;
}

/** How many units two texts have in common at their beginnings. */
function sharedLength(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left.charCodeAt(length) === right.charCodeAt(length)) length++;
  return length;
}

/** Whether a text is one of many that are sorted. */
function isAmong(sorted: readonly string[], text: string): boolean {
  return sorted[lowerBound(sorted.length, (index) => (sorted[index] ?? "") < text)] === text;
}
