/** The history of a project as a picture, newest first: forks, gaps, runs beside it, and the run that the report is about. @module */

import { drawHistory, type HistoryFault, type PlacedRow, type Tone } from "../../core/internal.ts";
import { type Markup, markup } from "../markup/markup.ts";
import { cutText, pictureFrame } from "./marks.ts";

/** A row with its words. */
export interface PicturedRow extends Omit<PlacedRow<unknown>, "run"> {
  readonly tone: Tone;
  /** The sealer's own word. */
  readonly sealedAt: string | undefined;
  readonly notes: readonly string[];
  /** Whether it is the run of the report. */
  readonly isThis: boolean;
}

/** A part of a history, as a page shows it. */
export interface HistoryPart {
  readonly rows: readonly PicturedRow[];
  /** What is said of all of it. */
  readonly words: string;
  readonly faults: readonly HistoryFault[];
}

const SIZE = { row: 30, lane: 18 };
const WIDTH = 960;
const NAME_CHARACTERS = 44;

/** Findings that a page lists. */
const MAX_FINDINGS = 20;

/** Draws it, with the findings below. */
export function historySection(part: HistoryPart | undefined): Markup {
  if (part === undefined) return markup``;
  const { faults, rows, words } = part;
  const { dots, edges, height, width } = drawHistory(rows, SIZE);
  const more = faults.length - MAX_FINDINGS;
  return markup`<section class="whole">
<h2>History</h2>
<p class="soft">${words} Newest first. The signatures of these runs were checked, their files were not; runseal verify --history checks all of it.</p>
${pictureFrame(
  "The history, as a picture",
  markup`<svg class="picture" viewBox="0 0 ${WIDTH} ${height}">
${rows.map(({ isThis }, index) => (isThis ? markup`<rect class="row-this" x="0" y="${index * SIZE.row}" width="${WIDTH}" height="${SIZE.row}" rx="6"/>` : undefined))}
${edges.map(
  ({ kind, path }) => markup`<path class="edge ${kind}" d="${path}"/>
`,
)}
<g role="list" aria-label="The runs of the project, newest first">
${rows.map((row, index) => rowPicture(row, dots[index] ?? { x: 0, y: 0 }, width + 4))}</g></svg>`,
)}
${
  faults.length === 0
    ? undefined
    : markup`<h3 class="t-bad">What does not fit</h3><ul>${faults.slice(0, MAX_FINDINGS).map((fault) => markup`<li>${fault.code}: ${fault.words}</li>`)}</ul>${more > 0 ? markup`<p class="soft">… and ${more} more.</p>` : undefined}`
}
</section>`;
}

function rowPicture(
  { isThis, kind, name, notes, sealedAt, tone }: PicturedRow,
  { x, y }: { readonly x: number; readonly y: number },
  text: number,
): Markup {
  return markup`<g role="listitem"><title>${name}${sealedAt === undefined ? "" : `, sealed ${sealedAt}`}</title><circle class="dot ${kind} t-${tone}" cx="${x}" cy="${y}" r="6"/>${isThis ? markup`<circle class="this" cx="${x}" cy="${y}" r="9"/>` : undefined}
<text class="${isThis ? "b" : kind === "run" || kind === "failed" ? "" : "small"}" x="${text}" y="${y + 4}">${cutText(name, kind === "gap" ? 2 * NAME_CHARACTERS : NAME_CHARACTERS)}</text><text class="small" x="470" y="${y + 4}">${sealedAt ?? ""}</text><text class="small" x="630" y="${y + 4}">${cutText(notes.join(" · "), 52)}</text></g>
`;
}
