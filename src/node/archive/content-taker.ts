/**
 * Takes the contents of an archive as they pass: hashes each, and keeps its bytes, or notes where they are.
 *
 * @module
 */

import type { Spool } from "../source/spool.ts";
import { ContentHash } from "./found-rows.ts";

/** Takes one content after the other. */
export class ContentTaker {
  readonly hash: ContentHash = new ContentHash();
  readonly #spool: Spool | undefined;
  #start = 0;

  /** @param spool keeps the bytes; without one, they stay in the archive's own file. */
  constructor(spool: Spool | undefined) {
    this.#spool = spool;
  }

  /** Begins a content of so many bytes, which are at this offset of the archive. Throws a SpoolFailure. */
  begin(size: number, offset: number): void {
    this.hash.begin(size);
    this.#start = this.#spool?.reserve(size) ?? offset;
  }

  /** Takes a piece. Throws a SpoolFailure. */
  add(piece: Uint8Array): void {
    this.#spool?.write(piece, this.#start + this.hash.bytes);
    this.hash.add(piece);
  }

  /** Where the content begins in the held file. */
  get start(): number {
    return this.#start;
  }
}
