/** Where each run stands in the picture of a line. Pure, so that it can be tested without a browser. @module */

import {
  type Crypto,
  DigestIndex,
  type History,
  type HistoryPlace,
  type HistoryRun,
} from "../../src/core/internal.ts";

/** How a run is drawn. */
export interface PlacedRun<Run> {
  readonly run: Run;
  readonly place: HistoryPlace;
  /** 0 for the line, 1 beside it, 2 for what belongs to another line. */
  readonly lane: 0 | 1 | 2;
  /** The row of the run that it names: further down. Undefined if it names none, or none that is shown. */
  readonly before: number | undefined;
  /** Whether it names a run that is not here. */
  readonly isGap: boolean;
}

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

/** Places runs, newest first: `runs` in the order of `orderNewestFirst`. A cut does not count as a gap. */
export function placeInPicture<Run extends HistoryRun>(
  { cut, line, places }: History<Run>,
  runs: readonly Run[],
  crypto: Crypto,
): readonly PlacedRun<Run>[] {
  const rows = new DigestIndex<number>(crypto);
  for (const [row, { bundleRoot }] of runs.entries()) if (bundleRoot !== undefined) rows.add(bundleRoot, row);
  return runs.map((run) => {
    const { previousBundleRoot: named } = run;
    const place = places.get(run) ?? "unknown";
    const before = named === undefined ? undefined : rows.at(named)[0];
    const isCut = cut !== undefined && run === line[0];
    return {
      run,
      place,
      lane: LANES[place],
      before,
      isGap: named !== undefined && before === undefined && !isCut,
    };
  });
}
