/** OUTPUT_TREE.json for a program. @module */

import {
  firstItems,
  itemAt,
  type Listing,
  type ModePaths,
  type PathPairs,
  type SealedTree,
} from "../../../core/internal.ts";

/** The artifact as it is in the bundle, `null` if there is none. Lists at most so many entries, and says how many it leaves out. */
export function treeArtifact(tree: SealedTree | undefined, most: number): object {
  if (tree === undefined) return { tree: null, tree_entries_left_out: 0 };
  let leftOver = most;
  let dropped = 0;
  const take = (entries: Listing<string>): readonly string[] => {
    const taken = firstItems(entries, leftOver);
    leftOver -= taken.length;
    dropped += entries.length - taken.length;
    return taken;
  };
  const pairs = ({ paths, values }: PathPairs, name: string): readonly object[] =>
    take(paths).map((path, index) => ({ path, [name]: itemAt(values, index) }));
  const modes = (table: readonly ModePaths[]): object =>
    Object.fromEntries(table.map(({ mode, paths }) => [mode, take(paths)]));
  const { emptyFolders, folderModes, ignored, kind, leftOut, links, scope } = tree;
  const artifact = {
    version: 1,
    kind,
    scope: take(scope),
    ignored,
    modes: modes(tree.modes),
    folder_modes: modes(folderModes),
    empty_folders: take(emptyFolders),
    links: pairs(links, "target"),
    left_out: pairs(leftOut, "reason"),
  };
  return { tree: artifact, tree_entries_left_out: dropped };
}
