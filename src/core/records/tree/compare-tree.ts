/**
 * Compares a disk with a tree (PROTOCOL 19). Which files are there, and with which bytes, is phase 9's; here are their modes,
 * links, empty folders, and that no link stands where the tree has a folder.
 *
 * @module
 */

import { namedMode, PERMISSIONS, sealedModes, THROUGH_LINK, writeMode } from "./file-modes.ts";
import type { SealedTree } from "./output-tree.ts";
import type { IsPassedOver } from "./passed-over.ts";
import { TreeDifferences } from "./tree-difference.ts";
import type { FoundEntry, TreeDisk } from "./tree-disk.ts";
import { foldersWithModes } from "./tree-folders.ts";

/** What was found, and how to compare it. */
export interface TreeComparison {
  readonly disk: TreeDisk;
  /**
   * For each file of the tree, what its finding says: `PERMISSIONS`, with `THROUGH_LINK`; undefined if it was not found, or if its
   * mode was not looked at.
   */
  readonly foundMode: (file: number) => number | undefined;
  readonly ignoresModes: boolean;
  /** What may be in an empty folder. */
  readonly isPassedOver: IsPassedOver;
  /** Whether to keep each difference rather than the first. */
  readonly keepsAll: boolean;
}

/** Entries between two pauses. */
const ENTRIES_A_STEP = 256;

/** Finds how a disk differs from a lawful tree, with pauses. */
export function* compareTree(
  tree: SealedTree,
  comparison: TreeComparison,
): Generator<undefined, TreeDifferences, undefined> {
  const walk = new Comparison(tree, comparison);
  yield* walk.files();
  yield* walk.links();
  yield* walk.emptyFolders();
  if (tree.kind === "snapshot" && !comparison.ignoresModes) yield* walk.folderModes();
  return walk.differences;
}

class Comparison {
  readonly differences: TreeDifferences;
  readonly #tree: SealedTree;
  readonly #comparison: TreeComparison;
  readonly #leftOut: ReadonlySet<string>;

  constructor(tree: SealedTree, comparison: TreeComparison) {
    this.differences = new TreeDifferences(comparison.keepsAll);
    this.#tree = tree;
    this.#comparison = comparison;
    this.#leftOut = new Set(tree.leftOut.paths);
  }

  *files(): Generator<undefined, void, undefined> {
    const { files, kind } = this.#tree;
    const { foundMode, ignoresModes } = this.#comparison;
    const sealed = sealedModes(this.#tree);
    for (let file = 0; file < files.length; file++) {
      if (file % ENTRIES_A_STEP === 0) yield;
      const found = foundMode(file);
      if (found === undefined) continue;
      const expected = sealed[file] ?? 0;
      if ((found & THROUGH_LINK) !== 0) this.#findLink(files.at(file) ?? "");
      else if (!ignoresModes && namedMode(kind, found & PERMISSIONS) !== expected)
        this.#differsInMode(files.at(file) ?? "", expected, namedMode(kind, found & PERMISSIONS));
    }
  }

  *links(): Generator<undefined, void, undefined> {
    const { paths, values } = this.#tree.links;
    for (let link = 0; link < paths.length; link++) {
      if (link % ENTRIES_A_STEP === 0) yield;
      const path = paths.at(link) ?? "";
      const found = this.#look(path);
      if (!this.#expectKind(found, "link", path)) continue;
      const expected = values.at(link) ?? "";
      const { isTextTarget = false, target = "" } = found;
      if (isTextTarget && target === expected) continue;
      this.differences.add({ code: "TREE_ENTRY_DIFFERS", path, aspect: "target", expected, actual: target });
    }
  }

  *emptyFolders(): Generator<undefined, void, undefined> {
    for (const path of this.#tree.emptyFolders) {
      yield;
      if (this.#expectKind(this.#look(path), "folder", path)) this.#expectEmpty(path);
    }
  }

  /** The folders that a snapshot has: each has a mode. */
  *folderModes(): Generator<undefined, void, undefined> {
    let count = 0;
    for (const { mode: expected, path } of foldersWithModes(this.#tree)) {
      if (count++ % ENTRIES_A_STEP === 0) yield;
      const found = this.#look(path);
      if (!this.#expectKind(found, "folder", path)) continue;
      if ((found.mode & PERMISSIONS) !== expected)
        this.#differsInMode(path, expected, found.mode & PERMISSIONS);
    }
  }

  /** A link led to the file when it was hashed. */
  #findLink(path: string): void {
    // Gone meanwhile: then the bytes that were hashed are not those that are there.
    if (this.#expectKind(this.#look(path), "file", path))
      this.differences.add({ code: "CHANGED_WHILE_READ", path });
  }

  #look(path: string): FoundEntry {
    return this.#comparison.disk.look(path);
  }

  /** Whether an entry is of this kind. If not, or if there is no folder above it, adds a difference. */
  #expectKind(found: FoundEntry, wanted: "file" | "link" | "folder", asked: string): boolean {
    const { kind, path } = found;
    const expected = path === asked ? wanted : "folder";
    if (kind === wanted && path === asked) return true;
    if (kind === "unreadable") this.differences.add({ code: "READ_FAILED", path });
    else if (kind === "missing") this.differences.add({ code: "TREE_ENTRY_MISSING", path, kind: expected });
    else this.differences.add({ code: "TREE_ENTRY_DIFFERS", path, aspect: "kind", expected, actual: kind });
    return false;
  }

  #expectEmpty(path: string): void {
    const entries = this.#comparison.disk.list(path);
    if (entries === undefined) {
      this.differences.add({ code: "READ_FAILED", path });
      return;
    }
    for (const { isText, kind, name } of entries) {
      const inner = `${path}/${name}`;
      if (isText && this.#leftOut.has(inner)) continue;
      if (this.#comparison.isPassedOver(inner, name, kind === "folder")) continue;
      const [expected, actual] = ["empty-folder", "folder"];
      this.differences.add({ code: "TREE_ENTRY_DIFFERS", path, aspect: "kind", expected, actual });
      return;
    }
  }

  #differsInMode(path: string, expected: number, actual: number): void {
    this.differences.add({
      code: "TREE_ENTRY_DIFFERS",
      path,
      aspect: "mode",
      expected: writeMode(expected),
      actual: writeMode(actual),
    });
  }
}
