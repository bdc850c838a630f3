/**
 * Things found again by a digest: in a large history, which bundle bears this root?
 *
 * @module
 */

import { type Crypto, matchesDigest } from "./crypto.ts";
import type { HexDigest } from "./hex.ts";

/** Hex digits that choose the shelf: 48 bits, which a number holds exactly. */
const SHELF_DIGITS = 12;

interface Slot<Item> {
  readonly digest: HexDigest;
  readonly items: Item[];
}

/**
 * Items by their digest, several under one if need be. A plain `Map` would compare digests until they differ;
 * here a few bits choose where to look, and the whole is compared in constant time (PROTOCOL 8).
 */
export class DigestIndex<Item> {
  readonly #shelves = new Map<number, Slot<Item>[]>();
  readonly #crypto: Crypto;

  /** An empty index. */
  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** Puts an item under a digest, behind those that are there. */
  add(digest: HexDigest, item: Item): void {
    const slot = this.#find(digest);
    if (slot !== undefined) {
      slot.items.push(item);
      return;
    }
    const shelf = this.#shelves.get(shelfOf(digest));
    const added = { digest, items: [item] };
    if (shelf === undefined) this.#shelves.set(shelfOf(digest), [added]);
    else shelf.push(added);
  }

  /** The items under a digest, in the order in which they were put there; none under an unknown one. */
  at(digest: HexDigest): readonly Item[] {
    return this.#find(digest)?.items ?? [];
  }

  #find(digest: HexDigest): Slot<Item> | undefined {
    const shelf = this.#shelves.get(shelfOf(digest)) ?? [];
    return shelf.find((slot) => matchesDigest(slot.digest, digest, this.#crypto));
  }
}

function shelfOf(digest: HexDigest): number {
  return Number.parseInt(digest.slice(0, SHELF_DIGITS), 16);
}
