/**
 * Finds what stands below the scope of a seal and was not sealed: `verify --exact` (PROTOCOL 19).
 *
 * Walks in the order of the sealed paths, so that each list of the tree is searched from where the last entry was found: listing
 * a hundred thousand files must cost little beside hashing them.
 *
 * @module
 */

import { sortUtf8 } from "../../system/bytes/utf8.ts";
import { TextCursor } from "../../system/json/text-views.ts";
import type { SealedTree } from "./output-tree.ts";
import type { IsPassedOver } from "./passed-over.ts";
import { TreeDifferences } from "./tree-difference.ts";
import type { ListedEntry, TreeDisk } from "./tree-disk.ts";

/** How to look for extras. */
export interface ExtrasRequest {
  readonly disk: TreeDisk;
  /** What the seal ignored, and what the caller does. */
  readonly isPassedOver: IsPassedOver;
  /** Whether an entry is runseal's own, whatever the tree says. */
  readonly isOwn: (path: string, kind: ListedEntry["kind"]) => "own" | "enter" | undefined;
  /** Whether to keep each extra rather than the first. */
  readonly keepsAll: boolean;
}

/** What was found. */
export interface Extras {
  readonly differences: TreeDifferences;
  /** Entries that patterns passed over. */
  readonly ignored: number;
}

const ROOT = ".";

/** Finds all entries below the scope of a lawful tree that are not in it, with a pause after each folder. */
export function* findExtras(
  tree: SealedTree,
  request: ExtrasRequest,
): Generator<undefined, Extras, undefined> {
  const { disk, isOwn, keepsAll, isPassedOver } = request;
  const differences = new TreeDifferences(keepsAll);
  const leftOut = new Set(tree.leftOut.paths);
  const sealed = [new TextCursor(tree.files), new TextCursor(tree.links.paths)];
  const emptyFolders = new TextCursor(tree.emptyFolders);
  const known = [...sealed, emptyFolders];
  let ignored = 0;
  const ahead: string[] = [];

  /** Decides about one entry. A folder that the tree has is entered. */
  const judge = (path: string, name: string, kind: ListedEntry["kind"]): void => {
    if (kind !== "folder" && sealed.some((cursor) => cursor.find(path) !== undefined)) return;
    if (kind === "folder" && emptyFolders.find(path) !== undefined) return;
    const own = isOwn(path, kind);
    if (own === "own" || leftOut.has(path)) return;
    const isFolder = kind === "folder";
    if (own === "enter" || (isFolder && known.some((cursor) => cursor.isAbove(path)))) ahead.push(path);
    else if (isPassedOver(path, name, isFolder)) ignored++;
    // An entry of another kind at a sealed path is a difference already.
    else if (!known.some((cursor) => cursor.find(path) !== undefined))
      differences.add({ code: "TREE_EXTRA", path, kind });
  };

  for (const start of startsOf(tree)) {
    if (start !== "") {
      const { kind } = disk.look(start);
      if (kind === "unreadable") differences.add({ code: "READ_FAILED", path: start });
      else if (kind !== "missing") judge(start, start.slice(start.lastIndexOf("/") + 1), kind);
    } else ahead.push("");
    for (let folder = ahead.pop(); folder !== undefined; folder = ahead.pop()) {
      const entries = disk.list(folder);
      if (entries === undefined) differences.add({ code: "READ_FAILED", path: folder || ROOT });
      const before = ahead.length;
      for (const { isText, kind, name } of inPathOrder(entries ?? [])) {
        const path = folder === "" ? name : `${folder}/${name}`;
        if (isText) judge(path, name, kind);
        else differences.add({ code: "TREE_EXTRA", path, kind });
      }
      // The first of them is the next.
      reverseFrom(ahead, before);
      yield;
    }
  }
  return { differences, ignored };
}

/** The starting points of the seal that are not below others; "" is the root. */
function startsOf({ scope }: SealedTree): readonly string[] {
  const starts = [...scope].map((path) => (path === ROOT ? "" : path));
  if (starts.includes("")) return [""];
  return starts.filter((path) => !starts.some((other) => path.startsWith(`${other}/`)));
}

/** Sorts as the paths below the entries do: folders with a slash at the end. */
function inPathOrder(entries: readonly ListedEntry[]): readonly ListedEntry[] {
  const byKey = new Map(
    entries.map((entry) => [entry.kind === "folder" ? `${entry.name}/` : entry.name, entry]),
  );
  if (byKey.size !== entries.length) return entries;
  return sortUtf8([...byKey.keys()]).flatMap((key) => byKey.get(key) ?? []);
}

function reverseFrom(items: string[], start: number): void {
  items.push(...items.splice(start).reverse());
}
