/**
 * Orders a history for a list: newest first.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { DigestIndex } from "../bytes/digest-index.ts";
import { groupBy } from "../bytes/group-by.ts";
import { compareRuns, type History, type HistoryRun } from "./history-model.ts";

/**
 * All runs of a history, newest first. The line is in the order of its links, whatever its times are. A failed run is
 * above the run of the line that it names, because it was sealed before the next one. Any other run is placed by its
 * own time, and above the run of the line with the same time. Runs without a time come last.
 */
export function orderNewestFirst<Run extends HistoryRun>(
  history: History<Run>,
  crypto: Crypto,
): readonly Run[] {
  const groups = groupOutsideLine(history, crypto);
  const others = [...(groups.get("others") ?? [])];
  const ordered: Run[] = [];
  for (const run of history.line.toReversed()) {
    for (
      let other = others.at(-1);
      other !== undefined && timeOf(other) >= timeOf(run);
      other = others.at(-1)
    ) {
      ordered.push(other);
      others.pop();
    }
    for (const failed of (groups.get(run) ?? []).toReversed()) ordered.push(failed);
    ordered.push(run);
  }
  return [...ordered, ...(groups.get("before-first") ?? []).toReversed(), ...others.reverse()];
}

/**
 * Groups the runs outside the line, oldest first in each group: failed runs by the run of the line that they name,
 * failed runs from before the line's first run, and others.
 */
function groupOutsideLine<Run extends HistoryRun>(
  { line, places }: History<Run>,
  crypto: Crypto,
): ReadonlyMap<Run | "before-first" | "others", readonly Run[]> {
  const inLine = new Set(line);
  const bearers = new DigestIndex<Run>(crypto);
  for (const run of line) if (run.bundleRoot !== undefined) bearers.add(run.bundleRoot, run);
  const isFromBeginning = line[0] !== undefined && line[0].previousBundleRoot === undefined;
  const outside = [...places.keys()].filter((run) => !inLine.has(run)).sort(compareRuns);
  return groupBy(outside, (run) => {
    if (places.get(run) !== "beside") return "others";
    const { previousBundleRoot: named } = run;
    if (named === undefined) return isFromBeginning ? "before-first" : "others";
    return bearers.at(named)[0] ?? "others";
  });
}

/** RFC 3339 in UTC sorts as text. */
function timeOf({ sealedAt }: HistoryRun): string {
  return sealedAt ?? "";
}
