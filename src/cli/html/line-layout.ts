/**
 * Places the runs of a history in lanes, newest first: the line in lane 0, branches and failed runs beside it, and an edge from
 * each run to the one before it.
 *
 * @module
 */

/** What stands in a row of the picture. */
export type RowKind = "run" | "untrusted" | "failed" | "rejected" | "gap" | "cut" | "left-out";

/** One row. */
export interface LineRow {
  readonly kind: RowKind;
  /** Whether it is in the line that ends at HEAD. */
  readonly isLine: boolean;
  /** The index of the row before it in its line, which is further down; undefined if it has none. */
  readonly parent: number | undefined;
}

/** A row with its lane. */
export interface PlacedRow {
  readonly lane: number;
}

/** From a run to the one before it: down in `lane`, then over to the lane of `to`. */
export interface LineEdge {
  readonly from: number;
  readonly to: number;
  readonly lane: number;
  /** Whether something is missing or left out between the two. */
  readonly isBroken: boolean;
}

/** The picture without its words. */
export interface LineLayout {
  readonly rows: readonly PlacedRow[];
  readonly edges: readonly LineEdge[];
  /** How many lanes there are. */
  readonly lanes: number;
}

/** More branches share the last lane: a hostile history can have any number. */
const MAX_LANES = 8;

/** Places rows. Edges to rows further up are left out: a history has no cycles, but its bundles may claim one. */
export function layoutLine(rows: readonly LineRow[]): LineLayout {
  /** By lane, the row that its edge leads to. */
  const awaited: (number | undefined)[] = [];
  const placed: PlacedRow[] = [];
  const edges: LineEdge[] = [];
  for (const [index, { isLine, parent }] of rows.entries()) {
    const lane = isLine ? 0 : laneFor(awaited, index);
    for (const [other, wanted] of awaited.entries()) if (wanted === index) awaited[other] = undefined;
    placed.push({ lane });
    if (parent === undefined || parent <= index || parent >= rows.length) continue;
    awaited[lane] = parent;
    const isBroken = [rows[index]?.kind, rows[parent]?.kind].some(
      (kind) => kind !== undefined && BREAKS.has(kind),
    );
    edges.push({ from: index, to: parent, lane, isBroken });
  }
  return { rows: placed, edges, lanes: Math.max(1, ...placed.map(({ lane }) => lane + 1)) };
}

const BREAKS: ReadonlySet<RowKind> = new Set(["gap", "cut", "left-out"]);

/** The lane in which a run beside the line is awaited, else the first free one. */
function laneFor(awaited: readonly (number | undefined)[], index: number): number {
  const waiting = awaited.indexOf(index, 1);
  if (waiting > 0) return waiting;
  for (let lane = 1; lane < MAX_LANES - 1; lane++) if (awaited[lane] === undefined) return lane;
  return MAX_LANES - 1;
}
