/**
 * A stranger's text made safe to show. A file name may hold escape sequences that repaint a terminal,
 * line breaks that forge a second line of output, or bidirectional marks that turn `exe.txt` into `txt.exe`.
 * unprintable.ts says what is shown as it is.
 *
 * @module
 */

import { MAX_QUOTED_CHARACTERS } from "../bytes/limits.ts";
import { isPrintableAscii, unprintable } from "./unprintable.ts";

/**
 * Shows any text in double quotes, in printable characters only; everything else as `\n`, `\t` or
 * `\u{hex}`. The form is unambiguous: `"` and `\` are escaped too. Long texts are cut and say so.
 */
export function quote(text: string): string {
  const kept = cut(text);
  const shown = printable(kept.replace(/["\\]/g, "\\$&"));
  return kept === text ? `"${shown}"` : `"${shown}"… (cut after ${MAX_QUOTED_CHARACTERS} characters)`;
}

/**
 * Shows a text as it is where it is printable, else quoted. For tables and lists of paths: two spaces, which
 * separate columns, are quoted as well.
 */
export function quoteIfNeeded(text: string): string {
  const plain =
    text !== "" &&
    text.length <= MAX_QUOTED_CHARACTERS &&
    !/["\\]|^ | $| {2}/.test(text) &&
    isPrintable(text);
  return plain ? text : quote(text);
}

/** A text that is ours but for a stranger's word in it, such as a parser's message: made printable, not quoted. */
export function printable(text: string): string {
  return isPrintableAscii(text) ? text : text.replace(unprintable(), escapeCharacter);
}

function isPrintable(text: string): boolean {
  return isPrintableAscii(text) || text.search(unprintable()) < 0;
}

function escapeCharacter(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The first characters of a text that is too long to show. A character has two units at most. */
function cut(text: string): string {
  if (text.length <= MAX_QUOTED_CHARACTERS) return text;
  const characters = Array.from(text.slice(0, 2 * MAX_QUOTED_CHARACTERS + 2));
  return characters.length > MAX_QUOTED_CHARACTERS
    ? characters.slice(0, MAX_QUOTED_CHARACTERS).join("")
    : text;
}
