/**
 * JSON with secrets in it, read where it lies: a parser would make strings of them, which nothing can clear.
 *
 * Members are found by their names, and values are places in the bytes. An object that is looked into may not have a name twice.
 *
 * @module
 */

import { SecretBytes } from "../../keys/secret-bytes.ts";

/** A value: its kind, and its place, quotes and braces included. */
export interface JsonPlace {
  readonly kind: "string" | "object" | "other";
  readonly start: number;
  readonly end: number;
}

/** The members of an object by name. */
export type SecretMembers = ReadonlyMap<string, JsonPlace>;

const MAX_NESTING = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const BRACES = { open: 0x7b, close: 0x7d };

/** What the letters after a backslash stand for. */
const ESCAPES: ReadonlyMap<number, number> = new Map(
  [...'"\\/bfnrt'].map((letter, index) => [letter.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(index)]),
);

/** The members of a document that is one object. `undefined` for anything else. */
export function scanDocument(bytes: Buffer): SecretMembers | undefined {
  const scanner = new Scanner(bytes, 0, bytes.length);
  scanner.skipSpace();
  const place = scanner.value();
  scanner.skipSpace();
  return place !== undefined && scanner.position === bytes.length ? scanMembers(bytes, place) : undefined;
}

/** The members of an object in a document. `undefined` for a value of another kind, or one that has a name twice. */
export function scanMembers(bytes: Buffer, place: JsonPlace | undefined): SecretMembers | undefined {
  if (place?.kind !== "object") return undefined;
  const scanner = new Scanner(bytes, place.start + 1, place.end - 1);
  const members = new Map<string, JsonPlace>();
  scanner.skipSpace();
  while (scanner.position < place.end - 1) {
    if (members.size > 0 && !scanner.take(COMMA)) return undefined;
    scanner.skipSpace();
    const key = scanner.value();
    const name = key && readPlainString(bytes, key);
    scanner.skipSpace();
    if (name === undefined || members.has(name) || !scanner.take(COLON)) return undefined;
    scanner.skipSpace();
    const value = scanner.value();
    if (value === undefined) return undefined;
    members.set(name, value);
    scanner.skipSpace();
  }
  return members;
}

/** The text of a value that is not secret. `undefined` for a value that is not a string. */
export function readPlainString(bytes: Buffer, place: JsonPlace | undefined): string | undefined {
  if (place?.kind !== "string") return undefined;
  using text = readSecretString(bytes, place);
  return text?.use((secret) => secret.toString("utf8"));
}

/** The UTF-8 bytes of a string in secret memory, which is the caller's to dispose of. `undefined` for one that is not lawful, or no string. */
export function readSecretString(bytes: Buffer, place: JsonPlace | undefined): SecretBytes | undefined {
  if (place?.kind !== "string") return undefined;
  // No escape is shorter than what it stands for.
  using room = new SecretBytes(Math.max(1, place.end - place.start));
  const length = room.use((target) => unescapeInto(bytes.subarray(place.start + 1, place.end - 1), target));
  if (length === undefined) return undefined;
  const secret = new SecretBytes(length);
  secret.use((target) => room.use((source) => source.copy(target, 0, 0, length)));
  return secret;
}

/** Gives the number of bytes written; `undefined` for an unlawful string. */
function unescapeInto(inner: Buffer, target: Buffer): number | undefined {
  let length = 0;
  for (let at = 0; at < inner.length; ) {
    const byte = inner[at] ?? 0;
    if (byte < 0x20) return undefined;
    if (byte !== BACKSLASH) {
      target[length++] = byte;
      at += 1;
      continue;
    }
    const escaped = ESCAPES.get(inner[at + 1] ?? 0);
    if (escaped !== undefined) {
      target[length++] = escaped;
      at += 2;
      continue;
    }
    const point = codePointAt(inner, at);
    if (point === undefined) return undefined;
    length += writePoint(point, target, length);
    at += point > 0xffff ? 12 : 6;
  }
  return length;
}

/** The character of `\uXXXX`, or of two of them that are a surrogate pair. */
function codePointAt(inner: Buffer, at: number): number | undefined {
  const unit = unitAt(inner, at);
  if (unit === undefined || (unit >= 0xdc00 && unit < 0xe000)) return undefined;
  if (unit < 0xd800 || unit >= 0xe000) return unit;
  const low = unitAt(inner, at + 6);
  if (low === undefined || low < 0xdc00 || low >= 0xe000) return undefined;
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

function unitAt(inner: Buffer, at: number): number | undefined {
  if (inner[at] !== BACKSLASH || inner[at + 1] !== 0x75) return undefined;
  let unit = 0;
  for (let index = at + 2; index < at + 6; index++) {
    const digit = digitOf(inner[index] ?? 0);
    if (digit === undefined) return undefined;
    unit = unit * 16 + digit;
  }
  return unit;
}

function digitOf(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}

/** Writes a character in UTF-8. Gives its bytes. */
function writePoint(point: number, target: Buffer, at: number): number {
  if (point < 0x80) {
    target[at] = point;
    return 1;
  }
  const following = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  const lead = [0, 0xc0, 0xe0, 0xf0][following] ?? 0;
  target[at] = lead | (point >> (6 * following));
  for (let index = 1; index <= following; index++) {
    target[at + index] = 0x80 | ((point >> (6 * (following - index))) & 0x3f);
  }
  return following + 1;
}

/** Walks over values without reading them. */
class Scanner {
  position: number;
  readonly #bytes: Buffer;
  readonly #end: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.position = start;
    this.#end = end;
  }

  skipSpace(): void {
    while (this.position < this.#end && [0x20, 0x0a, 0x0d, 0x09].includes(this.#byte)) this.position++;
  }

  take(byte: number): boolean {
    if (this.position >= this.#end || this.#byte !== byte) return false;
    this.position++;
    return true;
  }

  /** Passes over one value. Of what is inside objects and arrays only strings and nesting are looked at. */
  value(): JsonPlace | undefined {
    const start = this.position;
    if (this.#byte === QUOTE)
      return this.#string() ? { kind: "string", start, end: this.position } : undefined;
    const kind = this.#byte === BRACES.open ? "object" : "other";
    if (this.#isOpening()) return this.#nested() ? { kind, start, end: this.position } : undefined;
    while (this.position < this.#end && /[-+.0-9A-Za-z]/.test(String.fromCharCode(this.#byte)))
      this.position++;
    return this.position > start ? { kind, start, end: this.position } : undefined;
  }

  get #byte(): number {
    return this.#bytes[this.position] ?? 0;
  }

  #isOpening(): boolean {
    return this.#byte === BRACES.open || this.#byte === 0x5b;
  }

  #string(): boolean {
    for (this.position++; this.position < this.#end; this.position++) {
      if (this.#byte === BACKSLASH) this.position++;
      else if (this.#byte === QUOTE) {
        this.position++;
        return this.position <= this.#end;
      }
    }
    return false;
  }

  #nested(): boolean {
    const closing: number[] = [];
    while (this.position < this.#end) {
      if (this.#byte === QUOTE) {
        if (!this.#string()) return false;
        continue;
      }
      if (this.#isOpening()) closing.push(this.#byte === BRACES.open ? BRACES.close : 0x5d);
      else if (this.#byte === BRACES.close || this.#byte === 0x5d) {
        if (closing.pop() !== this.#byte) return false;
      }
      this.position++;
      if (closing.length === 0) return true;
      if (closing.length > MAX_NESTING) return false;
    }
    return false;
  }
}
