/** What a tree holds, in words. @module */

import { type TreeCounts, treeWords } from "../../core/internal.ts";

/** One line of what was sealed beside plain files; empty if there is nothing else. */
export function sealedTreeLine(counts: TreeCounts | undefined): string {
  if (counts === undefined) return "";
  const { emptyFolders, links, programs } = counts;
  return emptyFolders + links + programs === 0 ? "" : `tree     ${treeWords(counts)}\n`;
}
