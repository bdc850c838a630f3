/** When to ask a registry again, and when to give up. @module */

import { setTimeout } from "node:timers/promises";
import { Interruption, throwIfInterrupted } from "../../system/runtime/interruption.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { Failure } from "./failure.ts";
import { type Patience, PROGRESS_BYTES } from "./patience.ts";

/** The tries of one piece of work. */
export class Retries {
  readonly #patience: Patience;
  readonly #signal: AbortSignal | undefined;
  #tries = 1;
  #pausedMs = 0;
  #bytes = 0;

  constructor(patience: Patience, signal: AbortSignal | undefined) {
    this.#patience = patience;
    this.#signal = signal;
  }

  /** Bytes arrived that need not be asked for again. After enough of them, tries count anew. */
  progress(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < PROGRESS_BYTES) return;
    this.#bytes = 0;
    this.#tries = 1;
    this.#pausedMs = 0;
  }

  /** Waits before another try. Gives the fault where none is left, or would help. Throws an Interruption. */
  async again({ fault, isTransient, retryAfter }: Failure): Promise<OperationFault | undefined> {
    throwIfInterrupted(this.#signal);
    const { firstPauseMs, longestPauseMs, pausesMs, tries } = this.#patience;
    if (!isTransient || this.#tries >= tries) return fault;
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#tries - 1));
    // Many clients that were refused at one moment must not come back at one moment.
    const own = longest * (0.5 + Math.random() / 2);
    const pause = Math.max(own, (retryAfter ?? 0) * 1000);
    if (this.#pausedMs + pause > pausesMs) return fault;
    this.#tries += 1;
    this.#pausedMs += pause;
    await wait(pause, this.#signal);
    return undefined;
  }
}

/** Waits, in milliseconds. Throws an Interruption once the signal has fired. */
export async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw new Interruption("interrupted");
  }
}
