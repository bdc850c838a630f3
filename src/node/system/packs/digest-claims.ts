/**
 * A hash table of digests in memory that threads share: which of many digests is the first of its kind?
 *
 * @module
 */

import { randomInt } from "node:crypto";
import { DIGEST_BYTES } from "../../../core/internal.ts";
import { isSameDigest } from "./same-digest.ts";

/** The table. Plain data, which can be sent to a thread. */
export interface DigestClaims {
  /** Open-addressed: indexes plus one, 0 in a free slot. */
  readonly slots: Int32Array<SharedArrayBuffer>;
  /** Which bytes of a digest choose a slot. Random: the files' author must not be able to fill neighbouring slots. */
  readonly slotBytes: number;
}

/** A table for so many digests. */
export function makeClaims(digests: number): DigestClaims {
  let slots = 16;
  while (slots < digests * 2) slots *= 2;
  return {
    slots: new Int32Array(new SharedArrayBuffer(slots * 4)),
    slotBytes: randomInt(DIGEST_BYTES - 4),
  };
}

/** Gives the index of the first claimed digest that is equal to the one at an index: that index itself, if it is the first. */
export function claimDigest({ slotBytes, slots }: DigestClaims, digests: Buffer, index: number): number {
  const place = index * DIGEST_BYTES;
  for (let slot = digests.readUInt32LE(place + slotBytes); ; slot++) {
    const held = Atomics.compareExchange(slots, slot & (slots.length - 1), 0, index + 1);
    if (held === 0) return index;
    if (isSameDigest(digests, (held - 1) * DIGEST_BYTES, digests, place)) return held - 1;
  }
}
