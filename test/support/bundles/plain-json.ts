/**
 * The bridge to the platform's own JSON, which serves as the oracle for ours.
 *
 * @module
 */

import { JsonNumber, type JsonValue } from "../../../src/core/system/json/json-value.ts";
import { fc } from "../rings/properties.ts";

/** A value as `JSON.parse` would have given it: numbers become doubles, objects become plain ones. */
export function toPlain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.lexeme);
  if (value instanceof Map) {
    // fromEntries defines members, so that `__proto__` is an ordinary key here as well.
    return Object.fromEntries([...value].map(([key, member]) => [key, toPlain(member)]));
  }
  return Array.isArray(value) ? value.map(toPlain) : value;
}

/** Code points at which encodings, orders and escapes change; lone surrogates are not among them. */
export const edgeCharacter: fc.Arbitrary<string> = fc.constantFrom(
  ...'\0\b\t\n\v\f\r\x1f "\\/a\x7f\x80\xa0éß',
  ...["\u07ff", "\u0800", "\u2028", "\ud7ff", "\ue000", "\ufeff", "\uffee", "\uffff"],
  ...["\u{10000}", "\u{1f600}", "\u{10ffff}"],
);

/** Any well-formed text, rich in the characters above. */
export const wellFormedText: fc.Arbitrary<string> = fc.string({
  unit: fc.oneof(edgeCharacter, fc.string({ unit: "binary", minLength: 1, maxLength: 1 })),
});

/** Any sequence of UTF-16 units, lone surrogates included. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(edgeCharacter, fc.constantFrom("\ud800", "\udbff", "\udc00", "\udfff"), anyUnit()))
  .map((parts) => parts.join(""));

function anyUnit(): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));
}
