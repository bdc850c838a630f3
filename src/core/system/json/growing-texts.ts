/**
 * Texts, while more of them are found.
 *
 * @module
 */

import { compareRanges } from "../bytes/bytes.ts";
import { writeUtf8 } from "../bytes/utf8.ts";
import { withRoom } from "../bytes/with-room.ts";
import { type LaidOutTexts, TextViews } from "./text-views.ts";

/** Room for this many texts, and this many bytes of each, at first. */
const FIRST_TEXTS = 8;
const BYTES_A_TEXT = 32;

/** No unit of UTF-16 has more bytes in UTF-8. */
const BYTES_A_UNIT = 3;

/** Collects texts as bytes: a million strings take several times the memory. */
export class GrowingTexts {
  #bytes: Uint8Array;
  #starts: Uint32Array;
  #length: number;

  /** No texts, or those that are laid out already. */
  constructor(texts?: LaidOutTexts) {
    this.#bytes = texts?.bytes ?? new Uint8Array(FIRST_TEXTS * BYTES_A_TEXT);
    this.#starts = texts?.starts ?? new Uint32Array(FIRST_TEXTS + 1);
    this.#length = texts === undefined ? 0 : texts.starts.length - 1;
  }

  /** How many texts there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds a text, which must be well-formed. */
  add(text: string): void {
    const start = this.#starts[this.#length] ?? 0;
    this.#bytes = withRoom(this.#bytes, start + text.length * BYTES_A_UNIT);
    this.#starts = withRoom(this.#starts, this.#length + 2);
    this.#starts[++this.#length] = start + writeText(text, this.#bytes, start);
  }

  /** Adds a text in ASCII, from `start` up to `end`, if it comes after the last one. */
  addNext(ascii: Uint8Array, start: number, end: number): boolean {
    const last = this.#starts[this.#length - 1] ?? 0;
    const from = this.#starts[this.#length] ?? 0;
    if (this.#length > 0 && compareRanges(this.#bytes, last, from, ascii, start, end) >= 0) return false;
    this.#bytes = withRoom(this.#bytes, from + end - start);
    this.#starts = withRoom(this.#starts, this.#length + 2);
    // A loop: most texts are so short that a view of them takes longer.
    for (let at = start; at < end; at++) this.#bytes[from + at - start] = ascii[at] ?? 0;
    this.#starts[++this.#length] = from + end - start;
    return true;
  }

  /** Takes back the last text. */
  removeLast(): void {
    this.#length--;
  }

  /** Whether the last text comes after the one before it, by their bytes. */
  get isLastInOrder(): boolean {
    const last = this.#length - 1;
    const start = this.#starts[last] ?? 0;
    const before = this.#starts[last - 1] ?? 0;
    const end = this.#starts[last + 1] ?? 0;
    return last < 1 || compareRanges(this.#bytes, before, start, this.#bytes, start, end) < 0;
  }

  /** The texts as they stand, without copies. They may not be changed. */
  laidOut(): LaidOutTexts {
    const starts = this.#starts.subarray(0, this.#length + 1);
    return { bytes: this.#bytes.subarray(0, starts[this.#length]), starts };
  }

  /** The texts that were added, in that order, without copies. */
  views(): TextViews {
    return TextViews.in(this.laidOut());
  }
}

/** Writes a text as UTF-8 at an offset, and gives the bytes written. Most texts are ASCII, for which a loop is faster. */
function writeText(text: string, target: Uint8Array, start: number): number {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) return writeUtf8(text, target.subarray(start));
    target[start + index] = unit;
  }
  return text.length;
}
