/**
 * Finds what stands below the scope of a seal and was not sealed: `verify --exact` (PROTOCOL 19).
 *
 * Walks in the order of the sealed paths, so that each list of the tree is searched from where the last entry was found: listing
 * a hundred thousand files must cost little beside hashing them.
 *
 * @module
 */

import { sortUtf8 } from "../bytes/utf8.ts";
import type { TextViews } from "../json/text-views.ts";
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
  const sealed = [new Cursor(tree.files), new Cursor(tree.links.paths)];
  const emptyFolders = new Cursor(tree.emptyFolders);
  const known = [...sealed, emptyFolders];
  let ignored = 0;
  const ahead: string[] = [];

  /** Decides about one entry. A folder that the tree has is entered. */
  const judge = (path: string, name: string, kind: ListedEntry["kind"]): void => {
    if (kind !== "folder" && sealed.some((cursor) => cursor.isAt(path))) return;
    if (kind === "folder" && emptyFolders.isAt(path)) return;
    const own = isOwn(path, kind);
    if (own === "own" || leftOut.has(path)) return;
    const isFolder = kind === "folder";
    if (own === "enter" || (isFolder && known.some((cursor) => cursor.isAbove(path)))) ahead.push(path);
    else if (isPassedOver(path, name, isFolder)) ignored++;
    // An entry of another kind at a sealed path is a difference already.
    else if (!known.some((cursor) => cursor.isAt(path))) differences.add({ code: "TREE_EXTRA", path, kind });
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

/** A place in a sorted list, near which the next path is searched. */
class Cursor {
  readonly #paths: TextViews;
  #at = 0;

  constructor(paths: TextViews) {
    this.#paths = paths;
  }

  isAt(path: string): boolean {
    // Mostly the next path is the next entry: one comparison.
    if (!this.#paths.isAt(this.#at, path)) return this.#paths.isAt(this.#seek(path), path);
    this.#at++;
    return true;
  }

  /** Whether a path is in the list that is below this one. */
  isAbove(path: string): boolean {
    const folder = `${path}/`;
    return this.#paths.startsAt(this.#seek(folder), folder);
  }

  #seek(path: string): number {
    // Back to the beginning where the order of the walk is not that of the list.
    const isPast = this.#at > 0 && !this.#paths.isBefore(this.#at - 1, path);
    this.#at = this.#paths.seek(path, isPast ? 0 : this.#at);
    return this.#at;
  }
}
