/** What a transaction does to a folder, in fixed groups. @module */

import type { FileState, LinkState, Listing, RevertPlan, SpecialState } from "../../../core/internal.ts";

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

/** All of it: a plan for a guarded folder, or one that only takes away. */
export interface TransactionPlan extends Omit<RevertPlan, "moves"> {
  readonly moves: Listing<LeavingEntry>;
  /** Folders of this user that are taken out if they are empty by then, deepest first. */
  readonly emptied: readonly string[];
  /** Whether a link leaves or comes. */
  readonly hasLinks: boolean;
}

/** The real path below the root of something that leaves. */
export function placeOf({ path, place = path }: LeavingEntry): string {
  return place;
}
