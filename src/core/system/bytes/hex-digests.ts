/**
 * Many digests as text. Converts 256 at a time, which is several times faster than one by one.
 *
 * @module
 */

import { DIGEST_BYTES, type HexDigest, writeHex } from "./hex.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Digests converted at once. */
const BATCH = 256;

/** Adjacent digests, 32 raw bytes each, as lowercase hex. The bytes must not change after the first call of `at`. */
export class HexDigests {
  readonly #digests: Uint8Array;
  #start = -1;
  #text = "";

  constructor(digests: Uint8Array) {
    this.#digests = digests;
  }

  /** The digest at an index from 0 on. Throws a RangeError beyond the last, which is a bug. */
  at(index: number): HexDigest {
    const start = index - (index % BATCH);
    if (start !== this.#start) this.#write(start);
    const place = (index - start) * DIGEST_BYTES * 2;
    const digest = this.#text.slice(place, place + DIGEST_BYTES * 2);
    if (digest.length !== DIGEST_BYTES * 2) throw new RangeError("there is no digest at that index");
    return digest as HexDigest;
  }

  #write(start: number): void {
    const end = Math.min((start + BATCH) * DIGEST_BYTES, this.#digests.length);
    const length = Math.max(0, end - start * DIGEST_BYTES);
    const hex = new Uint8Array(length * 2);
    writeHex(this.#digests, start * DIGEST_BYTES, length, hex, 0);
    this.#text = decodeUtf8(hex) ?? "";
    this.#start = start;
  }
}
