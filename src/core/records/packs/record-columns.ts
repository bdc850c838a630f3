/**
 * What is known of the records of a pack, as columns: an object for each of a million records would take hundreds of megabytes.
 *
 * @module
 */

import { DIGEST_BYTES } from "../../system/bytes/hex.ts";
import { withRoom } from "../../system/bytes/with-room.ts";

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

  constructor(capacity = 64) {
    this.#columns = makeColumns(capacity);
  }

  /** How many records there are. */
  get count(): number {
    return this.#columns.count;
  }

  /** Adds a record; the digest is 32 raw bytes of `digests` at `place`. */
  add(offset: number, size: number, digests: Uint8Array, place: number): void {
    const at = this.#columns.count;
    const grown: RecordColumns = {
      count: at + 1,
      digests: withRoom(this.#columns.digests, (at + 1) * DIGEST_BYTES),
      offsets: withRoom(this.#columns.offsets, at + 1),
      sizes: withRoom(this.#columns.sizes, at + 1),
    };
    grown.digests.set(digests.subarray(place, place + DIGEST_BYTES), at * DIGEST_BYTES);
    grown.offsets[at] = offset;
    grown.sizes[at] = size;
    this.#columns = grown;
  }

  /** The records so far. */
  columns(): RecordColumns {
    return this.#columns;
  }
}
