/**
 * What a restore puts there of a tree, besides the bytes of files: modes, links and empty folders (PROTOCOL 19).
 *
 * @module
 */

import { sealedModes } from "../../records/tree/file-modes.ts";
import { LinkJudge } from "../../records/tree/link-judge.ts";
import { mergePaths, withSlash } from "../../records/tree/merge-paths.ts";
import { linkAt, type SealedTree, type TreeLink } from "../../records/tree/output-tree.ts";
import { folderAbove } from "../../records/tree/tree-folders.ts";
import { itemAt, type Listing, makeListing } from "../../system/bytes/listing.ts";
import { sortUtf8 } from "../../system/bytes/utf8.ts";

/** Which links to restore: `inside` refuses a link that leads outside, `none` leaves all links out. */
export type LinkChoice = "inside" | "any" | "none";

/** A folder that is to have another mode than 755. */
export interface FolderMode {
  readonly path: string;
  readonly mode: number;
}

/** The selected part of a tree. Lists are in byte order of path, relative to the folder of the run. */
export interface PlannedTree {
  /** The mode of each planned file, by its index. */
  readonly modes: Uint16Array;
  readonly links: Listing<TreeLink>;
  readonly emptyFolders: Listing<string>;
  readonly folderModes: readonly FolderMode[];
  /** Paths of links that are not restored, because the caller wants none. */
  readonly linksLeftOut: Listing<string>;
  /** The first link that leads outside of the tree, if such links are refused. */
  readonly leaving: TreeLink | undefined;
}

interface PathItem {
  readonly path: string;
}

/** What to take of a tree. */
export interface TreeSelection {
  /** The planned ones, in byte order. */
  readonly files: Listing<PathItem>;
  /** Whether a path is selected; undefined where everything is. */
  readonly isSelected: ((path: string) => boolean) | undefined;
  readonly links: LinkChoice;
}

/** Plans for a lawful tree. */
export function planTree(tree: SealedTree, selection: TreeSelection): PlannedTree {
  const { files, isSelected } = selection;
  const indexes = selectLinks(tree, isSelected);
  const length = indexes?.length ?? tree.links.paths.length;
  const links = makeListing(length, (index) =>
    linkAt(tree, indexes === undefined ? index : (indexes[index] ?? 0)),
  );
  const leavesOut = selection.links === "none";
  return {
    modes: modesOf(tree, files),
    links: leavesOut ? [] : links,
    linksLeftOut: leavesOut ? makeListing(length, (index) => itemAt(links, index).path) : [],
    emptyFolders: emptyFoldersOf(tree, selection),
    folderModes: folderModesOf(tree, isSelected),
    leaving: selection.links === "inside" ? findLeaving(tree, indexes) : undefined,
  };
}

/** The indexes of the selected links; undefined where all links are. */
function selectLinks(
  tree: SealedTree,
  isSelected: TreeSelection["isSelected"],
): readonly number[] | undefined {
  if (isSelected === undefined) return undefined;
  const indexes: number[] = [];
  let index = 0;
  for (const path of tree.links.paths) {
    if (isSelected(path)) indexes.push(index);
    index++;
  }
  return indexes;
}

/** The first link that leads outside, judged by the whole tree: what a link leads to need not be selected. */
function findLeaving(tree: SealedTree, indexes: readonly number[] | undefined): TreeLink | undefined {
  const length = indexes?.length ?? tree.links.paths.length;
  if (length === 0) return undefined;
  const judge = new LinkJudge(tree, tree.files);
  for (let number = 0; number < length; number++) {
    const index = indexes?.[number] ?? number;
    if (judge.leadsOutside(index)) return linkAt(tree, index);
  }
  return undefined;
}

/** The modes of the planned files, which are some of the tree's. */
function modesOf(tree: SealedTree, files: Listing<PathItem>): Uint16Array {
  const sealed = sealedModes(tree);
  if (files.length === tree.files.length) return sealed;
  const planned = new Uint16Array(files.length);
  let at = 0;
  let index = 0;
  for (const { path } of files) {
    at = tree.files.seek(path, at);
    planned[index++] = sealed[at] ?? 0;
  }
  return planned;
}

function folderModesOf(
  { folderModes }: SealedTree,
  isSelected: TreeSelection["isSelected"],
): readonly FolderMode[] {
  const found: FolderMode[] = [];
  for (const { list, path } of mergePaths(folderModes.map(({ paths }) => paths))) {
    if (isSelected?.(path) !== false) found.push({ path, mode: parseMode(folderModes[list]?.mode) });
  }
  return found;
}

function parseMode(digits: string | undefined): number {
  return Number.parseInt(digits ?? "", 8);
}

/** The selected folders that are empty once a tree is restored, relative to the folder of the run. */
export function emptyFoldersOf(
  tree: SealedTree,
  { isSelected, links }: Pick<TreeSelection, "isSelected" | "links">,
): Listing<string> {
  const isWanted = (path: string): boolean => isSelected?.(path) !== false;
  const emptied = links === "none" ? foldersOfLinks(tree).filter(isWanted) : [];
  if (emptied.length === 0 && isSelected === undefined) return tree.emptyFolders;
  return sortUtf8([...[...tree.emptyFolders].filter(isWanted), ...emptied]);
}

/** The folders that have nothing but links in them, and so are empty without the links. */
function foldersOfLinks(tree: SealedTree): readonly string[] {
  const folders = new Set<string>();
  for (const path of tree.links.paths) {
    const folder = folderAbove(path);
    if (folder !== "" && !folders.has(folder) && !holdsMore(folder, tree)) folders.add(folder);
  }
  // A folder that sorts directly before one below it is not empty.
  const sorted = [...withSlash(sortUtf8([...folders]))];
  const deepest = sorted.filter((folder, index) => sorted[index + 1]?.startsWith(folder) !== true);
  return deepest.map((folder) => folder.slice(0, -1));
}

/** Whether a file or an empty folder is below a folder. */
function holdsMore(folder: string, { emptyFolders, files }: SealedTree): boolean {
  const below = `${folder}/`;
  return [files, emptyFolders].some((paths) => paths.startsAt(paths.lowerBound(below), below));
}
