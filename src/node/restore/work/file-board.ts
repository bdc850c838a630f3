/**
 * The board on which threads share the work on the files of a restore: it hands out their numbers, and knows of
 * each file whether somebody has begun it. Plain shared memory: nothing is sent per file.
 *
 * The first fault in the order of the files decides, as it does where one thread works: what comes after it is not
 * handed out, and what comes before it is still done.
 *
 * @module
 */

import type { Done } from "../../hashing/tally.ts";

/** Files taken at once, at most: neighbours share folders, and the counter is touched seldom. */
const LARGEST_BATCH = 32;

/** Batches that a board is cut into, at least: few files may be large ones, of which nobody should hold several. */
const FEWEST_BATCHES = 64;

/** Places in `counters`: the next number to hand out, and the number from which on nothing is done. */
const NEXT = 0;
const END = 1;

/** The marks of a file; 0 while nobody has begun it. */
const BEGUN = 1;
const DONE = 2;
const TAKEN = 3;

/** Numbers to hand out, from 0 up to `length`. */
export interface FileBoard {
  readonly length: number;
  readonly counters: Int32Array<SharedArrayBuffer>;
  readonly marks: Uint8Array<SharedArrayBuffer>;
  /** Only to show how far it is. */
  readonly done: Done;
}

/** Lays out a board for so many files, whose work is counted on `done`. */
export function makeFileBoard(length: number, done: Done): FileBoard {
  const counters = new Int32Array(new SharedArrayBuffer(8));
  counters[END] = length;
  return { length, counters, marks: new Uint8Array(new SharedArrayBuffer(length)), done };
}

/** Hands out numbers, none twice, until none is left. */
export function* takeNumbers({ counters, length }: FileBoard): Generator<number, void, undefined> {
  const batch = Math.max(1, Math.min(LARGEST_BATCH, Math.floor(length / FEWEST_BATCHES)));
  for (;;) {
    const start = Atomics.add(counters, NEXT, batch);
    for (let index = start; index < start + batch; index++) {
      if (index >= Atomics.load(counters, END)) return;
      yield index;
    }
  }
}

/** Hands out nothing from a number on. */
export function endBefore({ counters }: FileBoard, index: number): void {
  for (;;) {
    const end = Atomics.load(counters, END);
    if (end <= index || Atomics.compareExchange(counters, END, end, index) === end) return;
  }
}

/** Hands out nothing more: nobody waits for what is still being worked on. */
export function abandonBoard(board: FileBoard): void {
  endBefore(board, -1);
}

/** Whether nobody waits for what is still being worked on. */
export function isAbandoned({ counters }: FileBoard): boolean {
  return Atomics.load(counters, END) < 0;
}

/** Notes that a file is about to be worked on: whoever made it from now on, it is ours. */
export function markBegun({ marks }: FileBoard, index: number): void {
  Atomics.store(marks, index, BEGUN);
}

/** Notes that a file's work is done. */
export function markDone({ marks }: FileBoard, index: number): void {
  Atomics.store(marks, index, DONE);
}

/** Notes that somebody else's file bore the name that a new one was to get. */
export function markTaken({ marks }: FileBoard, index: number): void {
  Atomics.store(marks, index, TAKEN);
}

/** Whether the file was begun, and nothing of somebody else's was found in its place. */
export function isOurs({ marks }: FileBoard, index: number): boolean {
  const mark = Atomics.load(marks, index);
  return mark === BEGUN || mark === DONE;
}

/** Whether the work on every file is done. */
export function isAllDone({ marks }: FileBoard): boolean {
  return marks.every((mark) => mark === DONE);
}
