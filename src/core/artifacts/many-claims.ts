/**
 * The claims of a long OUTPUT_HASHES.json, in columns: paths are left in the document, digests stand side by side as raw bytes.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { DIGEST_BYTES, type HexDigest, parseHexAt } from "../bytes/hex.ts";
import { isIndex, itemsOf, type Listing } from "../bytes/listing.ts";
import type { TextObject } from "../json/text-object.ts";
import {
  findPathsBelowOthers,
  type OutputPath,
  type PathBreach,
  type PathRules,
  parseOutputPath,
} from "../paths/output-path.ts";
import { DIGEST_PREFIX, type OutputClaim } from "./output-claims.ts";

/** Claims in the order of the document, each of which is made when it is asked for. */
export class ManyClaims implements Listing<OutputClaim> {
  readonly length: number;
  readonly #hashes: TextObject;
  /** 32 raw bytes each, zeros where none is declared. */
  #digests: Uint8Array;
  /** The claims that declare no digest. */
  readonly #undeclared = new Set<number>();
  readonly #breaches = new Map<number, PathBreach>();

  /** Reads the member `hashes`. */
  constructor(hashes: TextObject, rules: PathRules) {
    this.length = hashes.size;
    this.#hashes = hashes;
    this.#digests = new Uint8Array(hashes.size * DIGEST_BYTES);
    for (let index = 0; index < hashes.size; index++) {
      const parsed = parseOutputPath(hashes.keyAt(index), rules);
      if (!parsed.ok) this.#breaches.set(index, parsed.code);
      if (!this.#readDigest(index)) this.#undeclared.add(index);
    }
    this.#findBelow();
  }

  /** Whether there is no path among them that breaks the law. */
  get areAllLawful(): boolean {
    return this.#breaches.size === 0;
  }

  /** All paths, lawful or not. */
  get paths(): Listing<string> {
    return this.#hashes.keyList;
  }

  at(index: number): OutputClaim | undefined {
    return isIndex(index, this.length) ? this.#claimAt(index) : undefined;
  }

  [Symbol.iterator](): Generator<OutputClaim, undefined> {
    return itemsOf(this.length, (index) => this.#claimAt(index));
  }

  /**
   * Moves the digests into other memory, 32 raw bytes each, zeros where none is declared. They are held there only from now on,
   * and nobody may change them.
   */
  moveDigests(target: Uint8Array): void {
    target.set(this.#digests);
    this.#digests = target;
  }

  /** Whether the claims from `start` up to `end` are lawful and declare just these digests, 32 raw bytes each. */
  declare(start: number, end: number, digests: Uint8Array, crypto: Crypto): boolean {
    if (this.#breaches.size > 0 || this.#undeclared.size > 0) {
      for (let index = start; index < end; index++) {
        if (this.#breaches.has(index) || this.#undeclared.has(index)) return false;
      }
    }
    return crypto.equalDigestLists(this.#digests.subarray(start * DIGEST_BYTES, end * DIGEST_BYTES), digests);
  }

  #claimAt(index: number): OutputClaim {
    const path = this.#hashes.keyAt(index);
    const breach = this.#breaches.get(index);
    if (breach !== undefined) return { lawful: false, path, breach };
    // Both were looked at where they stand.
    const digest = this.#hashes.valueAt(index).slice(DIGEST_PREFIX.length) as HexDigest;
    return {
      lawful: true,
      path: path as OutputPath,
      digest: this.#undeclared.has(index) ? undefined : digest,
    };
  }

  /** Only among lawful paths, as `readClaims` does. */
  #findBelow(): void {
    // Keys are in order: between a path and one below it there are only such as begin with it too.
    if (!this.#hashes.hasKeyWithinAnother) return;
    const { paths } = this;
    const isLawful = (_path: string, index: number): boolean => !this.#breaches.has(index);
    const below = findPathsBelowOthers(this.areAllLawful ? paths : [...paths].filter(isLawful));
    if (below.size === 0) return;
    let index = 0;
    for (const path of paths) {
      if (below.has(path) && !this.#breaches.has(index)) this.#breaches.set(index, "below-another-output");
      index++;
    }
  }

  /** As `parseDeclaredDigest`, where the text stands. */
  #readDigest(index: number): boolean {
    const { text } = this.#hashes;
    const start = this.#hashes.valueStart(index);
    const digits = start + DIGEST_PREFIX.length;
    if (this.#hashes.valueEnd(index) - digits !== DIGEST_BYTES * 2) return false;
    const place = index * DIGEST_BYTES;
    if (text.startsWith(DIGEST_PREFIX, start) && parseHexAt(text, digits, this.#digests, place, DIGEST_BYTES))
      return true;
    this.#digests.fill(0, place, place + DIGEST_BYTES);
    return false;
  }
}
