/** The picture of a history: lines and circles beside its rows. @module */

import type { PlacedRow } from "./history-rows.ts";

/** The lines and circles of rows, in the units of `size`: the height of a row, and the width of a lane. */
export interface HistoryPicture {
  readonly edges: readonly { readonly path: string; readonly kind: "whole" | "gap" | "left-out" }[];
  /** The circle of each row. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
  readonly width: number;
  readonly height: number;
}

/** Draws placed rows. An edge goes down in its own lane, then over to what is before. */
export function drawHistory(
  rows: readonly Pick<PlacedRow<unknown>, "kind" | "before" | "lane">[],
  size: { readonly row: number; readonly lane: number },
): HistoryPicture {
  const dots = rows.map(({ lane }, row) => ({
    x: (lane + 0.5) * size.lane,
    y: (row + 0.5) * size.row,
  }));
  const edges = rows.flatMap(({ before, kind }, index) => {
    const [from, to] = [dots[index], dots[before ?? -1]];
    if (before === undefined || from === undefined || to === undefined) return [];
    const { x, y } = from;
    const path = `M${x} ${y}L${x} ${to.y - size.row * 0.8}C${x} ${to.y - size.row * 0.3} ${to.x} ${to.y - size.row * 0.6} ${to.x} ${to.y}`;
    const kinds = [kind, rows[before]?.kind];
    const isLeftOut = kinds.includes("cut") || kinds.includes("left-out");
    return [{ path, kind: kinds.includes("gap") ? "gap" : isLeftOut ? "left-out" : "whole" } as const];
  });
  const lanes = Math.max(0, ...rows.map(({ lane }) => lane)) + 1;
  return { edges, dots, width: lanes * size.lane, height: rows.length * size.row };
}
