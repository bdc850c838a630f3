/** Counting what was hashed: a million files make a few messages a second. @module */

import type { FileProgress } from "./session-message.ts";

/** Milliseconds between two messages. */
const SAID_EVERY = 50;

/** Counts files and bytes. */
export class CountedProgress {
  readonly #say: (progress: FileProgress) => void;
  readonly #all: Pick<FileProgress, "allFiles" | "allBytes">;
  #files = 0;
  #bytes = 0;
  #last = 0;

  constructor(all: Pick<FileProgress, "allFiles" | "allBytes">, say: (progress: FileProgress) => void) {
    this.#all = all;
    this.#say = say;
  }

  /** Adds to the count. */
  add(files: number, bytes: number): void {
    this.#files += files;
    this.#bytes += bytes;
    const now = performance.now();
    if (now - this.#last < SAID_EVERY) return;
    this.#last = now;
    this.#say({ ...this.#all, files: this.#files, bytes: this.#bytes });
  }
}
