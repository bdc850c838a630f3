/**
 * Strict JSON: bytes to a value, refusing whatever two readers could read differently (PROTOCOL 4.1).
 *
 * Beyond RFC 8259 it refuses a byte-order mark, invalid UTF-8, lone surrogates, duplicate keys at any
 * level (compared after unescaping), nesting beyond 512, objects of more than 2^24 members and integers
 * of more than 4300 digits. It never repairs and never echoes its input.
 *
 * @module
 */

import { MAX_CONTAINERS, MAX_DEPTH, MAX_INTEGER_DIGITS, MAX_MEMBERS, MAX_VALUES } from "../bytes/limits.ts";
import { ok, type Result } from "../bytes/result.ts";
import { decodeUtf8, isWellFormed } from "../bytes/utf8.ts";
import { JsonNumber, type JsonValue } from "./json-value.ts";
import { TextObjectScanner } from "./text-object.ts";

/** Why a text is not strict JSON. */
export type StrictJsonReason =
  | "not-utf8"
  | "byte-order-mark"
  | "not-json"
  | "trailing-bytes"
  | "duplicate-key"
  | "lone-surrogate"
  | "too-deep"
  | "too-many-members"
  | "too-many-values"
  | "too-long"
  | "integer-too-long";

/** The one fault of the strict reader. Its code is the protocol's; the reason never quotes the input. */
export interface StrictJsonFault {
  readonly ok: false;
  readonly code: "ARTIFACT_MALFORMED";
  readonly reason: StrictJsonReason;
}

/**
 * Parses bytes as one JSON value of any kind. Fails with ARTIFACT_MALFORMED and a reason; never throws
 * on any input.
 */
export function parseStrictJson(bytes: Uint8Array): Result<JsonValue, StrictJsonFault> {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed(bytes.length > LONGEST_TEXT ? "too-long" : "not-utf8");
  if (text.charCodeAt(0) === 0xfeff) return malformed("byte-order-mark");
  const reader = new Reader(text);
  try {
    return ok(reader.document());
  } catch (thrown) {
    // Only the reader's own signal is an expected failure; anything else is a bug and stays one.
    if (thrown instanceof Refusal) return malformed(thrown.reason);
    throw thrown;
  }
}

function malformed(reason: StrictJsonReason): StrictJsonFault {
  return { ok: false, code: "ARTIFACT_MALFORMED", reason };
}

/** Carries a reason out of the recursion. Not an Error: it needs no stack, and never leaves this file. */
class Refusal {
  readonly reason: StrictJsonReason;

  constructor(reason: StrictJsonReason) {
    this.reason = reason;
  }
}

/** Characters that every engine's strings can hold (V8: 2^29 less 24). A longer text might be UTF-8: nobody here can say. */
const LONGEST_TEXT: number = 2 ** 29 - 24;

/** Characters of a document from which on objects in it may have so many members that they are read in another way. */
const LONG_DOCUMENT: number = 64 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

class Reader {
  readonly #text: string;
  #position = 0;
  #depth = 0;
  #values = 0;
  #containers = 0;
  readonly #scanner: TextObjectScanner | undefined;

  constructor(text: string) {
    this.#text = text;
    if (text.length >= LONG_DOCUMENT) this.#scanner = new TextObjectScanner(text);
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#position < this.#text.length) throw new Refusal("trailing-bytes");
    return value;
  }

  #value(): JsonValue {
    if (++this.#values > MAX_VALUES) throw new Refusal("too-many-values");
    this.#skipSpace();
    switch (this.#text[this.#position]) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      case "t":
        return this.#literal("true", true);
      case "f":
        return this.#literal("false", false);
      case "n":
        return this.#literal("null", null);
      default:
        return this.#number();
    }
  }

