/**
 * What threads together have done, in plain shared memory: each counts for itself, and tells it in lots.
 *
 * @module
 */

import type { ProgressCount } from "../runtime/progress.ts";

/** Finished files at [0], bytes read at [1], those of unfinished files included. May lag a moment behind. */
export type Done = BigInt64Array<SharedArrayBuffer>;

/** Bytes that a thread hashes in about a millisecond. */
const BYTES_WORTH_TELLING: number = 1024 * 1024;

/** Nothing done yet. */
export function makeDone(): Done {
  return new BigInt64Array(new SharedArrayBuffer(16));
}

/** What all threads together have done: for display only, because a thread reports in lots. */
export function readDone(done: Done): ProgressCount {
  return { files: Number(Atomics.load(done, 0)), bytes: Number(Atomics.load(done, 1)) };
}

/** The count of one thread. */
export class Tally {
  readonly #done: Done;
  /** All bytes that this thread counted. */
  bytes = 0;
  #files = 0;
  #bytes = 0;

  constructor(done: Done) {
    this.#done = done;
  }

  countFile(): void {
    this.#files += 1;
  }

  countBytes(bytes: number): void {
    this.bytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes >= BYTES_WORTH_TELLING) this.tell();
  }

  /** Writes down what was not told yet. */
  tell(): void {
    if (this.#files > 0) Atomics.add(this.#done, 0, BigInt(this.#files));
    if (this.#bytes > 0) Atomics.add(this.#done, 1, BigInt(this.#bytes));
    this.#files = 0;
    this.#bytes = 0;
  }
}
