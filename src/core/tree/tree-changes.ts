/**
 * Compares the trees of two bundles: links and empty folders that only one has, targets and modes that differ. What differs in the
 * bytes of files, `compareOutputs` finds.
 *
 * @module
 */

import { itemAt } from "../bytes/listing.ts";
import { compareUtf8 } from "../bytes/utf8.ts";
import { namedMode, sealedModes, writeMode } from "./file-modes.ts";
import { mergePaths } from "./merge-paths.ts";
import type { ModePaths, PathPairs, SealedTree, TreeKind } from "./output-tree.ts";
import type { TextViews } from "./text-views.ts";
import { foldersOf } from "./tree-folders.ts";

/** A link or a folder that only one of two trees has. */
export type LoneEntry =
  | { readonly path: string; readonly kind: "link"; readonly target: string }
  | { readonly path: string; readonly kind: "folder" };

/** An entry of both trees that differs. */
export interface ChangedEntry {
  readonly path: string;
  readonly aspect: "mode" | "target";
  readonly before: string;
  readonly after: string;
}

/** How two trees differ; each list in byte order of path. */
export interface TreeChanges {
  readonly added: readonly LoneEntry[];
  readonly removed: readonly LoneEntry[];
  readonly changed: readonly ChangedEntry[];
  /** Whether both bundles have a tree: only then both name modes. */
  readonly bothHaveTree: boolean;
}

/** A tree with its folders: a folder is there whether it is empty or not. */
interface Side {
  readonly tree: SealedTree | undefined;
  readonly links: PathPairs | undefined;
  readonly hasFolder: (path: string) => boolean;
}

/**
 * Compares trees, which must be lawful. A bundle without a tree names no links, no empty folders and no modes. Files that became
 * links, and the like, are in two lists: this one and that of the files.
 */
export function compareTrees(before: SealedTree | undefined, after: SealedTree | undefined): TreeChanges {
  const [old, fresh] = [sideOf(before), sideOf(after)];
  const added: LoneEntry[] = emptyFoldersBeside(fresh, old);
  const removed: LoneEntry[] = emptyFoldersBeside(old, fresh);
  const changed: ChangedEntry[] = [];
  compareLinks(old, fresh, { added, removed, changed });
  if (before !== undefined && after !== undefined) compareModes(before, after, changed);
  const byPath = (left: { path: string }, right: { path: string }): number =>
    compareUtf8(left.path, right.path);
  return {
    added: added.sort(byPath),
    removed: removed.sort(byPath),
    changed: changed.sort(byPath),
    bothHaveTree: before !== undefined && after !== undefined,
  };
}

function sideOf(tree: SealedTree | undefined): Side {
  let folders: ReadonlySet<string> | undefined;
  const hasFolder = (path: string): boolean => {
    folders ??= new Set(tree === undefined ? [] : foldersOf(tree));
    return folders.has(path);
  };
  return { tree, links: tree?.links, hasFolder };
}

/** The empty folders of one tree that are not folders of the other. */
function emptyFoldersBeside({ tree }: Side, other: Side): LoneEntry[] {
  const lone: LoneEntry[] = [];
  for (const path of tree?.emptyFolders ?? [])
    if (!other.hasFolder(path)) lone.push({ path, kind: "folder" });
  return lone;
}

function compareLinks(
  old: Side,
  fresh: Side,
  { added, changed, removed }: Record<"added" | "removed", LoneEntry[]> & { changed: ChangedEntry[] },
): void {
  const lone = ({ links }: Side, index: number): LoneEntry => ({
    path: textAt(links?.paths, index),
    kind: "link",
    target: textAt(links?.values, index),
  });
  for (const [was, is] of pairsOf(old.links?.paths, fresh.links?.paths)) {
    if (was === undefined && is !== undefined) added.push(lone(fresh, is));
    else if (was !== undefined && is === undefined) removed.push(lone(old, was));
    else if (was !== undefined && is !== undefined) {
      const [before, after] = [textAt(old.links?.values, was), textAt(fresh.links?.values, is)];
      if (before !== after)
        changed.push({ path: textAt(fresh.links?.paths, is), aspect: "target", before, after });
    }
  }
}

function compareModes(before: SealedTree, after: SealedTree, changed: ChangedEntry[]): void {
  // An outputs tree knows programs and other files only, so a snapshot is read as one beside it.
  const kind: TreeKind = before.kind === "snapshot" && after.kind === "snapshot" ? "snapshot" : "outputs";
  const [were, are] = [sealedModes(before), sealedModes(after)];
  for (const [was, is] of pairsOf(before.files, after.files)) {
    if (was === undefined || is === undefined) continue;
    const [old, fresh] = [namedMode(kind, were[was] ?? 0), namedMode(kind, are[is] ?? 0)];
    if (old === fresh) continue;
    const path = itemAt(after.files, is);
    changed.push({ path, aspect: "mode", before: writeMode(old), after: writeMode(fresh) });
  }
  if (kind === "snapshot") compareFolderModes(before, after, changed);
}

function compareFolderModes(before: SealedTree, after: SealedTree, changed: ChangedEntry[]): void {
  const [were, are] = [modesByPath(before.folderModes), modesByPath(after.folderModes)];
  const old = new Set(foldersOf(before));
  for (const path of foldersOf(after)) {
    if (!old.has(path)) continue;
    const [was, is] = [were.get(path) ?? "755", are.get(path) ?? "755"];
    if (was !== is) changed.push({ path, aspect: "mode", before: was, after: is });
  }
}

function modesByPath(modes: readonly ModePaths[]): ReadonlyMap<string, string> {
  return new Map(modes.flatMap(({ mode, paths }) => Array.from(paths, (path) => [path, mode] as const)));
}

/** The indexes of each path in two lists in byte order, undefined where a list does not have it. */
function* pairsOf(
  before: TextViews | undefined,
  after: TextViews | undefined,
): Generator<readonly [was: number | undefined, is: number | undefined], undefined> {
  const next = [0, 0];
  let waiting: { readonly path: string; readonly index: number } | undefined;
  for (const { list, path } of mergePaths([before ?? [], after ?? []])) {
    const index = next[list] ?? 0;
    next[list] = index + 1;
    if (waiting !== undefined && list === 1 && waiting.path === path) {
      yield [waiting.index, index];
      waiting = undefined;
      continue;
    }
    if (waiting !== undefined) yield [waiting.index, undefined];
    waiting = list === 0 ? { path, index } : undefined;
    if (list === 1) yield [undefined, index];
  }
  if (waiting !== undefined) yield [waiting.index, undefined];
  return undefined;
}

function textAt(texts: TextViews | undefined, index: number): string {
  if (texts === undefined) throw new TypeError("an index is of a list that is there");
  return itemAt(texts, index);
}
