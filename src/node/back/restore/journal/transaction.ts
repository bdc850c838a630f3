/**
 * A transaction that ends, and how it can end (PROTOCOL 13.7 and 13.9).
 *
 * @module
 */

import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import type { OwnFolder } from "../../../system/files/made-entry.ts";
import type { Journal } from "./journal.ts";
import type { Staging } from "./staging.ts";

/** The staged files of this process, by their numbers. */
export interface OwnStaged {
  /** All numbers are below this one. */
  readonly end: number;
  readonly has: (index: number) => boolean;
}

/** A transaction that is to end. */
export interface Transaction {
  readonly root: AnchoredRoot;
  readonly staging: Staging;
  /** Undefined before it was written. */
  readonly journal: Journal | undefined;
  /** The journal's folders, if this process made them. */
  readonly folders: readonly OwnFolder[] | undefined;
  /** The staged files, if this process staged them. */
  readonly staged: OwnStaged | undefined;
  /** Whether this process made the marker of the commit: then nothing is rolled back, whatever fails. */
  readonly isCommitted: boolean;
  readonly fs: FileSystem;
}

/** How a transaction ended. `clean` is whether the staging folder is removed too. */
export type TransactionEnd =
  | { readonly state: "everything" | "nothing"; readonly clean: boolean }
  /** Everything is in place. It may not survive a power cut. */
  | { readonly state: "in-doubt" }
  /**
   * The rollback failed for some files; `astray` are the places of those that were moved elsewhere or edited. `changed`: it failed
   * for nothing but files that were edited in their places, and stay.
   */
  | { readonly state: "unresolved" | "changed"; readonly astray: readonly string[] };

/** The end of a rollback that did not fail for anything else than such files. */
export function unresolvedEnd(
  isClean: boolean,
  astray: readonly string[],
  edited: readonly string[],
): TransactionEnd {
  const isOnlyEdited = isClean && astray.length === 0;
  return { state: isOnlyEdited ? "changed" : "unresolved", astray: [...astray, ...edited].sort() };
}
