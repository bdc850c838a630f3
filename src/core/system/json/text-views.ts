/**
 * Many texts at places of one array of bytes. A million paths as strings would take a hundred megabytes more.
 *
 * @module
 */

import { compareRanges } from "../bytes/bytes.ts";
import { isIndex, itemsOf, type Listing, lowerBound } from "../bytes/listing.ts";
import { decodeUtf8, encodeUtf8, utf8Length, writeUtf8 } from "../bytes/utf8.ts";
import { parseStrictJson } from "./strict-json.ts";

/** Texts that are decoded at once while they are read in order. */
const PIECE = 64;

const BACKSLASH = 0x5c;

/** What texts start with that were never compared: an array for each of them would cost more than reading a short list. */
const NO_SCRATCH = new Uint8Array(0);

/** No unit of UTF-16 has more bytes in UTF-8. */
const BYTES_A_UNIT = 3;

/** Where the texts are. */
export interface TextPlaces {
  readonly bytes: Uint8Array;
  /** Where each text begins. */
  readonly starts: Uint32Array;
  /** Where each text ends. */
  readonly ends: Uint32Array;
  /** Whether the texts are as in canonical JSON, between their quotes. */
  readonly isEscaped: boolean;
}

/** Texts one behind the other. Plain data, which may be in memory that threads share. */
export interface LaidOutTexts {
  readonly bytes: Uint8Array;
  /** Where each text begins, and at the end where a next one would. */
  readonly starts: Uint32Array;
}

/** Texts by their index, decoded on access. The bytes may not change. */
export class TextViews implements Listing<string> {
  readonly length: number;
  readonly #places: TextPlaces;
  /** The piece that was decoded last, and the indexes of its first text and of the text after it. */
  #piece = "";
  #first = 0;
  #after = 0;
  #isAscii = false;
  /** Behind a text that was decoded alone. */
  #next = 0;
  #scratch: Uint8Array = NO_SCRATCH;

  /** The bytes of each text must be valid UTF-8, which is checked where they are read from outside. */
  constructor(places: TextPlaces) {
    this.length = places.starts.length;
    this.#places = places;
  }

  /** Texts as they are laid out, without copies. */
  static in({ bytes, starts }: LaidOutTexts): TextViews {
    return new TextViews({
      bytes,
      starts: starts.subarray(0, -1),
      ends: starts.subarray(1),
      isEscaped: false,
    });
  }

  /** Copies texts, which must be well-formed. */
  static of(texts: Listing<string>): TextViews {
    let size = 0;
    for (const text of texts) size += utf8Length(text);
    const bytes = new Uint8Array(size);
    const starts = new Uint32Array(texts.length + 1);
    let end = 0;
    let index = 0;
    for (const text of texts) {
      end += writeUtf8(text, bytes.subarray(end));
      starts[++index] = end;
    }
    return TextViews.in({ bytes, starts });
  }

  at(index: number): string | undefined {
    return isIndex(index, this.length) ? this.#textAt(index) : undefined;
  }

  [Symbol.iterator](): Generator<string, undefined> {
    return itemsOf(this.length, (index) => this.#textAt(index));
  }

  /** The index of the first text that is not before another one. The texts must be in byte order. */
  lowerBound(text: string): number {
    return this.#lowerBound(this.#encode(text), 0, this.length);
  }

  /** As `lowerBound`, where all texts before `from` are known to be before the other one: fast if the result is near. */
  seek(text: string, from: number): number {
    const utf8 = this.#encode(text);
    let low = from;
    let step = 1;
    while (low + step <= this.length && this.#compareAt(low + step - 1, utf8) < 0) {
      low += step;
      step *= 2;
    }
    return this.#lowerBound(utf8, low, Math.min(low + step - 1, this.length));
  }

  /** Whether the text at an index comes before another one. */
  isBefore(index: number, text: string): boolean {
    return index < this.length && this.#compareAt(index, this.#encode(text)) < 0;
  }

  /** Whether a text is at an index. */
  isAt(index: number, text: string): boolean {
    return index < this.length && this.#compareAt(index, this.#encode(text)) === 0;
  }

  /** Whether the text at an index begins with another one. */
  startsAt(index: number, text: string): boolean {
    if (index >= this.length) return false;
    const { bytes, ends, isEscaped, starts } = this.#places;
    if (isEscaped) return this.#textAt(index).startsWith(text);
    const utf8 = this.#encode(text);
    const start = starts[index] ?? 0;
    return start + utf8.length <= (ends[index] ?? 0) && utf8.every((byte, at) => byte === bytes[start + at]);
  }

  /** The index of a text, undefined if it is absent. The texts must be in byte order. */
  find(text: string): number | undefined {
    const index = this.lowerBound(text);
    return this.isAt(index, text) ? index : undefined;
  }

  #lowerBound(utf8: Uint8Array, low: number, high: number): number {
    return low + lowerBound(high - low, (index) => this.#compareAt(low + index, utf8) < 0);
  }

  /** Compares the text at an index with another in UTF-8, as `sort` expects it. */
  #compareAt(index: number, other: Uint8Array): number {
    const { bytes, ends, isEscaped, starts } = this.#places;
    const end = ends[index] ?? 0;
    let at = starts[index] ?? 0;
    for (let byte = 0; at < end && byte < other.length; at++, byte++) {
      const stored = bytes[at] ?? 0;
      if (stored === BACKSLASH && isEscaped) return this.#compareDecoded(index, other);
      const difference = stored - (other[byte] ?? 0);
      if (difference !== 0) return difference;
    }
    return end - (starts[index] ?? 0) - other.length;
  }

