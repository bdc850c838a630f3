/**
 * The names of runs, which are names of folders on every system.
 *
 * @module
 */

import { findNameBreach, formatUtcSecond } from "../../core/internal.ts";

/** Whether a text may be a run id: one component that every system can hold, and nothing hidden. */
export function isRunId(text: string): boolean {
  return (
    !/[/\\]/.test(text) && !/^[.-]/.test(text) && text.length <= 200 && findNameBreach(text) === undefined
  );
}

/** A run id for a seal that was given none: UTC time and 4 random hex, so that ids sort as the runs happened. */
export function makeRunId(now: number, random: Uint8Array): string {
  const moment = formatUtcSecond(now).replace(/[-:]/g, "");
  return `${moment}-${Buffer.from(random).toString("hex").slice(0, 4)}`;
}
