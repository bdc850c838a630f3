/** Small pictures that say how something ended, each with a word beside it: colour alone says nothing. @module */

import { type Markup, markup } from "../markup/markup.ts";

/** A good end, a bad one, one that needs a person, or none. */
export type Meaning = "good" | "bad" | "doubt" | "none";

/** A mark of 24 units: a tick, a cross, an exclamation mark, or a dash. */
export function markOf(meaning: Meaning): Markup {
  return markup`<svg class="t-${meaning}" viewBox="0 0 24 24" aria-hidden="true">${SHAPES[meaning]}</svg>`;
}

const SHAPES: Readonly<Record<Meaning, Markup>> = {
  good: markup`<path class="mark" d="M4 13l5 5L20 6"/>`,
  bad: markup`<path class="mark" d="M6 6l12 12M18 6L6 18"/>`,
  doubt: markup`<path class="mark" d="M12 4v10M12 19.5v.5"/>`,
  none: markup`<path class="mark" d="M6 12h12"/>`,
};
