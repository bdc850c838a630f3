/**
 * The law of trees: which trees a file system can hold (PROTOCOL 19). Links may lead anywhere: `link-judge.ts` judges them.
 *
 * Walks over the sorted lists of the tree and searches the files, without a set of paths. So a tree without links and modes costs
 * nothing, however many files there are. Within a rule, the first path in byte order is named; `path` and `order` look at one
 * list after the other.
 *
 * @module
 */

import { DEFAULT_LIMITS } from "../../system/bytes/limits.ts";
import { compareUtf8, isWellFormed, utf8Length } from "../../system/bytes/utf8.ts";
import { type Rejection, reject } from "../../system/codes/verdict.ts";
import type { TextViews } from "../../system/json/text-views.ts";
import { type PathRules, parseOutputPath } from "../../system/paths/output-path.ts";
import { type ListedPath, mergePaths, withSlash } from "./merge-paths.ts";
import type { ModePaths, OutputTree } from "./output-tree.ts";
import { findPathBelow, type UnlawfulPath } from "./path-below.ts";

/** Bytes of a link's target. PATH_MAX on Linux, less the NUL. */
const MAX_TARGET_BYTES = 4095;

/** The root, as a starting point of a seal. */
const ROOT = ".";

/** What the law depends on beside the tree. */
export interface TreeLawContext {
  /** The paths of OUTPUT_HASHES.json in byte order. They must obey the law of paths: none is below another. */
  readonly files: TextViews;
  readonly rules: PathRules;
  /** How many entries there may be, with the files; default: the limit of PROTOCOL 15. */
  readonly maxEntries?: number | undefined;
}

/** Checks a tree. Fails with TREE_UNLAWFUL, a reason, and the path except for `too-many`. */
export function checkTree(tree: OutputTree, context: TreeLawContext): Rejection<"TREE_UNLAWFUL"> | undefined {
  const { files, maxEntries = DEFAULT_LIMITS.entries } = context;
  const { emptyFolders, leftOut, links } = tree;
  const breach =
    findPathBreach(tree, context.rules) ??
    findDisorder(tree) ??
    findTwice(tree, files) ??
    findUnknownFile(tree, files) ??
    findUnknownFolder(tree, files) ??
    findPathBelow(tree, files) ??
    findTargetBreach(tree);
  if (breach !== undefined) return reject("tree", "TREE_UNLAWFUL", breach);
  const entries = files.length + links.paths.length + emptyFolders.length + leftOut.paths.length;
  return entries > maxEntries ? reject("tree", "TREE_UNLAWFUL", { reason: "too-many" }) : undefined;
}

/** The lists of a tree, in the order of the law. */
function listsOf({
  emptyFolders,
  folderModes,
  leftOut,
  links,
  modes,
  scope,
}: OutputTree): readonly TextViews[] {
  return [links.paths, emptyFolders, ...pathsOf(modes), ...pathsOf(folderModes), leftOut.paths, scope];
}

function pathsOf(modes: readonly ModePaths[]): readonly TextViews[] {
  return modes.map(({ paths }) => paths);
}

function findPathBreach(tree: OutputTree, rules: PathRules): UnlawfulPath | undefined {
  for (const list of listsOf(tree)) {
    for (const path of list) {
      const isRoot = list === tree.scope && path === ROOT;
      if (!isRoot && !parseOutputPath(path, rules).ok) return { path, reason: "path" };
    }
  }
  return undefined;
}

function findDisorder(tree: OutputTree): UnlawfulPath | undefined {
  for (const list of listsOf(tree)) {
    let before = "";
    for (const path of list) {
      if (compareUtf8(before, path) > 0) return { path, reason: "order" };
      before = path;
    }
  }
  return undefined;
}

/** A path may have one kind and one mode. What was left out is not in any other list but the scope. */
function findTwice(tree: OutputTree, files: TextViews): UnlawfulPath | undefined {
  const { emptyFolders, folderModes, leftOut, links, modes, scope } = tree;
  return (
    findEqual([links.paths, emptyFolders, leftOut.paths], files) ??
    findEqual([...pathsOf(modes), leftOut.paths]) ??
    findEqual([...pathsOf(folderModes), leftOut.paths]) ??
    findEqual([scope])
  );
}

function findEqual(lists: readonly TextViews[], files?: TextViews): UnlawfulPath | undefined {
  let before: string | undefined;
  let file = 0;
  for (const { path } of mergePaths(lists)) {
    if (path === before) return { path, reason: "twice" };
    before = path;
    if (files === undefined) continue;
    file = files.seek(path, file);
    if (files.isAt(file, path)) return { path, reason: "twice" };
  }
  return undefined;
}

function findUnknownFile({ modes }: OutputTree, files: TextViews): UnlawfulPath | undefined {
  let file = 0;
  for (const { path } of mergePaths(pathsOf(modes))) {
    file = files.seek(path, file);
    if (!files.isAt(file, path)) return { path, reason: "unknown-file" };
  }
  return undefined;
}

/** A folder is known if it is empty, or if a file, a link or an empty folder is below it. */
function findUnknownFolder(tree: OutputTree, files: TextViews): UnlawfulPath | undefined {
  const { emptyFolders, folderModes, links } = tree;
  const others = mergePaths([links.paths, withSlash(emptyFolders)]);
  let other = others.next().value?.path;
  let file = 0;
  let first: string | undefined;
  for (const folder of withSlash(textsOf(mergePaths(pathsOf(folderModes))))) {
    file = files.seek(folder, file);
    while (other !== undefined && compareUtf8(other, folder) < 0) other = others.next().value?.path;
    if (other?.startsWith(folder) === true || files.startsAt(file, folder)) continue;
    const path = folder.slice(0, -1);
    if (first === undefined || compareUtf8(path, first) < 0) first = path;
  }
  return first === undefined ? undefined : { path: first, reason: "unknown-folder" };
}

function* textsOf(listed: Iterable<ListedPath>): Generator<string, undefined> {
  for (const { path } of listed) yield path;
  return undefined;
}

function findTargetBreach({ links: { paths, values } }: OutputTree): UnlawfulPath | undefined {
  for (let index = 0; index < paths.length; index++) {
    if (!isTarget(values.at(index) ?? "")) return { path: paths.at(index) ?? "", reason: "target" };
  }
  return undefined;
}

/** Whether a link can have this target. */
export function isTarget(target: string): boolean {
  return (
    target !== "" && !target.includes("\0") && isWellFormed(target) && utf8Length(target) <= MAX_TARGET_BYTES
  );
}
