/**
 * Whether names can all stand side by side on every system: the short answer, for the many trees in which nothing collides.
 * What does collide, `name-collision.ts` tells, which keeps several times as much of each name.
 *
 * @module
 */

import { foldName } from "./fold-name.ts";
import { MAX_PATH_BYTES } from "./limits.ts";

/**
 * Whether no two of the paths collide, none is there twice, and none is a folder of another. May say no of honest ones, where
 * a path is too long for any system or a name folds to something with a slash in it.
 */
export function areDistinctEverywhere(paths: Iterable<string>): boolean {
  const files = new Set<string>();
  const folders = new Map<string, string>();
  let before = "";
  for (const path of paths) {
    if (path.length > MAX_PATH_BYTES) return false;
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    if (folder !== before && !enterFolders(folder)) return false;
    before = folder;
    const folded = foldPath(path);
    if (files.has(folded) || folders.has(folded)) return false;
    files.add(folded);
  }
  return true;

  /** Notes a folder, given with a slash behind it, and those above it. */
  function enterFolders(folder: string): boolean {
    for (let slash = folder.indexOf("/"); slash >= 0; slash = folder.indexOf("/", slash + 1)) {
      const path = folder.slice(0, slash);
      const folded = foldPath(path);
      const known = folders.get(folded);
      if (known === undefined ? files.has(folded) : known !== path) return false;
      folders.set(folded, path);
    }
    return true;
  }
}

/** Printable ASCII, with no component that ends with a dot or a space. */
const EVEN = /^(?:(?![. ](?:\/|$))[ -~])*$/;

/** Folds each component. A path of which nothing is to be folded is itself, so that no copy is kept. */
function foldPath(path: string): string {
  return EVEN.test(path) ? path.toLowerCase() : path.split("/").map(foldName).join("/");
}
