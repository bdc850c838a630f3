/** A thread of our own that died. @module */

import { setImmediate } from "node:timers";

/** A helping thread ended before its work did, for want of memory perhaps. Nothing was decided or half done. */
export class WorkerDeath extends Error {
  override readonly name = "WorkerDeath";
}

/**
 * Ends the calling thread with the thrown value, so that its `error` event fires in the thread that started it. An unhandled
 * rejection would not do: a process may be configured to ignore those, and the thread would wait for ever.
 */
export function endThread(thrown: unknown): void {
  setImmediate(() => {
    throw thrown;
  });
}
