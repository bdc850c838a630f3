/** The line of runs as a picture, newest first: forks, gaps, runs beside the line, and the run that the report is about. @module */

import { quoteIfNeeded } from "../../core/internal.ts";
import { type Markup, markup } from "../markup/markup.ts";
import { cutText } from "./cut-text.ts";
import { type LineEdge, type LineLayout, type LineRow, layoutLine } from "./line-layout.ts";
import { pictureFrame } from "./picture-frame.ts";

/** A row with its words. */
export interface PicturedRow extends LineRow {
  /** A run id, or what is missing. From outside. */
  readonly name: string;
  /** The sealer's own word. */
  readonly sealedAt: string | undefined;
  /** What is to be said of it, in our own words. */
  readonly notes: readonly string[];
  /** Whether it is the run of the report. */
  readonly isThis: boolean;
}

/** A part of a history, as a page shows it. */
export interface LinePicture {
  readonly rows: readonly PicturedRow[];
  /** What does not fit, in words. */
  readonly findings: readonly string[];
  /** Findings that are not listed. */
  readonly moreFindings: number;
}

const ROW = 30;
const LANE = 18;
const WIDTH = 960;
const NAME_CHARACTERS = 44;

/** Draws it, with the findings below. */
export function lineSection(line: LinePicture | undefined): Markup {
  if (line === undefined) return markup``;
  const layout = layoutLine(line.rows);
  const height = line.rows.length * ROW + 8;
  return markup`<section class="whole">
<h2>The line of runs</h2>
<p class="soft">Newest first. The signatures of these runs were checked, their files were not; runseal verify --history checks all of it.</p>
${pictureFrame(
  "The line of runs, as a picture",
  markup`<svg class="picture" viewBox="0 0 ${WIDTH} ${height}">
${line.rows.map((row, index) => (row.isThis ? markup`<rect class="row-this" x="0" y="${index * ROW + 4}" width="${WIDTH}" height="${ROW}" rx="6"/>` : undefined))}
${layout.edges.map((edge) => edgePicture(edge, layout, line.rows))}
<g role="list" aria-label="The runs of the project, newest first">
${line.rows.map((row, index) => rowPicture(row, index, layout))}</g></svg>`,
)}
${
  line.findings.length === 0
    ? undefined
    : markup`<h3 class="t-bad">What does not fit</h3><ul>${line.findings.map((finding) => markup`<li>${finding}</li>`)}</ul>${line.moreFindings === 0 ? undefined : markup`<p class="soft">… and ${line.moreFindings} more.</p>`}`
}
</section>`;
}

function across(lane: number): number {
  return 20 + lane * LANE;
}

function down(row: number): number {
  return row * ROW + ROW / 2 + 4;
}

/** Down in its lane, then over to the run before. A gap is broken, what was left out on purpose is dotted. */
function edgePicture(
  { from, isBroken, lane, to }: LineEdge,
  { rows }: LineLayout,
  pictured: readonly LineRow[],
): Markup {
  const [fromX, toX] = [across(lane), across(rows[to]?.lane ?? 0)];
  const [startX, startY, endY] = [across(rows[from]?.lane ?? 0), down(from), down(to)];
  const isGap = [from, to].some((row) => pictured[row]?.kind === "gap");
  const style = isBroken ? (isGap ? "edge broken" : "edge left-out") : "edge";
  return markup`<path class="${style}" d="M${startX} ${startY}L${fromX} ${endY - ROW * 0.8}C${fromX} ${endY - ROW * 0.3} ${toX} ${endY - ROW * 0.6} ${toX} ${endY}"/>
`;
}

function rowPicture(
  { isThis, kind, name, notes, sealedAt }: PicturedRow,
  index: number,
  { lanes, rows }: LineLayout,
): Markup {
  const [x, y] = [across(rows[index]?.lane ?? 0), down(index)];
  const text = across(Math.max(lanes, 1)) + 4;
  const shown = kind === "left-out" || kind === "cut" || kind === "gap" ? name : quoteIfNeeded(name);
  const words = cutText(notes.join(" · "), 52);
  return markup`<g role="listitem"><title>${shown}${sealedAt === undefined ? "" : `, sealed ${sealedAt}`}</title><circle class="dot ${kind}" cx="${x}" cy="${y}" r="6"/>${isThis ? markup`<circle class="this" cx="${x}" cy="${y}" r="9"/>` : undefined}
<text class="${isThis ? "b" : kind === "gap" || kind === "left-out" || kind === "cut" ? "small" : ""}" x="${text}" y="${y + 4}">${cutText(shown, NAME_CHARACTERS)}</text><text class="small" x="470" y="${y + 4}">${sealedAt ?? ""}</text><text class="small" x="630" y="${y + 4}">${words}</text></g>
`;
}
