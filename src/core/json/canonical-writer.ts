/**
 * Writing canonical JSON, in either of its two forms (PROTOCOL 4.2 and 4.4).
 *
 * @module
 */

import { compareUtf8, encodeUtf8, sortUtf8, writeUtf8 } from "../bytes/utf8.ts";
import { isIntegerLexeme, writeAgreedFraction, writeInteger, writeShortest } from "./json-number.ts";
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from "./json-value.ts";
import { type CanonicalForm, TextMembers } from "./text-members.ts";
import { TextObject } from "./text-object.ts";

/** How the two forms differ: which characters are escaped, and how a fraction is written. */
export interface Form {
  readonly escaped: RegExp;
  /** The same, to ask whether there is any. */
  readonly hasEscaped: RegExp;
  readonly writeFraction: (lexeme: string) => string | undefined;
  /** Whether it is that of 4.2, in which `TextMembers` may stand already. */
  readonly isUtf8: boolean;
}

/** The form of 4.2. */
export const UTF8_FORM: Form = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON must escape.
  escaped: /["\\\u0000-\u001f]/g,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  hasEscaped: /["\\\u0000-\u001f]/,
  writeFraction: writeAgreedFraction,
  isUtf8: true,
};

/** The form of 4.4. */
export const ASCII_FORM: Form = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above, and U+007F and everything beyond it.
  escaped: /["\\\u0000-\u001f\u007f-\uffff]/g,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  hasEscaped: /["\\\u0000-\u001f\u007f-\uffff]/,
  writeFraction: writeShortest,
  isUtf8: false,
};

/** Bytes of a text, or a part of it that is still to be written. */
export type Piece = Uint8Array | CanonicalForm;

/** What takes the bytes of a text, piece by piece. */
export type Sink = (piece: Piece) => void;

/** Characters that are encoded at once. An engine keeps a text that grows as fragments, each larger than most words. */
const PIECE = 16 * 1024;

/** Writes values in one of the forms, piece by piece. */
export class CanonicalWriter {
  #text = "";
  readonly #form: Form;
  readonly #sink: Sink;
  readonly #isReadAtOnce: boolean;
  /** For long pieces, where each is read at once: a manifest of a million files would leave thousands of them behind. */
  #scratch: Uint8Array | undefined;

  /** @param isReadAtOnce whether the sink is done with a piece when it returns. */
  constructor(form: Form, sink: Sink, isReadAtOnce: boolean) {
    this.#form = form;
    this.#sink = sink;
    this.#isReadAtOnce = isReadAtOnce;
  }

  /** Hands on what was written since the last time. */
  flush(): void {
    this.#hand(this.#text);
    this.#text = "";
  }

  #hand(text: string): void {
    const isLong = text.length >= PIECE && text.length <= 2 * PIECE;
    if (!this.#isReadAtOnce || !isLong) {
      this.#sink(encodeUtf8(text));
      return;
    }
    // No unit of UTF-16 has more than three bytes.
    this.#scratch ??= new Uint8Array(2 * PIECE * 3);
    this.#sink(this.#scratch.subarray(0, writeUtf8(text, this.#scratch)));
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
    const place = object instanceof TextObject && this.#form.isUtf8 ? object.canonicalPlace : undefined;
    if (object instanceof TextObject && place !== undefined) {
      this.#copy(object.text, place.start, place.end);
      return true;
    }
    const form = object instanceof TextMembers && this.#form.isUtf8 ? object.canonicalForm : undefined;
    if (form !== undefined) {
      this.flush();
      this.#sink(form);
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

  /** Hands on what stands in a document, piece by piece, none of which ends within a character. */
  #copy(text: string, start: number, end: number): void {
    this.flush();
    for (let from = start; from < end; ) {
      let to = Math.min(from + PIECE, end);
      if (to < end && isHighSurrogate(text.charCodeAt(to - 1))) to++;
      this.#hand(text.slice(from, to));
      from = to;
    }
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

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

/** The members in the order of their keys' UTF-8 bytes. What was sealed by this program stands in it already. */
function membersInOrder(object: JsonObject): Iterable<readonly [string, JsonValue]> {
  if (object instanceof TextMembers) return object;
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
