/**
 * The order in which a history is told: newest first.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { DigestIndex } from "../bytes/digest-index.ts";
import type { History } from "./history-model.ts";
import { compareRuns, type HistoryRun } from "./history-run.ts";

/**
 * All runs of a history, newest first. The line is in the order of its links, whatever its times say, and a failed run
 * stands above the one of the line that it names: it was sealed before the next one. Each other run stands where its
 * own time puts it, and above the run of the line whose time it shares. Runs without one come last.
 */
export function orderNewestFirst<Run extends HistoryRun>(
  history: History<Run>,
  crypto: Crypto,
): readonly Run[] {
  const { line } = history;
  const { behind, first, others } = sortOut(history, crypto);
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
    for (const failed of (behind.get(run) ?? []).toReversed()) ordered.push(failed);
    ordered.push(run);
  }
  return [...ordered, ...first.reverse(), ...others.reverse()];
}

/** The runs that are not in the line, oldest first. */
interface SortedOut<Run> {
  /** Failed ones that name a run of the line. */
  readonly behind: ReadonlyMap<Run, readonly Run[]>;
  /** Failed ones from before the line's first run. */
  readonly first: Run[];
  readonly others: Run[];
}

function sortOut<Run extends HistoryRun>({ line, places }: History<Run>, crypto: Crypto): SortedOut<Run> {
  const inLine = new Set(line);
  const bearers = new DigestIndex<Run>(crypto);
  for (const run of line) if (run.bundleRoot !== undefined) bearers.add(run.bundleRoot, run);
  const isFromBeginning = line[0] !== undefined && line[0].previousBundleRoot === undefined;
  const behind = new Map<Run, Run[]>();
  const first: Run[] = [];
  const others: Run[] = [];
  for (const run of [...places.keys()].filter((one) => !inLine.has(one)).sort(compareRuns)) {
    const { previousBundleRoot: named } = run;
    const before = named === undefined ? undefined : bearers.at(named)[0];
    if (places.get(run) !== "beside") others.push(run);
    else if (before !== undefined) append(behind, before, run);
    else (named === undefined && isFromBeginning ? first : others).push(run);
  }
  return { behind, first, others };
}

function append<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** RFC 3339 in UTC sorts as text. */
function timeOf({ sealedAt }: HistoryRun): string {
  return sealedAt ?? "";
}
