/**
 * Orders a history for a list: newest first.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { DigestIndex } from "../../system/bytes/digest-index.ts";
import { groupBy } from "../../system/bytes/group-by.ts";
import { compareRuns, type History, type HistoryRun } from "./history-model.ts";

/**
 * All runs of a history, newest first. Those that link to HEAD are in the order of their links, whatever their times are, and so is each
 * part beyond a gap, below them. A failed run is above the run that it names, because it was sealed before the next one. Any other run is
 * placed by its own time, and above the run of the history with the same time. Runs without a time come last.
 */
export function orderNewestFirst<Run extends HistoryRun>(
  history: History<Run>,
  crypto: Crypto,
): readonly Run[] {
  const linked = [...partsBeyond(history.places, crypto).toReversed().flat(), ...history.line];
  const groups = groupOutside(linked, history, crypto);
  const others = [...(groups.get("others") ?? [])];
  const ordered: Run[] = [];
  for (const run of linked.toReversed()) {
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
 * The parts of a history beyond its gaps, each in the order of its links, oldest first. Times can't order the runs of a part: they may be equal.
 * The parts themselves are in the order of their newest runs, newest part first.
 */
export function partsBeyond<Run extends HistoryRun>(
  places: History<Run>["places"],
  crypto: Crypto,
): readonly (readonly Run[])[] {
  const beyond = [...places].flatMap(([run, place]) => (place === "beyond" ? [run] : []));
  const bearers = new DigestIndex<Run>(crypto);
  const named = new DigestIndex<true>(crypto);
  for (const run of beyond) {
    bearers.add(run.bundleRoot, run);
    named.add(run.previousBundleRoot, true);
  }
  const isEnd = ({ bundleRoot }: Run): boolean => named.at(bundleRoot).length === 0;
  const newestFirst = beyond.toSorted(compareRuns).reverse();
  const seen = new Set<Run>();
  const parts: Run[][] = [];
  // Unchecked claims can form a circle, which has no end.
  for (const end of [...newestFirst.filter(isEnd), ...newestFirst]) {
    const part: Run[] = [];
    for (let run: Run | undefined = end; run !== undefined && !seen.has(run); ) {
      seen.add(run);
      part.push(run);
      run = bearers.at(run.previousBundleRoot)[0];
    }
    if (part.length > 0) parts.push(part.reverse());
  }
  return parts;
}

/**
 * Groups the runs that `linked` does not hold, oldest first in each group: failed runs by the run that they name, failed runs from before the
 * history's first run, and others.
 */
function groupOutside<Run extends HistoryRun>(
  linked: readonly Run[],
  { line, places }: History<Run>,
  crypto: Crypto,
): ReadonlyMap<Run | "before-first" | "others", readonly Run[]> {
  const isLinked = new Set(linked);
  const bearers = new DigestIndex<Run>(crypto);
  for (const run of linked) bearers.add(run.bundleRoot, run);
  const isFromBeginning = line[0] !== undefined && line[0].previousBundleRoot === undefined;
  const outside = [...places.keys()].filter((run) => !isLinked.has(run)).sort(compareRuns);
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
