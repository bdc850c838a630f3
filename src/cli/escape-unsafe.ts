/** JSON that nothing can repaint a terminal with: the same value for a program, harmless to whoever looks on. @module */

/** Beyond what JSON must escape: C1 controls, line separators, bidi marks, anything that a terminal may act on. */
const UNSAFE_IN_JSON = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;

/** Escapes, in one line of JSON, what stands only inside its strings. */
export function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (character) =>
    Array.from({ length: character.length }, (_, unit) => escapeUnit(character.charCodeAt(unit))).join(""),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
