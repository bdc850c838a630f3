/**
 * The queue from which threads take the files of a restore: it gives out their numbers. Plain shared memory: no message is sent for
 * a file.
 *
 * The first fault in the order of the files decides, as with one thread: files after it are not given out, files before it
 * are still done.
 *
 * @module
 */

import type { Done } from "../../../system/runtime/progress.ts";

/** Most files that a thread takes at once: neighbours share folders, and the counter is changed seldom. */
const LARGEST_BATCH = 32;

/** Fewest batches of a queue: a few files may be large, and one thread should not take several of them. */
const FEWEST_BATCHES = 64;

/** Places in `counters`: the next number to give out, the end, from which on no file is given out, and how many are done. */
const NEXT = 0;
const END = 1;
const DONE = 2;

/** The numbers from 0 up to `length`, and what became of them. */
export interface FileQueue {
  readonly length: number;
  readonly counters: Int32Array<SharedArrayBuffer>;
  /** Counts for the progress. */
  readonly done: Done;
}

/** Makes a queue of so many files. Their progress is counted on `done`. */
export function makeFileQueue(length: number, done: Done): FileQueue {
  const counters = new Int32Array(new SharedArrayBuffer(12));
  counters[END] = length;
  return { length, counters, done };
}

/** Gives out numbers, none twice, until none is left. */
export function* takeNumbers({ counters, length }: FileQueue): Generator<number, void, undefined> {
  const batch = Math.max(1, Math.min(LARGEST_BATCH, Math.floor(length / FEWEST_BATCHES)));
  for (;;) {
    const start = Atomics.add(counters, NEXT, batch);
    for (let index = start; index < start + batch; index++) {
      if (index >= Atomics.load(counters, END)) return;
      yield index;
    }
  }
}

/** Gives out no number from this one on. */
export function endBefore({ counters }: FileQueue, index: number): void {
  for (;;) {
    const end = Atomics.load(counters, END);
    if (end <= index || Atomics.compareExchange(counters, END, end, index) === end) return;
  }
}

/** Gives out no more numbers, and lets threads drop the file that they are working on. */
export function abandonQueue(queue: FileQueue): void {
  endBefore(queue, -1);
}

/** Whether threads may drop the file that they are working on. */
export function isAbandoned({ counters }: FileQueue): boolean {
  return Atomics.load(counters, END) < 0;
}

/** Counts a file as done. */
export function markDone({ counters }: FileQueue): void {
  Atomics.add(counters, DONE, 1);
}

/** Whether every file is done. */
export function isAllDone({ counters, length }: FileQueue): boolean {
  return Atomics.load(counters, DONE) === length;
}
