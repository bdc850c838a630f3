/** Parts of pictures. @module */

import type { Tone } from "../../core/internal.ts";
import { type Markup, markup } from "../markup/markup.ts";

/** A mark of 24 units, beside a word, because colour alone says nothing: a tick, an exclamation mark, a cross or a dash. */
export function markOf(tone: Tone): Markup {
  return markup`<svg class="t-${tone}" viewBox="0 0 24 24" aria-hidden="true"><path class="mark" d="${SHAPES[tone]}"/></svg>`;
}

const SHAPES: Readonly<Record<Tone, string>> = {
  good: "M4 13l5 5L20 6",
  amber: "M12 4v10M12 19.5v.5",
  bad: "M6 6l12 12M18 6L6 18",
  plain: "M6 12h12",
};

/** A picture that scrolls sideways where the page is narrower. `name` is what a screen reader calls it. A keyboard can only scroll what it can reach. */
export function pictureFrame(name: string, picture: Markup): Markup {
  return markup`<div class="frame" tabindex="0" role="group" aria-label="${name}">${picture}</div>`;
}

/** The first characters of a printable text, and a mark where it was longer. */
export function cutText(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
