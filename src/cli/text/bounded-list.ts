/** Limits the length of lists in messages. @module */

/** How many a person is shown; `--json` has them all. */
const MAX_SHOWN = 50;

/** The first lines of a list, and how many more there are. */
export function boundedList(lines: readonly string[]): readonly string[] {
  const left = lines.length - MAX_SHOWN;
  return left > 0 ? [...lines.slice(0, MAX_SHOWN), `… and ${left} more`] : lines;
}
