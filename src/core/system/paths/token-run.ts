/**
 * Tokens for consecutive bytes, without a star between them. Finds them in time that an attacker's pattern can't multiply: for
 * long runs by the bit-parallel Shift-And search (Baeza-Yates and Gonnet, 1992), which does not step back.
 *
 * @module
 */

import { type ByteToken, matchesByte } from "./glob-token.ts";

/** Up to this length, trying each place costs no more than the tables of the other search. */
const LONGEST_TRIED = 16;

const WORD_BITS = 32;

/** A part of a pattern that matches as many bytes as it has tokens. */
export class TokenRun {
  readonly length: number;
  readonly #tokens: readonly ByteToken[];
  /** For each byte, the bits of the tokens that match it. Made for the first search. */
  #masks: Int32Array | undefined;

  constructor(tokens: readonly ByteToken[]) {
    this.length = tokens.length;
    this.#tokens = tokens;
  }

  /** Whether the run matches the bytes from an index on, which must be at least as many. */
  matchesAt(bytes: Uint8Array, start: number): boolean {
    for (let at = 0; at < this.length; at++)
      if (!matchesByte(this.#tokens[at], bytes[start + at] ?? 0)) return false;
    return true;
  }

  /** The end of the first match within a range of bytes, undefined if there is none. */
  findEnd(bytes: Uint8Array, from: number, end: number): number | undefined {
    if (this.length > LONGEST_TRIED) return this.#findEndByBits(bytes, from, end);
    for (let start = from; start + this.length <= end; start++)
      if (this.matchesAt(bytes, start)) return start + this.length;
    return undefined;
  }

  /** A bit of `state` says that the tokens up to its own match the bytes up to the present one. */
  #findEndByBits(bytes: Uint8Array, from: number, end: number): number | undefined {
    const words = Math.ceil(this.length / WORD_BITS);
    this.#masks ??= makeMasks(this.#tokens, words);
    const masks = this.#masks;
    const state = new Int32Array(words);
    const lastBit = 1 << ((this.length - 1) % WORD_BITS);
    for (let at = from; at < end; at++) {
      const row = (bytes[at] ?? 0) * words;
      let carry = 1;
      for (let word = 0; word < words; word++) {
        const before = state[word] ?? 0;
        state[word] = ((before << 1) | carry) & (masks[row + word] ?? 0);
        carry = before >>> (WORD_BITS - 1);
      }
      if (((state[words - 1] ?? 0) & lastBit) !== 0) return at + 1;
    }
    return undefined;
  }
}

function makeMasks(tokens: readonly ByteToken[], words: number): Int32Array {
  const masks = new Int32Array(256 * words);
  for (const [index, token] of tokens.entries()) {
    const word = Math.floor(index / WORD_BITS);
    const bit = 1 << (index % WORD_BITS);
    for (let byte = 0; byte < 256; byte++) {
      const at = byte * words + word;
      if (matchesByte(token, byte)) masks[at] = (masks[at] ?? 0) | bit;
    }
  }
  return masks;
}
