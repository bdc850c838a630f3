/**
 * The message of a failure for a program: the code's own words, and the facts. The command has a whole sentence for each code.
 *
 * @module
 */

import { quote } from "../paths/quote.ts";

/** Things that are named, of those that are at fault. */
const MAX_NAMED = 5;

/** One line of printable characters: `read failed: "a.txt": no permission`. Each thing is quoted. */
export function faultWords(
  code: string,
  things: readonly string[] = [],
  ...reasons: readonly (string | undefined)[]
): string {
  const shown = things.slice(0, MAX_NAMED).map(quote).join(", ");
  const more = things.length > MAX_NAMED ? `${shown} and ${things.length - MAX_NAMED} more` : shown;
  const parts = [words(code), more, ...reasons.map((reason = "") => words(reason))];
  return parts.filter((part) => part !== "").join(": ");
}

function words(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, " ");
}
