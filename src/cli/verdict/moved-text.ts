/** Hints for a run whose files were overwritten by a later run. @module */

import { runName } from "../text/run-name.ts";

/** What is known about a run's files. */
export interface Moved {
  /** The newest run, if it follows this one. */
  readonly laterRun: string | undefined;
  /** Whether the store keeps the run's files; undefined if it was not checked. */
  readonly isKept: boolean | undefined;
}

/** Nothing is known. */
export const UNMOVED: Moved = { laterRun: undefined, isKept: undefined };

/** What to do. `others` are the hints of the failure itself. */
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
