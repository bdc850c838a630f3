/**
 * Looks up items by digest: in a large history, which bundle has this root?
 *
 * @module
 */

import { type Crypto, matchesDigest } from "./crypto.ts";
import { DIGEST_BYTES, type HexDigest, parseHexInto } from "./hex.ts";

/** Bytes of the hash that choose the bucket: 48 bits, which a number holds exactly. */
const BUCKET_BYTES = 6;

interface Slot<Item> {
  readonly digest: HexDigest;
  readonly items: Item[];
}

/**
 * Items by digest; several items may share one. A plain `Map` compares digests up to the first difference.
 * Here 48 bits choose a bucket, and within it whole digests are compared in constant time (PROTOCOL 8). The bits come
 * from a hash of the digest: an attacker chooses the digests that a bundle claims, and could put all in one bucket.
 */
export class DigestIndex<Item> {
  readonly #buckets = new Map<number, Slot<Item>[]>();
  readonly #crypto: Crypto;

  /** An empty index. */
  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** Adds an item under a digest, after the items that are there. Does nothing without a digest. */
  add(digest: HexDigest | undefined, item: Item): void {
    if (digest === undefined) return;
    const key = this.#bucketOf(digest);
    const bucket = this.#buckets.get(key) ?? [];
    const slot = this.#find(bucket, digest);
    if (slot !== undefined) slot.items.push(item);
    else if (bucket.push({ digest, items: [item] }) === 1) this.#buckets.set(key, bucket);
  }

  /** The items under a digest, in the order of their addition; empty for an unknown digest, and without one. */
  at(digest: HexDigest | undefined): readonly Item[] {
    if (digest === undefined) return [];
    return this.#find(this.#buckets.get(this.#bucketOf(digest)) ?? [], digest)?.items ?? [];
  }

  #find(bucket: readonly Slot<Item>[], digest: HexDigest): Slot<Item> | undefined {
    return bucket.find((slot) => matchesDigest(slot.digest, digest, this.#crypto));
  }

  #bucketOf(digest: HexDigest): number {
    if (!parseHexInto(digest, decoded)) throw new TypeError("a digest is 64 lowercase hex characters");
    const hash = this.#crypto.sha256(decoded);
    let key = 0;
    for (let index = 0; index < BUCKET_BYTES; index++) key = key * 256 + (hash[index] ?? 0);
    return key;
  }
}

// Buffer for the decoded digest, reused by every call: a history looks up each digest some ten times.
const decoded = new Uint8Array(DIGEST_BYTES);
