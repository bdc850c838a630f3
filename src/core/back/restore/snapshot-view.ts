/**
 * A snapshot as a tree of entries: what is at a path, files, links and folders alike.
 *
 * @module
 */

import { type OutputTable, parseDeclaredDigest } from "../../records/artifacts/output-table.ts";
import { sealedModes } from "../../records/tree/file-modes.ts";
import { mergePaths } from "../../records/tree/merge-paths.ts";
import { type OutputTree, outputPaths } from "../../records/tree/output-tree.ts";
import { folderAbove, foldersWithModes } from "../../records/tree/tree-folders.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { itemAt } from "../../system/bytes/listing.ts";
import type { TextViews } from "../../system/json/text-views.ts";
import type { FileState, FolderState, LinkState } from "./revert-plan.ts";

/** What a snapshot says of a path. It does not say how big a file is. */
export type SnapshotEntry = Omit<FileState, "bytes"> | LinkState | FolderState;

/** An entry that a snapshot left out, with the reason. */
export interface LeftOutEntry {
  readonly path: string;
  readonly reason: string;
}

/** A lawful snapshot. Lists are in byte order of path. */
export class SnapshotView {
  readonly files: TextViews;
  readonly links: TextViews;
  /** All folders below the root, with their modes. */
  readonly folders: ReadonlyMap<string, number>;
  readonly #table: OutputTable;
  readonly #tree: OutputTree;
  readonly #modes: Uint16Array;
  readonly #leftOut: ReadonlyMap<string, string>;

  /** Throws a TypeError for a tree of another kind, which is a bug: an outputs tree does not name all modes. */
  constructor(table: OutputTable, tree: OutputTree) {
    if (tree.kind !== "snapshot") throw new TypeError("a revert stands on snapshots");
    const sealed = { ...tree, files: outputPaths(table), rows: undefined };
    this.files = sealed.files;
    this.links = tree.links.paths;
    this.#table = table;
    this.#tree = tree;
    this.#modes = sealedModes(sealed);
    this.folders = new Map(Array.from(foldersWithModes(sealed), ({ mode, path }) => [path, mode]));
    const { paths, values } = tree.leftOut;
    this.#leftOut = new Map(Array.from(paths, (path, index) => [path, itemAt(values, index)]));
  }

  /** The file at an index of `files`. Undefined where its digest is not one, which no accepted bundle has. */
  fileAt(index: number): Omit<FileState, "bytes"> | undefined {
    const digest = this.#digestAt(index);
    return digest === undefined ? undefined : { kind: "file", digest, mode: this.#modes[index] ?? 0 };
  }

  /** The link at an index of `links`. */
  linkAt(index: number): LinkState {
    return { kind: "link", target: itemAt(this.#tree.links.values, index) };
  }

  /** What is at each path, in byte order. */
  *entries(): Generator<{ readonly path: string; readonly entry: SnapshotEntry | undefined }, undefined> {
    let [file, link] = [0, 0];
    for (const { list, path } of mergePaths([this.files, this.links, this.folders.keys()])) {
      if (list === 0) yield { path, entry: this.fileAt(file++) };
      else if (list === 1) yield { path, entry: this.linkAt(link++) };
      else yield { path, entry: { kind: "folder", mode: this.folders.get(path) ?? 0 } };
    }
    return undefined;
  }

  /** What is at a path; undefined if nothing is. */
  find(path: string): SnapshotEntry | undefined {
    const mode = this.folders.get(path);
    if (mode !== undefined) return { kind: "folder", mode };
    const file = this.files.find(path);
    if (file !== undefined) return this.fileAt(file);
    const link = this.links.find(path);
    return link === undefined ? undefined : this.linkAt(link);
  }

  /** The left-out entry at a path or above it. What is there, the snapshot does not say. */
  findLeftOut(path: string): LeftOutEntry | undefined {
    if (this.#leftOut.size === 0) return undefined;
    for (let above = path; above !== ""; above = folderAbove(above)) {
      const reason = this.#leftOut.get(above);
      if (reason !== undefined) return { path: above, reason };
    }
    return undefined;
  }

  #digestAt(index: number): HexDigest | undefined {
    if (this.#table.isSorted) return this.#table.digestAt(index);
    return parseDeclaredDigest(this.#table.get(itemAt(this.files, index)));
  }
}

/** Whether two snapshots say the same of a path. */
export function isSameEntry(
  left: SnapshotEntry | undefined,
  right: SnapshotEntry | undefined,
  crypto: Crypto,
): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.kind === "file" && right.kind === "file")
    return left.mode === right.mode && matchesDigest(left.digest, right.digest, crypto);
  if (left.kind === "link" && right.kind === "link") return left.target === right.target;
  return left.kind === "folder" && right.kind === "folder" && left.mode === right.mode;
}
