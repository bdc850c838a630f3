/**
 * What is known of the records of a pack, as columns: an object for each of a million records would take hundreds of megabytes.
 *
 * @module
 */

import { DIGEST_BYTES } from "../bytes/hex.ts";

/** The records of one pack, in the order of their offsets. */
export interface RecordColumns {
  readonly count: number;
  /** 32 raw bytes each. */
  readonly digests: Uint8Array;
  /** Where a record's head begins in the pack. */
  readonly offsets: Float64Array;
  /** Bytes of the objects. */
  readonly sizes: Uint32Array;
}

/** Makes room for so many records. */
export function makeColumns(capacity: number): RecordColumns {
  return {
    count: 0,
    digests: new Uint8Array(capacity * DIGEST_BYTES),
    offsets: new Float64Array(capacity),
    sizes: new Uint32Array(capacity),
  };
}

/** Collects records one by one. */
export class ColumnsBuilder {
  #columns: RecordColumns;
  #count = 0;

  constructor(capacity = 64) {
    this.#columns = makeColumns(capacity);
  }

  /** How many records there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds a record; the digest is 32 raw bytes of `digests` at `place`. */
  add(offset: number, size: number, digests: Uint8Array, place: number): void {
    if (this.#count === this.#columns.offsets.length) this.#grow();
    const { digests: all, ...columns } = this.#columns;
    all.set(digests.subarray(place, place + DIGEST_BYTES), this.#count * DIGEST_BYTES);
    columns.offsets[this.#count] = offset;
    columns.sizes[this.#count] = size;
    this.#count++;
  }

  /** The records so far. */
  columns(): RecordColumns {
    return { ...this.#columns, count: this.#count };
  }

  #grow(): void {
    const old = this.#columns;
    const grown = makeColumns(old.offsets.length * 2);
    grown.digests.set(old.digests);
    grown.offsets.set(old.offsets);
    grown.sizes.set(old.sizes);
    this.#columns = grown;
  }
}
