/** What differs between two runs, or between a run and the folder. @module */

import type { Count, EntryKind, Path } from "./words.ts";

/** How an entry differs: `"changed"` has other bytes or another link target, `"kind"` is now a file, link or folder and was another of these, `"mode"` differs only in its mode. */
export type ChangeKind = "added" | "removed" | "changed" | "kind" | "mode" | "unreadable";

/** How many changes there are of each kind. */
export interface ChangeCountsFacts {
  /** In the second alone. */
  readonly added: Count;
  /** In the first alone. */
  readonly removed: Count;
  /** Other bytes, or another link target. */
  readonly changed: Count;
  /** A file, link or folder that was another of these. */
  readonly kind: Count;
  /** Another mode alone. */
  readonly mode: Count;
  /** Can't be read. */
  readonly unreadable: Count;
}

/** A changed entry. */
export interface EntryChangeFacts {
  /** The path. */
  readonly path: Path;
  /** What it is. */
  readonly kind: EntryKind;
  /** A kind of `counts`: `"changed"` has other bytes or another link target, `"kind"` is now a file, link or folder and was another of these, `"mode"` differs only in its mode. */
  readonly change: ChangeKind;
  /** The digest of a file, the target of a link, or the mode; `null` if there is none or it is not known. */
  readonly before: string | null;
  /** The same now. */
  readonly after: string | null;
}

/** What differs. */
export interface ChangesFacts {
  /** How many changes there are of each kind. */
  readonly counts: ChangeCountsFacts;
  /** The changes, 100,000 at most, in order of path. */
  readonly changes: readonly EntryChangeFacts[];
  /** How many changes are not listed. */
  readonly changes_left_out: Count;
}
