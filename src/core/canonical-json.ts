/**
 * Canonical JSON: a value to the one byte string that is hashed or signed (PROTOCOL 4.2 to 4.4).
 *
 * No white space; keys in the order of their UTF-8 bytes; strings escape only what they must. For
 * documents without numbers beyond integers, jq writes the same bytes: `jq -cSj . file`.
 *
 * @module
 */

import { concatBytes } from "./bytes.ts";
import type { Crypto } from "./crypto.ts";
import { isIntegerLexeme, writeAgreedFraction, writeInteger, writeShortest } from "./json-number.ts";
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from "./json-value.ts";
import { ok, type Result } from "./result.ts";
import { TextMembers } from "./text-members.ts";
import { TextObject } from "./text-object.ts";
import { compareUtf8, encodeUtf8, sortUtf8 } from "./utf8.ts";

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
  /** The same, to ask whether there is any. */
  readonly hasEscaped: RegExp;
  readonly writeFraction: (lexeme: string) => string | undefined;
  /** Whether it is that of 4.2, in which `TextMembers` may stand already. */
  readonly isUtf8: boolean;
}

const UTF8_FORM: Form = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON must escape.
  escaped: /["\\\u0000-\u001f]/g,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  hasEscaped: /["\\\u0000-\u001f]/,
  writeFraction: writeAgreedFraction,
  isUtf8: true,
};

const ASCII_FORM: Form = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above, and U+007F and everything beyond it.
  escaped: /["\\\u0000-\u001f\u007f-\uffff]/g,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  hasEscaped: /["\\\u0000-\u001f\u007f-\uffff]/,
  writeFraction: writeShortest,
  isUtf8: false,
};

/**
 * Encodes a value in the canonical form of 4.2, UTF-8 bytes. Fails with SERIALIZATION_INVALID where a
 * number has no agreed form (4.3): two honest verifiers must never derive two roots from one bundle.
 */
export function encodeCanonical(value: JsonValue): Result<Uint8Array, SerializationFault> {
  const bytes = collect(value, UTF8_FORM);
  return bytes === undefined ? { ok: false, code: "SERIALIZATION_INVALID" } : ok(bytes);
}

/**
 * Gives the SHA-256 of what `encodeCanonical` gives, 32 raw bytes, without ever holding all of it: a manifest of a million
 * files takes a hundred megabytes. Fails as `encodeCanonical` does.
 */
export function hashCanonical(value: JsonValue, crypto: Crypto): Result<Uint8Array, SerializationFault> {
  const running = crypto.beginSha256();
  const written = write(value, UTF8_FORM, (piece) => running.add(piece));
  return written ? ok(running.end()) : { ok: false, code: "SERIALIZATION_INVALID" };
}

/**
 * Encodes a value in the ASCII form of 4.4, over which `proof_hash` is computed. Fails with
 * ARTIFACT_MALFORMED where a number overflows a double.
 */
export function encodeAsciiCanonical(value: JsonValue): Result<Uint8Array, NumberOverflowFault> {
  const bytes = collect(value, ASCII_FORM);
  if (bytes === undefined) return { ok: false, code: "ARTIFACT_MALFORMED", reason: "number-overflow" };
  return ok(bytes);
}

/** What takes the bytes of a text, piece by piece. */
type Sink = (piece: Uint8Array) => void;

/** Writes a value and gives its bytes, or `undefined` where a number in it has no form. */
function collect(value: JsonValue, form: Form): Uint8Array | undefined {
  const pieces: Uint8Array[] = [];
  if (!write(value, form, (piece) => pieces.push(piece))) return undefined;
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : concatBytes(pieces);
}

/** Writes a value into a sink; `false` where a number in it has no form, and what was written is of no use. */
function write(value: JsonValue, form: Form, sink: Sink): boolean {
  const writer = new Writer(form, sink);
  if (!writer.value(value)) return false;
  writer.flush();
  return true;
}

/** Characters that are encoded at once. An engine keeps a text that grows as fragments, each larger than most words. */
const PIECE = 16 * 1024;

class Writer {
  #text = "";
  readonly #form: Form;
  readonly #sink: Sink;

  constructor(form: Form, sink: Sink) {
    this.#form = form;
    this.#sink = sink;
  }

  /** Hands on what was written since the last time. */
  flush(): void {
    this.#sink(encodeUtf8(this.#text));
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
    const place = object instanceof TextObject && this.#form.isUtf8 ? object.canonicalPlace : undefined;
    if (object instanceof TextObject && place !== undefined) {
      this.#copy(object.text, place.start, place.end);
      return true;
    }
    const bytes = object instanceof TextMembers && this.#form.isUtf8 ? object.canonicalBytes : undefined;
    if (bytes !== undefined) {
      this.flush();
      this.#sink(bytes);
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
      this.#sink(encodeUtf8(text.slice(from, to)));
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
