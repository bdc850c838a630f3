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
import { type Fault, ok, type Result } from "../bytes/result.ts";
import { copyText, decodeUtf8, isWellFormed } from "../bytes/utf8.ts";
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from "./json-value.ts";
import { SHORT_ESCAPES } from "./short-escapes.ts";

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
export interface StrictJsonFault extends Fault<"ARTIFACT_MALFORMED"> {
  readonly reason: StrictJsonReason;
}

/** An object that members are read into, in the order of the document. Every `Map` of JSON values is one. */
export interface GrowingObject extends JsonObject {
  set(key: string, value: JsonValue): unknown;
  /**
   * Reads a member from its first quote on, if it stands in ASCII in the form that the object is made for, and is a new one. Gives
   * the place behind it; `undefined` for any other, which is read step by step and `set`.
   */
  readonly take?: (ascii: Uint8Array, start: number) => number | undefined;
}

/** A member of the document whose object is read into something other than a `Map`. */
export interface TableMember {
  readonly name: string;
  readonly makeObject: () => GrowingObject;
}

/**
 * Parses bytes as one JSON value of any kind. Fails with ARTIFACT_MALFORMED and a reason; never throws
 * on any input.
 */
export function parseStrictJson(bytes: Uint8Array, table?: TableMember): Result<JsonValue, StrictJsonFault> {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed(bytes.length > LONGEST_TEXT ? "too-long" : "not-utf8");
  if (text.charCodeAt(0) === 0xfeff) return malformed("byte-order-mark");
  // Only then is the index of a character the index of its byte.
  const ascii = text.length === bytes.length ? bytes : undefined;
  const reader = new Reader(text, ascii, table);
  try {
    return ok(reader.document());
  } catch (thrown) {
    // Only the reader's own signal is an expected failure; anything else is a bug and stays one.
    if (thrown instanceof Refusal) return malformed(thrown.reason);
    throw thrown;
  }
}

/** Parses bytes as `parseStrictJson` does; `undefined` for anything but an object. */
export function parseObject(bytes: Uint8Array): JsonObject | undefined {
  const parsed = parseStrictJson(bytes);
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
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

/** Characters that every engine's strings can hold (V8: 2^29 less 24). A longer text can't be decoded here, so its UTF-8 can't be checked. */
const LONGEST_TEXT: number = 2 ** 29 - 24;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** The characters of a string that stand for themselves. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON must escape.
const ORDINARY = /[^"\\\u0000-\u001f]*/y;
/** The characters by the letters that stand for them after a backslash. */
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ...Array.from(SHORT_ESCAPES, ([character, letter]): [string, string] => [letter, character]),
  ["/", "/"],
]);

/** Characters of a document from which on it is not kept for the sake of a text in it. Below, a copy costs more than it saves. */
const LONG_DOCUMENT = 4096;

class Reader {
  readonly #text: string;
  /** The bytes of the text, if it is ASCII. */
  readonly #ascii: Uint8Array | undefined;
  #position = 0;
  #depth = 0;
  #values = 0;
  #containers = 0;
  readonly #table: TableMember | undefined;
  #isInTable = false;

  constructor(text: string, ascii: Uint8Array | undefined, table: TableMember | undefined) {
    this.#text = text;
    this.#ascii = ascii;
    this.#table = table;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#position < this.#text.length) throw new Refusal("trailing-bytes");
    return value;
  }

  #value(): JsonValue {
    this.#count();
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

  #count(): void {
    if (++this.#values > MAX_VALUES) throw new Refusal("too-many-values");
  }

  #object(object: GrowingObject = new Map<string, JsonValue>()): JsonObject {
    this.#enter();
    if (!this.#closes(CLOSE_BRACE)) {
      do {
        if (this.#isInTable && this.#takes(object)) continue;
        this.#skipSpace();
        if (this.#text.charCodeAt(this.#position) !== QUOTE) throw new Refusal("not-json");
        const key = this.#string();
        this.#skipSpace();
        if (this.#text[this.#position++] !== ":") throw new Refusal("not-json");
        const size = object.size;
        if (size === MAX_MEMBERS) throw new Refusal("too-many-members");
        object.set(key, this.#member(key));
        if (object.size === size) throw new Refusal("duplicate-key");
      } while (this.#continues(CLOSE_BRACE));
    }
    this.#depth--;
    return object;
  }

  /** Whether an object takes the next member at once. What exceeds a limit is left to the steps, which refuse it. */
  #takes(object: GrowingObject): boolean {
    if (this.#ascii === undefined || object.size === MAX_MEMBERS || this.#values === MAX_VALUES) return false;
    const end = object.take?.(this.#ascii, this.#position);
    if (end === undefined) return false;
    this.#position = end;
    this.#values++;
    return true;
  }

  /** The value of a member. Only a member of the document's own object may have a table. */
  #member(key: string): JsonValue {
    if (this.#depth !== 1 || this.#table?.name !== key) return this.#value();
    this.#skipSpace();
    if (this.#text[this.#position] !== "{") return this.#value();
    this.#count();
    this.#isInTable = true;
    const object = this.#object(this.#table.makeObject());
    this.#isInTable = false;
    return object;
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

  /** After a member: a comma goes on, the closing bracket ends it, anything else is not JSON. */
  #continues(bracket: number): boolean {
    this.#skipSpace();
    const unit = this.#text.charCodeAt(this.#position++);
    if (unit === COMMA) return true;
    if (unit === bracket) return false;
    throw new Refusal("not-json");
  }

  /**
   * A text of the document. Engines cut it out of the document's own text, which it would keep in memory: beside a table of a
   * million rows that is 100 MB for the sake of a version number. The rows themselves are not kept as texts.
   */
  #string(): string {
    const value = this.#cutString();
    const isShort = this.#text.length < LONG_DOCUMENT;
    return isShort || this.#table === undefined || this.#isInTable ? value : copyText(value);
  }

  #cutString(): string {
    const text = this.#text;
    const start = ++this.#position;
    ORDINARY.lastIndex = start;
    ORDINARY.test(text);
    const end = ORDINARY.lastIndex;
    this.#position = end;
    const unit = text.charCodeAt(end);
    if (unit === QUOTE) {
      this.#position++;
      return text.slice(start, end);
    }
    if (unit !== BACKSLASH) throw new Refusal("not-json");
    return this.#escapedString(text.slice(start, end));
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
    const character = ESCAPED.get(letter);
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
