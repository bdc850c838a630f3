/**
 * Texts, while more of them are found.
 *
 * @module
 */

import { TextColumn } from "../bytes/text-column.ts";
import { utf8Length, writeUtf8 } from "../bytes/utf8.ts";
import { TextViews } from "./text-views.ts";

/** Room for this many bytes, and this many texts, at first. */
const FIRST_BYTES = 1024;
const FIRST_TEXTS = 16;

/** Collects texts as bytes: a million strings take several times the memory. */
export class GrowingTexts {
  #bytes = new Uint8Array(FIRST_BYTES);
  /** Where each text ends, after the 0 where the first one begins. */
  #bounds = new Uint32Array(FIRST_TEXTS);
  #length = 0;

  /** Adds a text, which must be well-formed. */
  add(text: string): void {
    const start = this.#bounds[this.#length] ?? 0;
    const needed = start + utf8Length(text);
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    if (this.#length + 1 === this.#bounds.length) {
      const larger = new Uint32Array(this.#bounds.length * 2);
      larger.set(this.#bounds);
      this.#bounds = larger;
    }
    this.#bounds[++this.#length] = start + writeUtf8(text, this.#bytes.subarray(start));
  }

  /** As `views`, for texts that are read in any order, backwards too. No text may be added after. */
  column(): TextColumn {
    return new TextColumn(this.#bytes, this.#bounds.subarray(0, this.#length + 1));
  }

  /** The texts that were added, in that order, without copies. */
  views(): TextViews {
    return new TextViews({
      bytes: this.#bytes,
      starts: this.#bounds.subarray(0, this.#length),
      ends: this.#bounds.subarray(1, this.#length + 1),
      isEscaped: false,
    });
  }
}
