/**
 * Makes untrusted text safe to show. A file name may contain escape sequences that repaint a terminal, line
 * breaks that forge a second line of output, or bidirectional marks that turn `exe.txt` into `txt.exe`.
 * unprintable.ts has the rule for printable characters.
 *
 * @module
 */

import { MAX_QUOTED_CHARACTERS } from "../bytes/limits.ts";
import { isPrintableAscii, unprintable } from "./unprintable.ts";

/**
 * Puts any text in double quotes. Escapes unprintable characters as `\n`, `\t` or `\u{hex}`, and also `"` and
 * `\`, so that the form is unambiguous. Cuts a long text and says so.
 */
export function quote(text: string): string {
  const kept = cut(text);
  const shown = printable(kept.replace(/["\\]/g, "\\$&"));
  return kept === text ? `"${shown}"` : `"${shown}"… (cut after ${MAX_QUOTED_CHARACTERS} characters)`;
}

/**
 * Returns a printable text unchanged and quotes any other. For tables and lists of paths: also quotes a text
 * with two adjacent spaces, which separate columns.
 */
export function quoteIfNeeded(text: string): string {
  const plain =
    text !== "" &&
    text.length <= MAX_QUOTED_CHARACTERS &&
    !/["\\]|^ | $| {2}/.test(text) &&
    isPrintable(text);
  return plain ? text : quote(text);
}

/** Escapes unprintable characters without quotes. For our own text with an untrusted word in it, such as a parser's message. */
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

/** Cuts a text that is too long to show. A character has two UTF-16 units at most. */
function cut(text: string): string {
  if (text.length <= MAX_QUOTED_CHARACTERS) return text;
  const characters = Array.from(text.slice(0, 2 * MAX_QUOTED_CHARACTERS + 2));
  return characters.length > MAX_QUOTED_CHARACTERS
    ? characters.slice(0, MAX_QUOTED_CHARACTERS).join("")
    : text;
}