  #compareDecoded(index: number, other: Uint8Array): number {
    const utf8 = encodeUtf8(this.#textAt(index));
    return compareRanges(utf8, 0, utf8.length, other, 0, other.length);
  }

  /** The bytes of a text, in memory that the next call uses again: a new buffer for each of a million paths is slow. */
  #encode(text: string): Uint8Array {
    const most = text.length * BYTES_A_UNIT;
    if (this.#scratch.length < most) this.#scratch = new Uint8Array(most);
    return this.#scratch.subarray(0, writeUtf8(text, this.#scratch));
  }

  #textAt(index: number): string {
    const raw = this.#rawAt(index);
    return this.#places.isEscaped && raw.includes("\\") ? unescaped(raw) : raw;
  }

  /** Cuts a text out of a piece if the caller reads in order, which is many times faster than decoding each. */
  #rawAt(index: number): string {
    const { ends, starts } = this.#places;
    const [start, end] = [starts[index] ?? 0, ends[index] ?? 0];
    const isHeld = index >= this.#first && index < this.#after;
    if (!isHeld && (index === this.#after || index === this.#next)) this.#decodePiece(index);
    else if (!isHeld) this.#next = index + 1;
    if (!this.#isAscii || index < this.#first || index >= this.#after) return this.#decode(start, end);
    const offset = starts[this.#first] ?? 0;
    return this.#piece.slice(start - offset, end - offset);
  }

  #decodePiece(first: number): void {
    const { ends, starts } = this.#places;
    const after = Math.min(first + PIECE, this.length);
    const [start, end] = [starts[first] ?? 0, ends[after - 1] ?? 0];
    this.#piece = this.#decode(start, end);
    // Only then is the index of a character the index of its byte.
    this.#isAscii = this.#piece.length === end - start;
    this.#first = first;
    this.#after = after;
  }

  /** Of a copy: not every decoder reads memory that is shared. */
  #decode(start: number, end: number): string {
    const text = decodeUtf8(this.#places.bytes.slice(start, end));
    if (text === undefined) throw new TypeError("texts are checked before they are read");
    return text;
  }
}

/** A place in texts in byte order, near which the next one is searched. */
export class TextCursor {
  readonly #texts: TextViews;
  #at = 0;

  constructor(texts: TextViews) {
    this.#texts = texts;
  }

  /** The index of a text, undefined if it is absent. */
  find(text: string): number | undefined {
    // Mostly the next one is asked for: one comparison.
    if (!this.#texts.isAt(this.#at, text) && !this.#texts.isAt(this.#seek(text), text)) return undefined;
    return this.#at++;
  }

  /** Whether a path among the texts is below this one. */
  isAbove(path: string): boolean {
    const folder = `${path}/`;
    return this.#texts.startsAt(this.#seek(folder), folder);
  }

  #seek(text: string): number {
    // Back to the beginning where the texts are asked for in another order.
    const isPast = this.#at > 0 && !this.#texts.isBefore(this.#at - 1, text);
    this.#at = this.#texts.seek(text, isPast ? 0 : this.#at);
    return this.#at;
  }
}

/** The text of a JSON string without its quotes. */
function unescaped(raw: string): string {
  const parsed = parseStrictJson(encodeUtf8(`"${raw}"`));
  if (!parsed.ok || typeof parsed.value !== "string")
    throw new TypeError("escapes are checked before they are read");
  return parsed.value;
}
