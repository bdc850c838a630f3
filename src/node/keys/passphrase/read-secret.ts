/**
 * Bytes from a descriptor straight into secret memory, without waiting for ever and without a string.
 *
 * @module
 */

import { readSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Interruption, throwIfInterrupted, ticks } from "../../system/runtime/interruption.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";

/** How often a descriptor that does not wait is asked again. */
const PAUSE_MS = 20;

/** When to stop asking. */
export interface Patience {
  /** From now. A descriptor that gives nothing for so long is given up. */
  readonly milliseconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether no writer is left: then no more bytes will come. */
  readonly isOver?: () => boolean;
}

/**
 * Reads until the end of a descriptor or of the buffer, whichever comes first, and gives the number of
 * bytes; `undefined` where patience ended. Throws what read(2) says, and an Interruption.
 */
export async function readSecret(fd: number, into: Buffer, patience: Patience): Promise<number | undefined> {
  const deadline = ticks() + patience.milliseconds;
  let length = 0;
  while (length < into.length) {
    // Asked before reading: what was written before the end is there by then.
    const isOver = patience.isOver?.() === true;
    const count = readNow(fd, into, length);
    if (count === 0 || (count === undefined && isOver)) return length;
    if (count !== undefined) length += count;
    else if (ticks() > deadline) return undefined;
    else await pause(patience.signal);
  }
  return length;
}

/** One read(2): 0 at the end, `undefined` where there is nothing yet. */
export function readNow(fd: number, into: Buffer, offset: number): number | undefined {
  try {
    return readSync(fd, into, offset, into.length - offset, null);
  } catch (thrown) {
    if (errnoOf(thrown) === "EAGAIN") return undefined;
    throw thrown;
  }
}

/** Lets timers and signals have their turn. Throws an Interruption once the signal has fired. */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  throwIfInterrupted(signal);
  try {
    await setTimeout(PAUSE_MS, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw new Interruption("interrupted");
  }
}