  #object(): JsonValue {
    const scanned = this.#textObject();
    if (scanned !== undefined) return scanned;
    this.#enter();
    const object = new Map<string, JsonValue>();
    if (!this.#closes(CLOSE_BRACE)) {
      do {
        this.#skipSpace();
        if (this.#text.charCodeAt(this.#position) !== QUOTE) throw new Refusal("not-json");
        const key = this.#string();
        this.#skipSpace();
        if (this.#text[this.#position++] !== ":") throw new Refusal("not-json");
        const size = object.size;
        if (size === MAX_MEMBERS) throw new Refusal("too-many-members");
        object.set(key, this.#value());
        if (object.size === size) throw new Refusal("duplicate-key");
      } while (this.#continues(CLOSE_BRACE));
    }
    this.#depth--;
    return object;
  }

  /** An object of many texts in order, in a long document. Beyond a bound it is none: who reads it says which. */
  #textObject(): JsonValue | undefined {
    if (this.#depth === MAX_DEPTH || this.#containers === MAX_CONTAINERS) return undefined;
    const most = Math.min(MAX_MEMBERS, MAX_VALUES - this.#values);
    const scanned = this.#scanner?.read(this.#position, most);
    if (scanned === undefined) return undefined;
    this.#values += scanned.object.size;
    this.#containers++;
    this.#position = scanned.end;
    return scanned.object;
  }

  #array(): JsonValue {
    this.#enter();
    const items: JsonValue[] = [];
    if (!this.#closes(CLOSE_BRACKET)) {
      do items.push(this.#value());
      while (this.#continues(CLOSE_BRACKET));
    }
    this.#depth--;
    return items;
  }

  /** Steps over the opening bracket, one level down. */
  #enter(): void {
    if (++this.#depth > MAX_DEPTH) throw new Refusal("too-deep");
    if (++this.#containers > MAX_CONTAINERS) throw new Refusal("too-many-values");
    this.#position++;
  }

  /** Whether the container closes at once. */
  #closes(bracket: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#position) !== bracket) return false;
    this.#position++;
    return true;
  }

  /** After a member: a comma goes on, the closing bracket ends it, anything else is no JSON. */
  #continues(bracket: number): boolean {
    this.#skipSpace();
    const unit = this.#text.charCodeAt(this.#position++);
    if (unit === COMMA) return true;
    if (unit === bracket) return false;
    throw new Refusal("not-json");
  }

  #string(): string {
    const text = this.#text;
    const start = ++this.#position;
    for (let index = start; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit === QUOTE) {
        this.#position = index + 1;
        return text.slice(start, index);
      }
      if (unit === BACKSLASH) {
        this.#position = index;
        return this.#escapedString(text.slice(start, index));
      }
      if (unit < 0x20) break;
    }
    throw new Refusal("not-json");
  }

  /** The slower way, from the first backslash on. Only escapes can bring a lone surrogate: UTF-8 has none. */
  #escapedString(beginning: string): string {
    const text = this.#text;
    let value = beginning;
    for (;;) {
      const unit = text.charCodeAt(this.#position);
      if (unit === QUOTE) break;
      if (unit === BACKSLASH) {
        value += this.#escape();
        continue;
      }
      // NaN, at the end of the text, fails this comparison too.
      if (!(unit >= 0x20)) throw new Refusal("not-json");
      const start = this.#position;
      let end = start + 1;
      while (end < text.length && isOrdinary(text.charCodeAt(end))) end++;
      value += text.slice(start, end);
      this.#position = end;
    }
    this.#position++;
    if (!isWellFormed(value)) throw new Refusal("lone-surrogate");
    return value;
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#position + 1);
    if (letter === "u") {
      const digits = this.#text.slice(this.#position + 2, this.#position + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Refusal("not-json");
      this.#position += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = SHORT_ESCAPES.get(letter);
    if (character === undefined) throw new Refusal("not-json");
    this.#position += 2;
    return character;
  }

  #number(): JsonNumber {
    NUMBER.lastIndex = this.#position;
    const lexeme = NUMBER.exec(this.#text)?.[0];
    if (lexeme === undefined) throw new Refusal("not-json");
    this.#position += lexeme.length;
    // A lexeme within the bound has no more digits than that. Only a longer one is looked at twice.
    if (lexeme.length > MAX_INTEGER_DIGITS && /^-?[0-9]+$/.test(lexeme)) {
      if (lexeme.replace("-", "").length > MAX_INTEGER_DIGITS) throw new Refusal("integer-too-long");
    }
    return new JsonNumber(lexeme);
  }

  #literal<Value extends boolean | null>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#position)) throw new Refusal("not-json");
    this.#position += word.length;
    return value;
  }

  #skipSpace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#position);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#position++;
    }
  }
}

function isOrdinary(unit: number): boolean {
  return unit !== QUOTE && unit !== BACKSLASH && unit >= 0x20;
}
