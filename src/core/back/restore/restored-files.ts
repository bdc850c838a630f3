/**
 * The files of a restore, as its manifest lists them, in columns: a million of them as objects would take hundreds of megabytes.
 *
 * @module
 */

import { DIGEST_BYTES, parseHexAt } from "../../system/bytes/hex.ts";
import { HexDigests } from "../../system/bytes/hex-digests.ts";
import { isIndex, itemAt, itemsOf, type Listing } from "../../system/bytes/listing.ts";
import { withRoom } from "../../system/bytes/with-room.ts";
import { GrowingTexts } from "../../system/json/growing-texts.ts";
import type { TextViews } from "../../system/json/text-views.ts";
import type { RestoredFile } from "./restore-artifacts.ts";

/** Room for this many files at first. */
const FIRST_FILES = 8;

/** Files in the order in which they are added. One is made when it is asked for; after that, none is added. */
export class RestoredFiles implements Listing<RestoredFile> {
  readonly #paths = new GrowingTexts();
  #digests = new Uint8Array(FIRST_FILES * DIGEST_BYTES);
  #sizes = new Float64Array(FIRST_FILES);
  #bytes = 0;
  #texts: TextViews | undefined;
  #hex: HexDigests | undefined;

  get length(): number {
    return this.#paths.length;
  }

  /** Bytes of all files together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a file. Its path must be well-formed. */
  add({ path, digest, bytes }: RestoredFile): void {
    const index = this.length;
    this.#digests = withRoom(this.#digests, (index + 1) * DIGEST_BYTES);
    this.#sizes = withRoom(this.#sizes, index + 1);
    this.#paths.add(path);
    if (!parseHexAt(digest, 0, this.#digests, index * DIGEST_BYTES, DIGEST_BYTES))
      throw new TypeError("a digest is 64 lowercase hex characters");
    this.#sizes[index] = bytes;
    this.#bytes += bytes;
  }

  at(index: number): RestoredFile | undefined {
    return isIndex(index, this.length) ? this.#fileAt(index) : undefined;
  }

  [Symbol.iterator](): Generator<RestoredFile, undefined> {
    return itemsOf(this.length, (index) => this.#fileAt(index));
  }

  /** The path of a file. Throws a RangeError beyond the last: a bug. */
  pathAt(index: number): string {
    this.#texts ??= this.#paths.views();
    return itemAt(this.#texts, index);
  }

  #fileAt(index: number): RestoredFile {
    this.#hex ??= new HexDigests(this.#digests);
    return { path: this.pathAt(index), digest: this.#hex.at(index), bytes: this.#sizes[index] ?? 0 };
  }
}
