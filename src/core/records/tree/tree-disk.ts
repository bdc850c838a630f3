/**
 * What a caller brings to the comparison of a tree with a disk. The core never looks itself.
 *
 * @module
 */

import type { EntryKind } from "../../system/codes/tree-reasons.ts";

/** What was found at a path by lstat, through no link. */
export interface FoundEntry {
  /** The path that was asked for, or the first path above it at which there is no folder. */
  readonly path: string;
  readonly kind: EntryKind | "missing" | "unreadable";
  /** The permission bits; 0 where nothing was found. */
  readonly mode: number;
  /** The target of a link, with U+FFFD for bytes that are not UTF-8. */
  readonly target?: string;
  /** Whether the target is UTF-8. */
  readonly isTextTarget?: boolean;
}

/** One entry of a folder. */
export interface ListedEntry {
  /** With U+FFFD for bytes that are not UTF-8. */
  readonly name: string;
  readonly isText: boolean;
  readonly kind: EntryKind;
}

/** A disk as it is looked at. Paths are relative to the root. */
export interface TreeDisk {
  readonly look: (path: string) => FoundEntry;
  /** The entries of a folder that was found, in any order; undefined if it can't be listed. "" is the root. */
  readonly list: (path: string) => readonly ListedEntry[] | undefined;
}
