/**
 * The names of runs.
 *
 * @module
 */

import { formatUtcSecond, isRunId } from "../../../core/internal.ts";

export { isRunId } from "../../../core/internal.ts";

/** A run id for a seal that was given none: UTC time and 4 random hex, so that ids sort as the runs happened. */
export function makeRunId(now: number, random: Uint8Array): string {
  const moment = formatUtcSecond(now).replace(/[-:]/g, "");
  return `${moment}-${Buffer.from(random).toString("hex").slice(0, 4)}`;
}

/** How many runs before the newest one a text means: `latest` none, `latest~2` two. Undefined for any other text. */
export function stepsBack(text: string): number | undefined {
  const [, back = "0"] = /^latest(?:~([0-9]+))?$/.exec(text) ?? [undefined, ""];
  return back === "" ? undefined : Number(back);
}

/** Whether a run may be given an id: `latest` and `latest~N` mean other runs (PROTOCOL 17). */
export function isNewRunId(text: string): boolean {
  return isRunId(text) && stepsBack(text) === undefined;
}
