/**
 * Things found again by a digest: in a large history, which bundle bears this root?
 *
 * @module
 */

import { type Crypto, matchesDigest } from "./crypto.ts";
import type { HexDigest } from "./hex.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Bytes that choose the shelf: 48 bits, which a number holds exactly. */
const SHELF_BYTES = 6;

interface Slot<Item> {
  readonly digest: HexDigest;
  readonly items: Item[];
}

/**
 * Items by their digest, several under one if need be. A plain `Map` would compare digests until they differ;
 * here a few bits choose where to look, and the whole is compared in constant time (PROTOCOL 8). They are bits of the
 * digest's own hash: those of the digest, a stranger who merely claims it could choose, and put all on one shelf.
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
    const place = this.#shelfOf(digest);
    const shelf = this.#shelves.get(place);
    const added = { digest, items: [item] };
    if (shelf === undefined) this.#shelves.set(place, [added]);
    else shelf.push(added);
  }

  /** The items under a digest, in the order in which they were put there; none under an unknown one. */
  at(digest: HexDigest): readonly Item[] {
    return this.#find(digest)?.items ?? [];
  }

  #find(digest: HexDigest): Slot<Item> | undefined {
    const shelf = this.#shelves.get(this.#shelfOf(digest)) ?? [];
    return shelf.find((slot) => matchesDigest(slot.digest, digest, this.#crypto));
  }

  #shelfOf(digest: HexDigest): number {
    const hash = this.#crypto.sha256(encodeUtf8(digest));
    return hash.subarray(0, SHELF_BYTES).reduce((number, byte) => number * 256 + byte, 0);
  }
}
