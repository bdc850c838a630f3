/** Counts what a tree holds beside files that are no programs. @module */

import { countLeaving, countPrograms, type SealedTree } from "../../core/internal.ts";
import type { TreeCounts } from "./bundle-contents.ts";

/** The counts of a lawful tree. Takes time linear in its entries. */
export function countTree(tree: SealedTree): TreeCounts {
  return {
    programs: countPrograms(tree),
    links: tree.links.paths.length,
    linksOutside: countLeaving(tree, tree.files),
    emptyFolders: tree.emptyFolders.length,
  };
}
