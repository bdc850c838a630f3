/**
 * The order in which a history is told: newest first.
 *
 * @module
 */

import type { History } from "./history.ts";
import { compareRuns, type HistoryRun } from "./history-run.ts";

/**
 * All runs of a history, newest first. The line is in the order of its links, whatever its times say; each other run
 * stands where its own time puts it, and above the run of the line whose time it shares. Runs without one come last.
 */
export function orderNewestFirst<Run extends HistoryRun>({ line, places }: History<Run>): readonly Run[] {
  const inLine = new Set(line);
  const others = [...places.keys()].filter((run) => !inLine.has(run)).sort(compareRuns);
  const ordered: Run[] = [];
  for (const run of line.toReversed()) {
    for (
      let other = others.at(-1);
      other !== undefined && timeOf(other) >= timeOf(run);
      other = others.at(-1)
    ) {
      ordered.push(other);
      others.pop();
    }
    ordered.push(run);
  }
  return [...ordered, ...others.reverse()];
}

/** RFC 3339 in UTC sorts as text. */
function timeOf({ sealedAt }: HistoryRun): string {
  return sealedAt ?? "";
}
