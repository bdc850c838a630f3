/** What is said of a run whose files are in the folder no more, because a later run overwrote them. @module */

import { runName } from "../text/run-name.ts";

/** What is known of it. */
export interface Moved {
  /** The newest run, where it follows this one. */
  readonly laterRun: string | undefined;
  /** Whether the store keeps the run's files. Undefined where that was not looked at. */
  readonly isKept: boolean | undefined;
}

/** Nothing is known. */
export const UNMOVED: Moved = { laterRun: undefined, isKept: undefined };

/** What to do; `others` is what is said else. */
export function movedHints(
  { isKept, laterRun }: Moved,
  others: readonly string[] = [],
): readonly string[] | undefined {
  const kept = "the store keeps this run: --stored verifies what was sealed";
  if (laterRun !== undefined) {
    const moved = `the folder has moved on since: the newest run is ${runName(laterRun)}`;
    return [
      moved,
      isKept === true ? kept : "the store does not keep this run, so nothing is left of its files",
    ];
  }
  return isKept === true ? [kept, ...others] : undefined;
}
