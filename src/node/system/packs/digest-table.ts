/**
 * A set of digests with a mark on each, for a million of them: 32 bytes and a slot each, and no object.
 *
 * @module
 */

import { randomInt } from "node:crypto";
import { DIGEST_BYTES, withRoom } from "../../../core/internal.ts";
import { isSameDigest } from "./same-digest.ts";

const FIRST_CAPACITY = 64;

/** A table that grows. Its entries are numbered from 0, in the order in which they were added. */
export class DigestTable {
  #digests: Uint8Array = new Uint8Array(FIRST_CAPACITY * DIGEST_BYTES);
  #marks: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  /** Open addressing: numbers of entries plus one. */
  #slots = new Int32Array(FIRST_CAPACITY * 2);
  #count = 0;
  /** Which bytes of a digest choose its slot. Random: the author of the files must not be able to fill neighbouring slots. */
  readonly #slotBytes = randomInt(DIGEST_BYTES - 4);

  /** How many digests there are. */
  get count(): number {
    return this.#count;
  }

  /** All digests, 32 raw bytes each: that of an entry is at its number times 32. */
  get digests(): Buffer {
    return Buffer.from(this.#digests.buffer, 0, this.#count * DIGEST_BYTES);
  }

  /** The entry of a digest, 32 raw bytes of `digests` at `place`; -1 if there is none. */
  find(digests: Uint8Array, place: number): number {
    return (this.#slots[this.#slotOf(digests, place)] ?? 0) - 1;
  }

  /** Adds a digest, and gives its entry: the old one if there was one. */
  add(digests: Uint8Array, place: number): number {
    if (this.#count * 2 >= this.#slots.length) this.#grow();
    const slot = this.#slotOf(digests, place);
    const held = this.#slots[slot] ?? 0;
    if (held > 0) return held - 1;
    this.#digests.set(digests.subarray(place, place + DIGEST_BYTES), this.#count * DIGEST_BYTES);
    this.#slots[slot] = ++this.#count;
    return this.#count - 1;
  }

  /** Marks a digest, 32 raw bytes of `digests` at `place`, if it is in the table. Gives whether it is. */
  mark(digests: Uint8Array, place: number): boolean {
    const entry = this.find(digests, place);
    if (entry >= 0) this.#marks[entry] = 1;
    return entry >= 0;
  }

  /** Whether an entry was marked. */
  isMarked(entry: number): boolean {
    return this.#marks[entry] === 1;
  }

  /** How many entries were marked. */
  countMarked(): number {
    return this.#marks.reduce((sum, mark) => sum + mark, 0);
  }

  /** The slot that holds a digest, or the free one for it. */
  #slotOf(digests: Uint8Array, place: number): number {
    const mask = this.#slots.length - 1;
    let key = 0;
    for (let byte = 0; byte < 4; byte++) key = (key << 8) | (digests[place + this.#slotBytes + byte] ?? 0);
    for (let slot = key & mask; ; slot = (slot + 1) & mask) {
      const held = this.#slots[slot] ?? 0;
      if (held === 0 || isSameDigest(this.#digests, (held - 1) * DIGEST_BYTES, digests, place)) return slot;
    }
  }

  #grow(): void {
    const capacity = this.#slots.length;
    this.#digests = withRoom(this.#digests, capacity * DIGEST_BYTES);
    this.#marks = withRoom(this.#marks, capacity);
    this.#slots = new Int32Array(capacity * 2);
    for (let entry = 0; entry < this.#count; entry++)
      this.#slots[this.#slotOf(this.#digests, entry * DIGEST_BYTES)] = entry + 1;
  }
}
