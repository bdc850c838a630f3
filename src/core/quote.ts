/**
 * A stranger's text made safe to show. A file name may hold escape sequences that repaint a terminal,
 * line breaks that forge a second line of output, or bidirectional marks that turn `exe.txt` into `txt.exe`.
 *
 * @module
 */

import { MAX_QUOTED_CHARACTERS } from "./limits.ts";

/**
 * One character that can't be shown as it is, as an expression with the flag `u` has it: control characters, format characters
 * (bidi marks and zero-width ones among them), line and paragraph separators, surrogates, private use and unassigned code
 * points. Default-ignorable code points too: a Hangul filler is a letter and a variation selector is a mark, yet nothing is drawn.
 * Not a literal: V8 takes a millisecond to read one, used or not.
 */
export const UNSAFE_CHARACTER: string = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]`;

let unsafe: RegExp | undefined;

/** Whether each character of a text shows as what it is. */
function isSafe(text: string): boolean {
  // Nearly every text is of nothing else, and V8 takes milliseconds to make the other expression.
  if (/^[ -~]*$/.test(text)) return true;
  // Odd spaces are drawn, and can't be told from the usual one.
  unsafe ??= new RegExp(String.raw`${UNSAFE_CHARACTER}|(?! )\p{Zs}`, "u");
  return !unsafe.test(text);
}

/**
 * Shows any text in double quotes, in printable characters only; everything else as `\n`, `\t` or
 * `\u{hex}`. The form is unambiguous: `"` and `\` are escaped too. Long texts are cut and say so.
 */
export function quote(text: string): string {
  let shown = "";
  let count = 0;
  for (const character of text) {
    if (++count > MAX_QUOTED_CHARACTERS) return `"${shown}"… (cut after ${MAX_QUOTED_CHARACTERS} characters)`;
    shown += shownAs(character);
  }
  return `"${shown}"`;
}

/** Shows a text as it is when it has nothing to hide in, else quoted. For tables and lists of paths. */
export function quoteIfNeeded(text: string): string {
  const plain =
    text !== "" && text.length <= MAX_QUOTED_CHARACTERS && isSafe(text) && !/["\\]|^ | $/.test(text);
  return plain ? text : quote(text);
}

/** A text that is ours but for a stranger's word in it, such as a parser's message: made printable, not quoted. */
export function printable(text: string): string {
  return Array.from(text, (character) => (isSafe(character) ? character : shownAs(character))).join("");
}

function shownAs(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  if (isSafe(character)) return character;
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
