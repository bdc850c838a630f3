/**
 * The names of runs.
 *
 * @module
 */

import { formatUtcSecond } from "../../core/internal.ts";

export { isRunId } from "../../core/internal.ts";

/** A run id for a seal that was given none: UTC time and 4 random hex, so that ids sort as the runs happened. */
export function makeRunId(now: number, random: Uint8Array): string {
  const moment = formatUtcSecond(now).replace(/[-:]/g, "");
  return `${moment}-${Buffer.from(random).toString("hex").slice(0, 4)}`;
}
