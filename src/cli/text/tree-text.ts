/** What a tree holds, in words. @module */

import type { TreeCounts } from "../../node/seal/bundle-contents.ts";
import { countOf, numberOf } from "./count-text.ts";

/** What there is of programs, links and empty folders: `3 programs, 2 links (1 leads outside)`. */
export function treeWords({ emptyFolders, links, linksOutside, programs }: TreeCounts): string {
  const outside = linksOutside === 1 ? " (1 leads outside)" : ` (${numberOf(linksOutside)} lead outside)`;
  const words = [
    ...(programs === 0 ? [] : [countOf(programs, "program")]),
    ...(links === 0 ? [] : [countOf(links, "link") + (linksOutside === 0 ? "" : outside)]),
    ...(emptyFolders === 0 ? [] : [countOf(emptyFolders, "empty folder")]),
  ];
  return words.length === 0 ? "no programs, links or empty folders" : words.join(", ");
}

/** One line of what was sealed beside plain files; empty if there is nothing else. */
export function sealedTreeLine(counts: TreeCounts | undefined): string {
  if (counts === undefined) return "";
  const { emptyFolders, links, programs } = counts;
  return emptyFolders + links + programs === 0 ? "" : `tree     ${treeWords(counts)}\n`;
}
