/**
 * Many texts in UTF-8, one behind the other: a million texts as strings would take some fifty megabytes more.
 *
 * @module
 */

import { decodeUtf8 } from "./utf8.ts";

/** Texts that are decoded at once. */
const PIECE = 256;

/**
 * Reads texts by their index. Neighbours are cut out of a piece that is decoded once, many times faster than decoding each.
 * The bytes may not change once a text was read.
 */
export class TextColumn {
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  #piece = -1;
  #text = "";
  #isAscii = false;

  /** @param starts where each text begins, and at the end where a next one would. */
  constructor(bytes: Uint8Array, starts: Uint32Array) {
    this.#bytes = bytes;
    this.#starts = starts;
  }

  /** The text at an index from 0 on. Throws a RangeError beyond the last: a bug. */
  at(index: number): string {
    const start = this.#starts[index];
    const end = this.#starts[index + 1];
    if (start === undefined || end === undefined) throw new RangeError("there is no text at that index");
    const first = index - (index % PIECE);
    if (first !== this.#piece) this.#decodePiece(first);
    if (!this.#isAscii) return this.#decode(start, end);
    const offset = this.#starts[first] ?? 0;
    return this.#text.slice(start - offset, end - offset);
  }

  #decodePiece(first: number): void {
    const start = this.#starts[first] ?? 0;
    const end = this.#starts[Math.min(first + PIECE, this.#starts.length - 1)] ?? 0;
    this.#text = this.#decode(start, end);
    // Only then is the place of a character the place of its byte.
    this.#isAscii = this.#text.length === end - start;
    this.#piece = first;
  }

  /** Of a copy: not every decoder reads memory that is shared. */
  #decode(start: number, end: number): string {
    const text = decodeUtf8(this.#bytes.slice(start, end));
    if (text === undefined) throw new TypeError("a column of texts is UTF-8");
    return text;
  }
}
