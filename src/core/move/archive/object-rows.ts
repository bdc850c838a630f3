/**
 * Which outputs of which runs have the same bytes: the rows of several runs, in the order of their digests.
 *
 * @module
 */

import type { OutputClaims } from "../../records/artifacts/output-claims.ts";
import { compareDigests } from "../../records/packs/compare-digests.ts";
import { DIGEST_BYTES } from "../../system/bytes/hex.ts";
import { lowerBound } from "../../system/bytes/listing.ts";

/** An output of one of the runs. */
export interface RunRow {
  /** The number of the run among those that were given. */
  readonly run: number;
  readonly row: number;
}

/** The rows of runs by digest. Columns: an object for each of a million outputs would take a hundred megabytes. */
export class ObjectRows {
  readonly #runs: Uint32Array;
  readonly #rows: Uint32Array;
  /** 32 raw bytes for each row, in the same order. */
  readonly #digests: Uint8Array;

  /** Takes the rows for which `isWanted` holds; each must be lawful and declare a digest. */
  constructor(claims: readonly OutputClaims[], isWanted: (run: number, row: number) => boolean) {
    const most = claims.reduce((sum, { length }) => sum + length, 0);
    const runs = new Uint32Array(most);
    const rows = new Uint32Array(most);
    const digests = new Uint8Array(most * DIGEST_BYTES);
    let count = 0;
    for (const [run, { columns }] of claims.entries()) {
      for (let row = 0; row < columns.length; row++) {
        if (!isWanted(run, row)) continue;
        runs[count] = run;
        rows[count] = row;
        const at = row * DIGEST_BYTES;
        digests.set(columns.digests.subarray(at, at + DIGEST_BYTES), count * DIGEST_BYTES);
        count++;
      }
    }
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    order.sort((left, right) => compare(digests, left, digests, right * DIGEST_BYTES) || left - right);
    this.#runs = order.map((index) => runs[index] ?? 0);
    this.#rows = order.map((index) => rows[index] ?? 0);
    this.#digests = new Uint8Array(count * DIGEST_BYTES);
    for (const [place, index] of order.entries()) {
      const at = index * DIGEST_BYTES;
      this.#digests.set(digests.subarray(at, at + DIGEST_BYTES), place * DIGEST_BYTES);
    }
  }

  /** The rows that have a digest, 32 raw bytes of `digests` at `place`. */
  find(digests: Uint8Array, place: number): readonly RunRow[] {
    let low = lowerBound(this.#rows.length, (at) => compare(this.#digests, at, digests, place) < 0);
    const found: RunRow[] = [];
    for (; low < this.#rows.length && compare(this.#digests, low, digests, place) === 0; low++)
      found.push(this.#at(low));
    return found;
  }

  /** One row for each digest, in the order of the digests. */
  *objects(): Generator<RunRow, undefined> {
    for (let index = 0; index < this.#rows.length; index++) {
      const isFirst =
        index === 0 || compare(this.#digests, index - 1, this.#digests, index * DIGEST_BYTES) !== 0;
      if (isFirst) yield this.#at(index);
    }
    return undefined;
  }

  #at(index: number): RunRow {
    return { run: this.#runs[index] ?? 0, row: this.#rows[index] ?? 0 };
  }
}

/** The order of two digests by their bytes. It decides where to look, never what to believe: the bytes that are found are hashed. */
function compare(left: Uint8Array, index: number, right: Uint8Array, place: number): number {
  return compareDigests(left, index * DIGEST_BYTES, right, place);
}
