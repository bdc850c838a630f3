/** What became of restores that were killed (PROTOCOL 13.9). @module */

import type { Act, RestoreOrigin } from "../journal/journal.ts";
import type { Outlook } from "../journal/outlook.ts";

/** What was found of one restore, and what became of it. */
export interface Recovery {
  /** The name of its staging folder: in the root, or beside one that was yet to be made. */
  readonly staging: string;
  /** Undefined where it had not come as far as writing that down. */
  readonly act: Act | undefined;
  readonly origin: RestoreOrigin | undefined;
  /** How many of its files stand in their places, and of how many; 0 of 0 for a root that was not there yet. */
  readonly placed: number;
  readonly files: number;
  /** What became of it; after a dry run, what would. */
  readonly end: RecoveryEnd;
  /** Places whose files went elsewhere before they could be taken back. */
  readonly astray: readonly string[];
  /** What would go and stay: of a dry run in which any journal is believed. */
  readonly outlook?: Outlook;
}

/** How a recovery ends: in a good state, or not. */
export type RecoveryEnd =
  | "everything"
  | "nothing"
  /** Neither journal nor marker was left: it had not begun, or all of it is in place. Nothing of it is left over. */
  | "unknown-clean"
  | "in-doubt"
  | "unresolved"
  /** Its journal is believed, and can't be read as one. */
  | "damaged"
  /** Its journal has no valid MAC. */
  | "foreign"
  | "alive";

const GOOD: readonly RecoveryEnd[] = ["everything", "nothing", "unknown-clean"];

/** Whether the folder is in a good state: each restore was brought to an end. */
export function isRecovered(recoveries: readonly Recovery[]): boolean {
  return recoveries.every(({ end }) => GOOD.includes(end));
}
