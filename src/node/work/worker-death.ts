/** A thread of our own that died. @module */

import { setImmediate } from "node:timers";

/** A helping thread ended before its work did, for want of memory perhaps. Nothing was decided or half done. */
export class WorkerDeath extends Error {
  override readonly name = "WorkerDeath";
}

/**
 * Ends the thread that calls with what was thrown in it, so that whoever started it hears of it. Not by a rejection that
 * nobody handles: a process may be told to go on after one, and the thread would wait for ever.
 */
export function endThread(thrown: unknown): void {
  setImmediate(() => {
    throw thrown;
  });
}
