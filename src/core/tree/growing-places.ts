/**
 * Places of texts, while more of them are found.
 *
 * @module
 */

import { TextViews } from "./text-views.ts";

/** Room for this many texts at first. */
const FIRST_TEXTS = 16;

/** Collects where strings of canonical JSON begin and end. */
export class GrowingPlaces {
  #starts = new Uint32Array(FIRST_TEXTS);
  #ends = new Uint32Array(FIRST_TEXTS);
  #length = 0;

  /** Adds the place after the opening quote, and that of the closing quote. */
  add([start, end]: readonly [number, number]): void {
    if (this.#length === this.#starts.length) {
      this.#starts = doubled(this.#starts);
      this.#ends = doubled(this.#ends);
    }
    this.#starts[this.#length] = start;
    this.#ends[this.#length++] = end;
  }

  /** The texts at the places that were added. */
  viewsOf(bytes: Uint8Array): TextViews {
    const starts = this.#starts.slice(0, this.#length);
    const ends = this.#ends.slice(0, this.#length);
    return new TextViews({ bytes, starts, ends, isEscaped: true });
  }
}

function doubled(places: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(places.length * 2);
  larger.set(places);
  return larger;
}
