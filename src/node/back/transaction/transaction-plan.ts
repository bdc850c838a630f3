/** What a transaction does to a folder, in fixed groups. @module */

import type { FileState, LinkState, Listing, RevertPlan, SpecialState } from "../../../core/internal.ts";
import type { TreeNeeds } from "./journal/probe-tree.ts";

/** What must be at a place: anything else refuses the transaction. Without a mode, any mode will do. */
export type ExpectedEntry =
  | (Omit<FileState, "mode"> & { readonly mode?: number | undefined })
  | LinkState
  | SpecialState;

/** A file, a link or something special that leaves its place. */
export interface LeavingEntry {
  /** As the user knows it. */
  readonly path: string;
  /** Its real path below the root, where links lead to it. */
  readonly place?: string | undefined;
  readonly expected: ExpectedEntry;
}

/** A folder that is made. */
export interface MadeFolder {
  readonly path: string;
  /** Undefined where the umask decides. */
  readonly mode: number | undefined;
}

/** All of it but what is put in place. */
export interface TransactionPlan extends Omit<RevertPlan, "folders" | "moves" | "puts"> {
  readonly moves: Listing<LeavingEntry>;
  /** Folders that are made, those above first. A restore finds out just before its journal which these are. */
  readonly folders: readonly MadeFolder[];
  /** Folders of this user that are taken out if they are empty by then, deepest first. */
  readonly emptied: readonly string[];
  /** What the file system must be able to hold; `links` where one leaves or comes. */
  readonly needs: Omit<TreeNeeds, "hardLinks">;
}

/** Nothing leaves, is made or changes. */
export const NO_PLAN: TransactionPlan = {
  emptied: [],
  folders: [],
  gone: [],
  modes: [],
  moves: [],
  needs: { links: false, modes: false },
};

/** The real path below the root of something that leaves. */
export function placeOf({ path, place = path }: LeavingEntry): string {
  return place;
}
