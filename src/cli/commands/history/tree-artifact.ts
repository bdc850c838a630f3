/** OUTPUT_TREE.json for a program. @module */

import {
  firstItems,
  itemAt,
  LEFT_OUT_REASONS,
  type Listing,
  type ModePaths,
  type PathPairs,
  type SealedTree,
} from "../../../core/internal.ts";
import type { ShowResult, TreeArtifactFacts } from "./show-results.ts";

/** The artifact as it is in the bundle, `null` if there is none. Lists at most so many entries, and says how many it leaves out. */
export function treeArtifact(
  tree: SealedTree | undefined,
  most: number,
): Pick<ShowResult, "tree" | "tree_entries_left_out"> {
  if (tree === undefined) return { tree: null, tree_entries_left_out: 0 };
  let leftOver = most;
  let dropped = 0;
  const take = (entries: Listing<string>): readonly string[] => {
    const taken = firstItems(entries, leftOver);
    leftOver -= taken.length;
    dropped += entries.length - taken.length;
    return taken;
  };
  const pairs = <T>({ paths, values }: PathPairs, pair: (path: string, value: string) => T): readonly T[] =>
    take(paths).map((path, index) => pair(path, itemAt(values, index)));
  const modes = (table: readonly ModePaths[]): TreeArtifactFacts["modes"] =>
    Object.fromEntries(table.map(({ mode, paths }) => [mode, take(paths)]));
  const { emptyFolders, folderModes, ignored, kind, leftOut, links, scope } = tree;
  const artifact: TreeArtifactFacts = {
    version: 1,
    kind,
    scope: take(scope),
    ignored,
    modes: modes(tree.modes),
    folder_modes: modes(folderModes),
    empty_folders: take(emptyFolders),
    links: pairs(links, (path, target) => ({ path, target })),
    left_out: pairs(leftOut, (path, reason) => ({ path, reason: leftOutReason(reason) })),
  };
  return { tree: artifact, tree_entries_left_out: dropped };
}

function leftOutReason(text: string): (typeof LEFT_OUT_REASONS)[number] {
  const reason = LEFT_OUT_REASONS.find((known) => known === text);
  if (reason === undefined) throw new TypeError("a tree was read with this reason");
  return reason;
}
