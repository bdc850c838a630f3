/** JSON that nothing can repaint a terminal with: the same value for a program, harmless to whoever looks on. @module */

// Not from the index: that would load all of the core for every `--version`.
import { UNSAFE_CHARACTER } from "../core/quote.ts";

/** Escapes, in one line of JSON, what stands only inside its strings. */
export function escapeUnsafe(json: string): string {
  // Nearly every line is of nothing else, and V8 takes milliseconds to make the other expression.
  if (/^[ -~]*$/.test(json)) return json;
  // Beyond what JSON must escape: C1 controls, line separators, bidi marks, anything that a terminal may act on.
  return json.replace(new RegExp(UNSAFE_CHARACTER, "gu"), (character) =>
    Array.from({ length: character.length }, (_, unit) => escapeUnit(character.charCodeAt(unit))).join(""),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
