/** What a tree holds, in words. @module */

import type { TreeCounts } from "../../node/index.ts";
import { countOf, numberOf } from "./count-text.ts";

/** One line of a report; empty if the tree holds nothing but files that are no programs, or if there is none. */
export function treeLine(counts: TreeCounts | undefined): string {
  if (counts === undefined) return "";
  const { emptyFolders, links, linksOutside, programs } = counts;
  const leading = linksOutside === 1 ? "1 leads outside" : `${numberOf(linksOutside)} lead outside`;
  const parts = [
    ...(programs === 0 ? [] : [countOf(programs, "program")]),
    ...(links === 0 ? [] : [`${countOf(links, "link")}${linksOutside === 0 ? "" : ` (${leading})`}`]),
    ...(emptyFolders === 0 ? [] : [countOf(emptyFolders, "empty folder")]),
  ];
  return parts.length === 0 ? "" : `tree     ${parts.join(", ")}\n`;
}
