/**
 * Moments as the protocol writes them: RFC 3339 in UTC, whole seconds, `2026-11-25T01:02:03Z`.
 *
 * @module
 */

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/;

/** Whether a text is a real moment in that form (no 30th of February, no leap second). */
export function isUtcSecond(text: string): boolean {
  return utcSeconds(text) !== undefined;
}

/** Parses a moment in that form into seconds since 1970. Gives `undefined` for any other text. */
export function utcSeconds(text: string): number | undefined {
  return secondsOf(PATTERN.exec(text));
}

/**
 * Seconds since 1970 of the moment in UTC whose year, month, day, hour, minute and second are the first six groups of a match; a
 * group that has nothing is 0. Gives `undefined` without a match, and if the calendar has no such moment.
 */
export function secondsOf(match: RegExpExecArray | null): number | undefined {
  if (match === null) return undefined;
  const parts = match.slice(1, 7).map((part) => Number(part ?? 0));
  const [year = 0, month = 0, day = 0, hour, minute, second] = parts;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date turns the 31st of April into the 1st of May. Comparing the parts detects that.
  const days = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  const real = [...days, date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  return parts.every((part, index) => part === real[index]) ? date.getTime() / 1000 : undefined;
}

/** Formats seconds since 1970 in that form, for the years 0 to 9999. */
export function formatUtcSecond(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d{3}Z$/, "Z");
}
