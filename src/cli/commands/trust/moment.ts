/** Moments as a user types them in options of `runseal trust`. @module */

/** What an option with a moment takes, in its help. */
export const MOMENT_HELP = "such as 2026-11-24T09:20:42Z or 20261124, UTC";

/** The same, in an error. */
export const MOMENT_TAKEN =
  "takes a moment in UTC, such as 2026-11-24T09:20:42Z, 2026-11-24 or 20261124092042";

/** ISO 8601 as runseal prints it, also without seconds or time. A time needs its Z: the line of a trust file is in UTC. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?Z)?$/;

/** The text that a line of a trust file has for a moment: ISO 8601 without its signs. Any other text stays as it is. */
export function lineMoment(text: string): string;
export function lineMoment(text: string | undefined): string | undefined;
export function lineMoment(text: string | undefined): string | undefined {
  return text !== undefined && ISO.test(text) ? text.replaceAll(/[-T:Z]/g, "") : text;
}
