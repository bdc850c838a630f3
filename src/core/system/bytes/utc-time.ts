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
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return secondsFromParts(year, month, day, hour, minute, second);
}

/** Seconds since 1970 of a calendar moment in UTC. Gives `undefined` if the calendar has no such moment. */
export function secondsFromParts(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(milliseconds);
  // Date turns the 31st of April into the 1st of May. Comparing the parts detects that.
  const isReal =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() + 1 === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return isReal ? milliseconds / 1000 : undefined;
}

/** Formats seconds since 1970 in that form, for the years 0 to 9999. */
export function formatUtcSecond(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d{3}Z$/, "Z");
}
