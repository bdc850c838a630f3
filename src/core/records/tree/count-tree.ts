/** Counts what a tree holds beside files that are no programs. @module */

import { countPrograms } from "./file-modes.ts";
import { countLeaving } from "./link-judge.ts";
import type { SealedTree } from "./output-tree.ts";

/** What a tree holds beside files that are no programs. */
export interface TreeCounts {
  /** Files that their owners may execute. */
  readonly programs: number;
  readonly links: number;
  /** Links that lead outside of the tree. */
  readonly linksOutside: number;
  readonly emptyFolders: number;
}

/** The counts of a lawful tree. Takes time linear in its entries. */
export function countTree(tree: SealedTree): TreeCounts {
  return {
    programs: countPrograms(tree),
    links: tree.links.paths.length,
    linksOutside: countLeaving(tree, tree.files),
    emptyFolders: tree.emptyFolders.length,
  };
}
