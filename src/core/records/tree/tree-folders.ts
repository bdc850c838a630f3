/**
 * The folders of a tree.
 *
 * @module
 */

import { sortUtf8 } from "../../system/bytes/utf8.ts";
import { mergePaths } from "./merge-paths.ts";
import type { SealedTree } from "./output-tree.ts";

/** The mode of a folder that a snapshot does not name. */
export const USUAL_FOLDER = 0o755;

/** The folders above files, links and empty folders, and the empty folders, in byte order. */
export function foldersOf({
  emptyFolders,
  files,
  links,
}: Pick<SealedTree, "emptyFolders" | "files" | "links">): readonly string[] {
  const folders = new Set(emptyFolders);
  for (const paths of [files, links.paths, emptyFolders]) {
    let last = "";
    for (const path of paths) {
      const end = path.lastIndexOf("/");
      // Neighbours have the same folder.
      if (end === last.length && path.startsWith(last)) continue;
      last = path.slice(0, Math.max(end, 0));
      for (let above = last; above !== "" && !folders.has(above); above = folderAbove(above))
        folders.add(above);
    }
  }
  return sortUtf8([...folders]);
}

/** The folders of `foldersOf`, each with its mode. */
export function* foldersWithModes(
  tree: SealedTree,
): Generator<{ readonly path: string; readonly mode: number }, undefined> {
  const named = mergePaths(tree.folderModes.map(({ paths }) => paths));
  let next = named.next().value;
  for (const path of foldersOf(tree)) {
    let mode = USUAL_FOLDER;
    if (next?.path === path) {
      mode = Number.parseInt(tree.folderModes[next.list]?.mode ?? "", 8);
      next = named.next().value;
    }
    yield { path, mode };
  }
  return undefined;
}

/** The folder of a path; empty for the root. */
export function folderAbove(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
