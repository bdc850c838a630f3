/** What is around a picture: it scrolls sideways where the page is narrower than the picture. @module */

import { type Markup, markup } from "../markup/markup.ts";

/** Frames a picture. `name` is what a screen reader calls the frame. A keyboard can only scroll what it can reach. */
export function pictureFrame(name: string, picture: Markup): Markup {
  return markup`<div class="frame" tabindex="0" role="group" aria-label="${name}">${picture}</div>`;
}
