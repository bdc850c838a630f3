/**
 * Places of texts, while more of them are found.
 *
 * @module
 */

import { withRoom } from "../../system/bytes/with-room.ts";
import { TextViews } from "../../system/json/text-views.ts";

/** Room for this many texts once there is one. */
const FIRST_TEXTS = 16;

/** Most lists of most trees are empty, and a chain has ten thousand trees: these share one array, which takes up no memory. */
const NO_PLACES: Uint32Array<ArrayBuffer> = new Uint32Array(0);

/** Collects where strings of canonical JSON begin and end. */
export class GrowingPlaces {
  #starts = NO_PLACES;
  #ends = NO_PLACES;
  #length = 0;

  /** Adds the place after the opening quote, and that of the closing quote. */
  add([start, end]: readonly [number, number]): void {
    if (this.#length === this.#starts.length) {
      const room = Math.max(FIRST_TEXTS, this.#length + 1);
      this.#starts = withRoom(this.#starts, room);
      this.#ends = withRoom(this.#ends, room);
    }
    this.#starts[this.#length] = start;
    this.#ends[this.#length++] = end;
  }

  /** The texts at the places that were added. */
  viewsOf(bytes: Uint8Array): TextViews {
    const isEmpty = this.#length === 0;
    const starts = isEmpty ? NO_PLACES : this.#starts.slice(0, this.#length);
    const ends = isEmpty ? NO_PLACES : this.#ends.slice(0, this.#length);
    return new TextViews({ bytes, starts, ends, isEscaped: true });
  }
}
