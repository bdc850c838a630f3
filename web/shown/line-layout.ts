/** Where each run and each gap stands in the picture of a line. Pure, so that it can be tested without a browser. @module */

import {
  type Crypto,
  DigestIndex,
  type History,
  type HistoryPlace,
  type HistoryRow,
  type HistoryRun,
} from "../../src/core/internal.ts";

/** How a row is drawn. */
export type PlacedRow<Run> = HistoryRow<Run> & {
  /** 0 for the line, 1 beside it, 2 for what belongs to another line. */
  readonly lane: 0 | 1 | 2;
  /** The row of what comes before it: further down. Undefined if nothing does, or nothing that is shown. */
  readonly before: number | undefined;
};

const LANES: Readonly<Record<HistoryPlace, 0 | 1 | 2>> = {
  line: 0,
  beside: 1,
  unfinished: 0,
  following: 1,
  branch: 1,
  forgotten: 0,
  beyond: 2,
  foreign: 2,
  unknown: 2,
};

/** Places rows, newest first: `rows` as `historyRows` gives them. */
export function placeInPicture<Run extends HistoryRun>(
  { places }: History<Run>,
  rows: readonly HistoryRow<Run>[],
  crypto: Crypto,
): readonly PlacedRow<Run>[] {
  const rowOf = new Map(rows.map(({ run }, row) => [run, row]));
  const named = new DigestIndex<number>(crypto);
  for (const [row, { gap, run }] of rows.entries()) {
    const root = gap?.previous ?? run?.bundleRoot;
    if (root !== undefined) named.add(root, row);
  }
  const laneOf = (run: Run | undefined): 0 | 1 | 2 => LANES[(run && places.get(run)) ?? "line"];
  return rows.map((row) => {
    const { gap, run } = row;
    if (gap !== undefined) return { ...row, lane: laneOf(gap.by), before: gap.older && rowOf.get(gap.older) };
    const { previousBundleRoot } = run;
    const before = previousBundleRoot === undefined ? undefined : named.at(previousBundleRoot)[0];
    return { ...row, lane: laneOf(run), before };
  });
}
