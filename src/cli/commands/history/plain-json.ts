/** An artifact's JSON as JavaScript has it, to be written into a report. @module */

import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from "../../../core/internal.ts";

/** Turns an object into plain data. */
export function plainObject(object: JsonObject): object {
  // Own members only, `__proto__` among them, which `fromEntries` does not treat as anything special.
  return Object.fromEntries(Array.from(object, ([key, member]) => [key, plainJson(member)]));
}

/** Turns a value into plain data. A number that a double does not hold exactly becomes the text of its digits. */
export function plainJson(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return plainNumber(value.lexeme);
  if (isJsonObject(value)) return plainObject(value);
  return Array.isArray(value) ? value.map(plainJson) : value;
}

function plainNumber(lexeme: string): number | string {
  const double = Number(lexeme);
  return String(double) === lexeme ? double : lexeme;
}
