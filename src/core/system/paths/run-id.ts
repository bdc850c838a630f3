/**
 * The names that runs may have, which are names of folders on every system.
 *
 * @module
 */

import { findNameBreach } from "./portable-name.ts";

/** Whether a text may be a run id: one component that every system can hold, and nothing hidden. */
export function isRunId(text: string): boolean {
  return (
    !/[/\\]/.test(text) && !/^[.-]/.test(text) && text.length <= 200 && findNameBreach(text) === undefined
  );
}
