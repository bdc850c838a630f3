/**
 * Things found again by a digest: in a large history, which bundle bears this root?
 *
 * @module
 */

import { type Crypto, matchesDigest } from "./crypto.ts";
import { DIGEST_BYTES, type HexDigest, parseHexInto } from "./hex.ts";

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
    const place = this.#placeOf(digest);
    const shelf = this.#shelves.get(place);
    const slot = this.#find(shelf, digest);
    if (slot !== undefined) slot.items.push(item);
    else if (shelf !== undefined) shelf.push({ digest, items: [item] });
    else this.#shelves.set(place, [{ digest, items: [item] }]);
  }

  /** The items under a digest, in the order in which they were put there; none under an unknown one. */
  at(digest: HexDigest): readonly Item[] {
    return this.#find(this.#shelves.get(this.#placeOf(digest)), digest)?.items ?? [];
  }

  #find(shelf: readonly Slot<Item>[] | undefined, digest: HexDigest): Slot<Item> | undefined {
    return shelf?.find((slot) => matchesDigest(slot.digest, digest, this.#crypto));
  }

  #placeOf(digest: HexDigest): number {
    if (!parseHexInto(digest, asked)) throw new TypeError("a digest is 64 lowercase hex characters");
    const hash = this.#crypto.sha256(asked);
    let place = 0;
    for (let index = 0; index < SHELF_BYTES; index++) place = place * 256 + (hash[index] ?? 0);
    return place;
  }
}

// Where a digest is decoded that is asked for: a history asks for each some ten times.
const asked = new Uint8Array(DIGEST_BYTES);
