/** Limits the length of lists in messages. @module */

import { quote } from "../../core/internal.ts";
import { countOf, numberOf } from "../../core/system/bytes/count-text.ts";

/** How many a person is shown; `--json` has them all. */
const MAX_SHOWN = 50;

/** Names in one sentence. */
const MAX_NAMED = 5;

/** The first lines of a list, and how many more there are. */
export function boundedList(lines: readonly string[]): readonly string[] {
  const left = lines.length - MAX_SHOWN;
  return left > 0 ? [...lines.slice(0, MAX_SHOWN), `… and ${left} more`] : lines;
}

/** The first five of several, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(", ") + (more > 0 ? ` and ${numberOf(more)} more` : "");
}

/** Quoted names in one line, and how many others there are. */
export function namedAndMore(names: readonly string[], more: number): string {
  return boundedList(names.map(quote)).join(", ") + (more > 0 ? ` and ${countOf(more, "other")}` : "");
}
