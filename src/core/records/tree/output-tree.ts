/**
 * OUTPUT_TREE.json: what OUTPUT_HASHES.json does not say of a sealed tree. Modes, links and empty folders, and what the seal
 * left out (PROTOCOL 19).
 *
 * @module
 */

import { itemAt } from "../../system/bytes/listing.ts";
import { sortUtf8 } from "../../system/bytes/utf8.ts";
import { TextViews } from "../../system/json/text-views.ts";
import type { LawfulPaths } from "../artifacts/output-claims.ts";
import type { OutputTable } from "../artifacts/output-table.ts";

/** What a tree was made for. A snapshot has all nine permission bits. */
export type TreeKind = "outputs" | "snapshot";

/** Why a seal left an entry out. */
export const LEFT_OUT_REASONS = ["device", "fifo", "link", "socket", "unreadable"] as const;

/** The paths that have one mode. */
export interface ModePaths {
  /** Three octal digits. */
  readonly mode: string;
  readonly paths: TextViews;
}

/** Paths with a text for each. */
export interface PathPairs {
  readonly paths: TextViews;
  readonly values: TextViews;
}

/** A link by itself. */
export interface TreeLink {
  readonly path: string;
  readonly target: string;
}

/** A tree, as it was read or as it is to be sealed. Lists are in byte order of path, modes in order of their digits. */
export interface OutputTree {
  readonly kind: TreeKind;
  /** Where the seal started, below the root; `.` is the root. */
  readonly scope: TextViews;
  /** Patterns by which something was left out, in the order of the caller. */
  readonly ignored: readonly string[];
  /** The modes of files that are not 644. */
  readonly modes: readonly ModePaths[];
  /** The modes of folders that are not 755. */
  readonly folderModes: readonly ModePaths[];
  readonly emptyFolders: TextViews;
  /** Links with their targets. */
  readonly links: PathPairs;
  /** Entries that the seal left out, with the reasons. */
  readonly leftOut: PathPairs;
}

/** A tree with the files of its bundle. Other phases name the paths that break the law. */
export interface SealedTree extends OutputTree, LawfulPaths {}

/** A link by its index. Throws a RangeError beyond the last, which is a bug. */
export function linkAt({ links: { paths, values } }: Pick<OutputTree, "links">, index: number): TreeLink {
  return { path: itemAt(paths, index), target: itemAt(values, index) };
}

/** The paths of OUTPUT_HASHES.json in byte order, whatever the order of the document. */
export function outputPaths(table: OutputTable): TextViews {
  return table.isSorted ? table.paths : TextViews.of(sortUtf8([...table.keys()]));
}
