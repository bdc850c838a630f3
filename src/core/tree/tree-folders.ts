/**
 * The folders of a tree.
 *
 * @module
 */

import { sortUtf8 } from "../bytes/utf8.ts";
import type { SealedTree } from "./output-tree.ts";

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

function folderAbove(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
