/** How many columns of a terminal a text takes, and texts that are cut to fewer. @module */

/** Stands for what was cut off. */
const CUT = "…";

/** Two columns for what is not ASCII: some letters take that many, and a row that is too short still fits. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += character <= "~" || character === CUT ? 1 : 2;
  return width;
}

/** The beginning of a text that does not fit, with a mark that it goes on. Without a bound the text is whole. */
export function cutEnd(text: string, room: number | undefined): string {
  if (room === undefined || textWidth(text) <= room) return text;
  return beginning(text, room - textWidth(CUT)) + CUT;
}

/** Both ends of a text that does not fit, with a mark between them. */
export function cutMiddle(text: string, room: number): string {
  if (textWidth(text) <= room) return text;
  const end = Math.floor((room - textWidth(CUT)) / 2);
  const tail = [...beginning([...text].reverse().join(""), end)].reverse().join("");
  return beginning(text, room - textWidth(CUT) - textWidth(tail)) + CUT + tail;
}

/** A text with blanks behind it, as wide as a column. */
export function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

function beginning(text: string, room: number): string {
  let kept = "";
  let width = 0;
  for (const character of text) {
    width += textWidth(character);
    if (width > room) break;
    kept += character;
  }
  return kept;
}
