/** The treemap of a run's files: an area for each folder, in it an area for each of the largest files. @module */

import { quoteIfNeeded } from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import { sizeOf } from "../../core/system/bytes/size-text.ts";
import { type Markup, markup } from "../markup/markup.ts";
import type { FileSummary, Folder } from "./file-summary.ts";
import { cutText, pictureFrame } from "./marks.ts";
import { type Box, placeBoxes } from "./treemap.ts";

const WIDTH = 960;
const HEIGHT = 340;
const HUES = 8;
/** Room above the files of a folder, where its name stands. */
const HEAD = 20;
/** How wide a character is, on average. */
const CHARACTER = 6.6;

/** Draws the summary. `wrong` has the paths of files that are not as sealed, quoted if needed. */
export function treemapPicture({ folders, others }: FileSummary, wrong: ReadonlySet<string>): Markup {
  const shown: readonly Group[] = [
    ...folders.map((folder) => ({
      ...folder,
      title: folder.name === "" ? "(no folder)" : quoteIfNeeded(folder.name),
    })),
    { ...others, title: countOf(others.folders, "other folder"), largest: [] },
  ]
    .filter(({ bytes }) => bytes > 0)
    .sort((left, right) => right.bytes - left.bytes);
  const boxes = placeBoxes(
    shown.map(({ bytes }) => bytes),
    { x: 0, y: 0, width: WIDTH, height: HEIGHT },
  );
  // The tables below the picture have the same in words.
  return pictureFrame(
    "Sizes of the files",
    markup`<svg class="picture" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Areas in proportion to the sizes of files, grouped by folder">
${shown.map((group, index) => groupPicture(group, boxes[index] ?? NOWHERE, index % HUES, { wrong, isAlone: shown.length === 1 }))}</svg>`,
  );
}

const NOWHERE: Box = { x: 0, y: 0, width: 0, height: 0 };

interface Group extends Omit<Folder, "name"> {
  readonly title: string;
}

function groupPicture(
  { bytes, files, largest, title }: Group,
  box: Box,
  hue: number,
  { isAlone, wrong }: { readonly isAlone: boolean; readonly wrong: ReadonlySet<string> },
): Markup {
  const hasHead = !isAlone && box.width > 60 && box.height > 2.5 * HEAD;
  const inner = hasHead ? { ...box, y: box.y + HEAD, height: box.height - HEAD } : box;
  const rest = bytes - largest.reduce((sum, file) => sum + file.bytes, 0);
  const items = [
    ...largest.map((file) => ({
      bytes: file.bytes,
      title: quoteIfNeeded(file.path.slice(file.path.lastIndexOf("/") + 1)),
      whole: quoteIfNeeded(file.path),
      isWrong: wrong.has(quoteIfNeeded(file.path)),
    })),
    {
      bytes: rest,
      title: countOf(files - largest.length, "more file"),
      whole: countOf(files - largest.length, "more file"),
      isWrong: false,
    },
  ]
    .filter((item) => item.bytes > 0)
    .sort((left, right) => right.bytes - left.bytes);
  const boxes = placeBoxes(
    items.map((item) => item.bytes),
    inner,
  );
  return markup`<g><title>${title}: ${countOf(files, "file")}, ${sizeOf(bytes)}</title><rect class="folder" ${place(box)}/>
${hasHead ? label(title, box, "b", 14) : undefined}
${items.map((item, index) => {
  const at = boxes[index] ?? NOWHERE;
  return markup`<g><title>${item.whole}: ${sizeOf(item.bytes)}</title><rect class="file ${item.isWrong ? "wrong" : `h${hue}`}" ${place(at)}/>${at.height > 16 ? label(item.title, at, item.isWrong ? "on-wrong" : "", Math.min(15, at.height / 2 + 5)) : undefined}${at.height > 36 ? label(sizeOf(item.bytes), at, item.isWrong ? "on-wrong" : "size", 30) : undefined}</g>
`;
})}</g>
`;
}

function place({ height, width, x, y }: Box): Markup {
  return markup`x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}"`;
}

/** A text that fits into its box, cut where it is longer; nothing where there is room for a few characters only. */
function label(text: string, { width, x, y }: Box, style: string, down: number): Markup | undefined {
  const room = Math.floor((width - 12) / CHARACTER);
  if (room < 4) return undefined;
  return markup`<text class="${style}" x="${(x + 6).toFixed(1)}" y="${(y + down).toFixed(1)}">${cutText(text, room)}</text>`;
}
