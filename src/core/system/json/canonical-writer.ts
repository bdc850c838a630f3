/**
 * Writing canonical JSON, in either of its two forms (PROTOCOL 4.2 and 4.4).
 *
 * @module
 */

import { compareUtf8, sortUtf8 } from "../bytes/utf8.ts";
import { isIntegerLexeme, writeAgreedFraction, writeInteger, writeShortest } from "./json-number.ts";
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from "./json-value.ts";
import { SHORT_ESCAPES } from "./short-escapes.ts";

/** How the two forms differ: which characters are escaped, and how a fraction is written. */
export interface Form {
  readonly escaped: RegExp;
  /** The same, to ask whether there is any. */
  readonly hasEscaped: RegExp;
  readonly writeFraction: (lexeme: string) => string | undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON must escape.
const ESCAPED_IN_UTF8 = /["\\\u0000-\u001f]/g;

/** The form of 4.2. */
export const UTF8_FORM: Form = formOf(ESCAPED_IN_UTF8, writeAgreedFraction);

// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, and U+007F and everything beyond it.
const ESCAPED_IN_ASCII = /["\\\u0000-\u001f\u007f-\uffff]/g;

/** The form of 4.4. */
export const ASCII_FORM: Form = formOf(ESCAPED_IN_ASCII, writeShortest);

function formOf(escaped: RegExp, writeFraction: Form["writeFraction"]): Form {
  return { escaped, hasEscaped: new RegExp(escaped.source), writeFraction };
}

/** Takes a text piece by piece, as characters or in UTF-8. No piece ends within a character. */
export type Sink = (piece: string | Uint8Array) => void;

/** Characters that are handed on at once. An engine keeps a text that grows as fragments, each larger than most words. */
export const PIECE: number = 16 * 1024;

/** Writes values in one of the forms, piece by piece. */
export class CanonicalWriter {
  #text = "";
  readonly #form: Form;
  readonly #sink: Sink;

  constructor(form: Form, sink: Sink) {
    this.#form = form;
    this.#sink = sink;
  }

  /** Hands on what was written since the last time. */
  flush(): void {
    this.#sink(this.#text);
    this.#text = "";
  }

  /** Appends a value; `false` at the first number without a form. Depth is bounded by the parser. */
  value(value: JsonValue): boolean {
    if (typeof value === "string") this.#string(value);
    else if (value === null || typeof value === "boolean") this.#text += String(value);
    else if (value instanceof JsonNumber) return this.#number(value.lexeme);
    else return isJsonObject(value) ? this.#object(value) : this.#array(value);
    return true;
  }

  #object(object: JsonObject): boolean {
    const pieces = this.#form === UTF8_FORM ? object.canonicalPieces?.() : undefined;
    if (pieces !== undefined) {
      this.flush();
      for (const piece of pieces) this.#sink(piece);
      return true;
    }
    this.#text += "{";
    let comma = "";
    for (const [key, member] of membersInOrder(object)) {
      this.#text += comma;
      this.#string(key);
      this.#text += ":";
      if (!this.value(member)) return false;
      if (this.#text.length >= PIECE) this.flush();
      comma = ",";
    }
    this.#text += "}";
    return true;
  }

  #array(items: readonly JsonValue[]): boolean {
    this.#text += "[";
    let comma = "";
    for (const item of items) {
      this.#text += comma;
      if (!this.value(item)) return false;
      if (this.#text.length >= PIECE) this.flush();
      comma = ",";
    }
    this.#text += "]";
    return true;
  }

  #number(lexeme: string): boolean {
    const written = isIntegerLexeme(lexeme) ? writeInteger(lexeme) : this.#form.writeFraction(lexeme);
    if (written === undefined) return false;
    this.#text += written;
    return true;
  }

  #string(text: string): void {
    const { hasEscaped, escaped } = this.#form;
    this.#text += '"';
    this.#text += hasEscaped.test(text) ? text.replace(escaped, escapeUnit) : text;
    this.#text += '"';
  }
}

/** The members in the order of their keys' UTF-8 bytes. What was sealed by this program stands in it already. */
function membersInOrder(object: JsonObject): Iterable<readonly [string, JsonValue]> {
  if (object.isSorted === true) return object;
  let before: string | undefined;
  for (const key of object.keys()) {
    if (before !== undefined && compareUtf8(before, key) > 0) return sortedMembers(object);
    before = key;
  }
  return object;
}

function* sortedMembers(object: JsonObject): Generator<readonly [string, JsonValue]> {
  for (const key of sortUtf8([...object.keys()])) yield [key, object.get(key) ?? null];
}

/** Escapes one UTF-16 unit. An astral character comes as two, and leaves as its surrogate pair. */
function escapeUnit(unit: string): string {
  const letter = SHORT_ESCAPES.get(unit) ?? `u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `\\${letter}`;
}
