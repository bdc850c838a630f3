/**
 * Canonical JSON: a value to the one byte string that is hashed or signed (PROTOCOL 4.2 to 4.4).
 *
 * No white space; keys in the order of their UTF-8 bytes; strings escape only what they must. For
 * documents without numbers beyond integers, jq writes the same bytes: `jq -cSj . file`.
 *
 * @module
 */

import { isIntegerLexeme, writeAgreedFraction, writeInteger, writeShortest } from "./json-number.ts";
import { isJsonObject, JsonNumber, type JsonValue } from "./json-value.ts";
import { ok, type Result } from "./result.ts";
import { compareUtf8, encodeUtf8 } from "./utf8.ts";

/** A number has no form that all honest verifiers agree on (4.3). */
export interface SerializationFault {
  readonly ok: false;
  readonly code: "SERIALIZATION_INVALID";
}

/** A number of a proof overflows a double (4.4). */
export interface NumberOverflowFault {
  readonly ok: false;
  readonly code: "ARTIFACT_MALFORMED";
  readonly reason: "number-overflow";
}

/** How the two forms differ: which characters are escaped, and how a fraction is written. */
interface Form {
  readonly escaped: RegExp;
  readonly writeFraction: (lexeme: string) => string | undefined;
}

const UTF8_FORM: Form = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON must escape.
  escaped: /["\\\u0000-\u001f]/g,
  writeFraction: writeAgreedFraction,
};

const ASCII_FORM: Form = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above, and U+007F and everything beyond it.
  escaped: /["\\\u0000-\u001f\u007f-\uffff]/g,
  writeFraction: writeShortest,
};

/**
 * Encodes a value in the canonical form of 4.2, UTF-8 bytes. Fails with SERIALIZATION_INVALID where a
 * number has no agreed form (4.3): two honest verifiers must never derive two roots from one bundle.
 */
export function encodeCanonical(value: JsonValue): Result<Uint8Array, SerializationFault> {
  const text = write(value, UTF8_FORM);
  return text === undefined ? { ok: false, code: "SERIALIZATION_INVALID" } : ok(encodeUtf8(text));
}

/**
 * Encodes a value in the ASCII form of 4.4, over which `proof_hash` is computed. Fails with
 * ARTIFACT_MALFORMED where a number overflows a double.
 */
export function encodeAsciiCanonical(value: JsonValue): Result<Uint8Array, NumberOverflowFault> {
  const text = write(value, ASCII_FORM);
  if (text === undefined) return { ok: false, code: "ARTIFACT_MALFORMED", reason: "number-overflow" };
  return ok(encodeUtf8(text));
}

/** Writes a value, or `undefined` where a number in it has no form. Depth is bounded by the parser. */
function write(value: JsonValue, form: Form): string | undefined {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return writeString(value, form);
  if (value instanceof JsonNumber) {
    return isIntegerLexeme(value.lexeme) ? writeInteger(value.lexeme) : form.writeFraction(value.lexeme);
  }
  const parts: string[] = [];
  if (isJsonObject(value)) {
    for (const [key, member] of [...value].sort(([a], [b]) => compareUtf8(a, b))) {
      const written = write(member, form);
      if (written === undefined) return undefined;
      parts.push(`${writeString(key, form)}:${written}`);
    }
    return `{${parts.join(",")}}`;
  }
  for (const item of value) {
    const written = write(item, form);
    if (written === undefined) return undefined;
    parts.push(written);
  }
  return `[${parts.join(",")}]`;
}

function writeString(text: string, form: Form): string {
  return `"${text.replace(form.escaped, escapeUnit)}"`;
}

/** Escapes one UTF-16 unit. An astral character comes as two, and leaves as its surrogate pair. */
function escapeUnit(unit: string): string {
  switch (unit) {
    case '"':
    case "\\":
      return `\\${unit}`;
    case "\b":
      return "\\b";
    case "\t":
      return "\\t";
    case "\n":
      return "\\n";
    case "\f":
      return "\\f";
    case "\r":
      return "\\r";
    default:
      return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  }
}
