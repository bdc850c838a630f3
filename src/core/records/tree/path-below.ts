/**
 * Finds paths of a tree below what can have nothing below it (PROTOCOL 19).
 *
 * @module
 */

import { compareUtf8 } from "../../system/bytes/utf8.ts";
import type { TreePathReason } from "../../system/codes/tree-reasons.ts";
import type { TextViews } from "../../system/json/text-views.ts";
import { type ListedPath, mergePaths } from "./merge-paths.ts";
import type { OutputTree } from "./output-tree.ts";

/** A path, and the reason why it is unlawful. */
export interface UnlawfulPath {
  readonly path: string;
  readonly reason: TreePathReason;
}

/** The lists that are merged, by number. */
const LINKS = 0;
const EMPTY_FOLDERS = 1;
const LEFT_OUT = 2;

/**
 * Finds the first path below a file or a link. If there is none, finds the first empty folder with a file, a link or an empty folder
 * below it. No path may be in two lists, and no file below another.
 */
export function findPathBelow(tree: OutputTree, files: TextViews): UnlawfulPath | undefined {
  const { emptyFolders, leftOut, links } = tree;
  const ancestors = new Ancestors();
  let before = "";
  let notEmpty: string | undefined;
  let fileBelow: string | undefined;
  let file = 0;
  for (const entry of mergePaths([links.paths, emptyFolders, leftOut.paths])) {
    const { list, path } = entry;
    if (fileBelow !== undefined && compareUtf8(fileBelow, path) < 0) break;
    if (hasFileAbove(path, before, files)) return { path, reason: "below-a-file" };
    before = path;
    const above = ancestors.enter(entry);
    if (above?.list === LINKS) return { path, reason: "below-a-link" };
    if (list === LEFT_OUT) continue;
    if (above !== undefined) notEmpty ??= above.path;
    file = files.seek(path, file);
    const folder = `${path}/`;
    const below = files.seek(folder, file);
    if (!files.startsAt(below, folder)) continue;
    if (list === EMPTY_FOLDERS) notEmpty ??= path;
    else fileBelow = earlier(fileBelow, files.at(below));
  }
  if (fileBelow !== undefined) return { path: fileBelow, reason: "below-a-link" };
  return notEmpty === undefined ? undefined : { path: notEmpty, reason: "not-empty" };
}

/** The links and empty folders that could be above the next path. */
class Ancestors {
  /** Each is a prefix of the next. What was left out is not among them. */
  readonly #prefixes: ListedPath[] = [];

  /**
   * Enters a path after all paths before it. Gives the nearest link or empty folder above it. A farther one was given already, for
   * the nearest one itself.
   */
  enter(entry: ListedPath): ListedPath | undefined {
    let last = this.#prefixes.at(-1);
    while (last !== undefined && !entry.path.startsWith(last.path)) {
      this.#prefixes.pop();
      last = this.#prefixes.at(-1);
    }
    if (entry.list !== LEFT_OUT) this.#prefixes.push(entry);
    return last !== undefined && entry.path.charAt(last.path.length) === "/" ? last : undefined;
  }
}

function earlier(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return compareUtf8(left, right) < 0 ? left : right;
}

/** Whether a file is above a path. Folders that are above the path before it, too, are known not to be files. */
function hasFileAbove(path: string, before: string, files: TextViews): boolean {
  let shared = 0;
  while (shared < before.length && before.charCodeAt(shared) === path.charCodeAt(shared)) shared++;
  for (let slash = path.indexOf("/", shared); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    const folder = path.slice(0, slash);
    const file = files.at(files.lowerBound(folder));
    if (file === folder) return true;
    // No file is in the folder, so that no deeper folder can be a file.
    if (file?.startsWith(folder) !== true) return false;
  }
  return false;
}
