/**
 * The rows of a history for a list or a picture, newest first: runs, gaps in their places, the cut, and what is left out.
 *
 * @module
 */

import { countOf } from "../../system/bytes/count-text.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { matchesDigest } from "../../system/bytes/crypto.ts";
import { DigestIndex } from "../../system/bytes/digest-index.ts";
import { groupBy } from "../../system/bytes/group-by.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { lowerBound } from "../../system/bytes/listing.ts";
import { quoteIfNeeded } from "../../system/paths/quote.ts";
import type { History, HistoryRun } from "../history/history-model.ts";
import { orderNewestFirst } from "../history/history-order.ts";
import { gapWords } from "../history/history-words.ts";

/** One row. */
export interface HistoryRow<Run> {
  readonly kind: "run" | "failed" | "gap" | "cut" | "left-out";
  /** Undefined in a row that is no run. */
  readonly run: Run | undefined;
  /** The id of the run, quoted if needed, or what is not there. */
  readonly name: string;
  /** Whether it belongs to the history that ends at HEAD. */
  readonly isMain: boolean;
  /** The row of what is before it, always further down; undefined if nothing is. */
  readonly before: number | undefined;
}

/** A row and its lane: 0 for the history that ends at HEAD. */
export interface PlacedRow<Run> extends HistoryRow<Run> {
  readonly lane: number;
}

type Named<Run> = Omit<HistoryRow<Run>, "before"> & {
  readonly root?: HexDigest | undefined;
  readonly previous?: HexDigest | undefined;
};

/** All rows: runs in the order of `orderNewestFirst`, each gap below the last run that names its missing bundle. What HEAD misses is on top. */
export function historyRows<Run extends HistoryRun>(
  history: History<Run>,
  crypto: Crypto,
): readonly HistoryRow<Run>[] {
  const { cut, findings, places } = history;
  const ordered = orderNewestFirst(history, crypto);
  const naming = new DigestIndex<Run>(crypto);
  for (const run of ordered) naming.add(run.previousBundleRoot, run);
  const gaps = findings.filter((finding) => finding.code === "HISTORY_GAP");
  const below = groupBy(gaps, ({ previous }) => naming.at(previous).at(-1));
  const isMain = (run: Run): boolean => MAIN.has(places.get(run) ?? "unknown");
  const gapRows = (by: Run | undefined): readonly Named<Run>[] =>
    (below.get(by) ?? []).map((gap) => ({
      ...ownRow("gap", gapWords(gap)),
      isMain: gap.by === undefined || isMain(gap.by),
      root: gap.previous,
      previous: gap.older?.bundleRoot,
    }));
  const rows: readonly Named<Run>[] = [
    ...gapRows(undefined),
    ...ordered.flatMap((run): readonly Named<Run>[] => {
      const { bundleRoot: root, previousBundleRoot: previous, runId, standing } = run;
      const kind = standing === "failed" ? "failed" : "run";
      const own = { kind, run, name: quoteIfNeeded(runId), isMain: isMain(run), root } as const;
      if (cut === undefined || !matchesDigest(cut.bundleRoot, root, crypto))
        return [{ ...own, previous }, ...gapRows(run)];
      const words = `${countOf(cut.forgotten, "older bundle")} forgotten at ${cut.cutAt}`;
      return [own, ownRow("cut", words), ...gapRows(run)];
    }),
  ];
  const bearers = new DigestIndex<number>(crypto);
  for (const [index, { root }] of rows.entries()) bearers.add(root, index);
  return rows.map(({ previous, root: _, ...row }, index) => {
    if (rows[index + 1]?.kind === "cut") return { ...row, before: index + 1 };
    // Unchecked claims may lead upwards.
    const borne = bearers.at(previous);
    const before = borne[lowerBound(borne.length, (at) => (borne[at] ?? 0) <= index)];
    return { ...row, before };
  });
}

const MAIN: ReadonlySet<string> = new Set(["line", "unfinished", "following"]);

function ownRow(kind: "gap" | "cut" | "left-out", name: string): Omit<HistoryRow<never>, "before"> {
  return { kind, run: undefined, name, isMain: true };
}

/** A part of the rows, each in its lane. A row above and one below say how many runs are left out. */
export function placeRows<Run>(
  all: readonly HistoryRow<Run>[],
  start: number,
  count: number,
): readonly PlacedRow<Run>[] {
  const end = start + count;
  const shown = all.slice(start, end);
  const top = start > 0 ? 1 : 0;
  const bottom = all.length > end ? top + shown.length : undefined;
  const placeOf = (row: number): number | undefined => (row < end ? row - start + top : bottom);
  const rows: HistoryRow<Run>[] = shown.map((row) => ({ ...row, before: row.before && placeOf(row.before) }));
  const first = rows.findIndex(({ isMain, run }) => isMain && run !== undefined);
  if (top > 0)
    rows.unshift({ ...leftOut(all.slice(0, start), "newer"), before: first < 0 ? undefined : first + top });
  if (bottom !== undefined) rows.push({ ...leftOut(all.slice(end), "older"), before: undefined });
  return inLanes(rows);
}

function leftOut(rows: readonly HistoryRow<unknown>[], which: string): Omit<HistoryRow<never>, "before"> {
  const runs = rows.filter(({ run }) => run !== undefined).length;
  return ownRow("left-out", `${countOf(runs, `${which} run`)} left out`);
}

/** More branches share the last lane: a hostile history can have any number. */
const MAX_LANES = 8;

/** What is beside the history stands in the lane in which a row above awaits it, else in the first free one. */
function inLanes<Run>(rows: readonly HistoryRow<Run>[]): readonly PlacedRow<Run>[] {
  /** By lane, the row that its edge leads to. */
  const awaited: (number | undefined)[] = [];
  const laneFor = (index: number): number => {
    const waiting = awaited.indexOf(index, 1);
    if (waiting > 0) return waiting;
    for (let lane = 1; lane < MAX_LANES - 1; lane++) if (awaited[lane] === undefined) return lane;
    return MAX_LANES - 1;
  };
  return rows.map((row, index) => {
    const lane = row.isMain ? 0 : laneFor(index);
    for (const [other, wanted] of awaited.entries()) if (wanted === index) awaited[other] = undefined;
    if (row.before !== undefined) awaited[lane] = row.before;
    return { ...row, lane };
  });
}
