/** JSON without control characters for terminals: the same value for a program. @module */

// Not from the index: that would load all of the core for every `--version`.
import { isPrintableAscii, unprintable } from "../../core/system/paths/unprintable.ts";

/** Escapes, in one line of JSON, every character that texts are not shown with either. They stand inside strings only. */
export function escapeUnsafe(json: string): string {
  if (isPrintableAscii(json)) return json;
  return json.replace(unprintable(), (character) =>
    Array.from({ length: character.length }, (_, unit) => escapeUnit(character.charCodeAt(unit))).join(""),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
