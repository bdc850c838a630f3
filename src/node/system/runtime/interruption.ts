/**
 * Stops long work on request. The work checks a signal between its steps, undoes what it did, and throws.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";

/** Work that pauses now and then, so that its caller can check a signal, or abandon it. */
export type Steps<Value> = Generator<undefined, Value, undefined>;

/** The same, with pauses that last until a promise resolves: the caller must await it, and it never rejects. */
export type WaitingSteps<Value> = Generator<Promise<void> | undefined, Value, undefined>;

/** Bytes between two pauses of work on one file: a tenth of a second on a slow disk, which a copy waits for. */
export const BYTES_A_STEP: number = 8 * 1024 * 1024;

/** Small files between two breaths; fewer where they take longer than so many milliseconds. */
const PIECES_A_BREATH = 64;
const MS_A_BREATH = 50;

/** The time of the last breath: all work of a thread shares one event loop. */
let lastBreath = 0;

/** The work was stopped by the caller's signal. What was begun has been undone. */
export class Interruption extends Error {
  override readonly name = "Interruption";
}

/** Throws an Interruption once the signal has fired. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Interruption("interrupted");
}

/** Waits for work that can't be stopped, at most until the signal fires: then throws an Interruption. */
export async function waitUnlessInterrupted<Value>(
  work: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  throwIfInterrupted(signal);
  let interrupt = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Interruption("interrupted"));
  });
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
}

/**
 * For the pauses between pieces of work with increasing numbers: now and then, throws an Interruption once the signal has
 * fired. `undefined` in between, when there is nothing to wait for.
 */
export function breathe(index: number, signal: AbortSignal | undefined): Promise<void> | undefined {
  const isDue = ticks() - lastBreath >= MS_A_BREATH;
  if (!isDue && index % PIECES_A_BREATH !== PIECES_A_BREATH - 1) return undefined;
  return takeBreath(signal);
}

/** Lets a signal arrive that came during the work, and then throws an Interruption. */
export async function takeBreath(signal: AbortSignal | undefined): Promise<void> {
  // Signals and timers arrive only between the turns of the event loop.
  await setImmediate();
  lastBreath = ticks();
  throwIfInterrupted(signal);
}

/** Runs work completely, without pauses, if it is too short to be stopped. */
export function runSteps<Value>(steps: Steps<Value>): Value {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs work of many short steps completely, with a breath now and then. Throws as `driveSteps` does. */
export async function breatheAlong<Value>(
  steps: Steps<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  return await runPausing(steps, (_step, index) => breathe(index, signal));
}

/** Runs work completely. Throws an Interruption once the signal has fired, after the work has cleaned up. */
export async function driveSteps<Value>(
  steps: WaitingSteps<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  return await runPausing(steps, async (step) => {
    await step;
    // Signals arrive only between the turns of the event loop.
    await setImmediate();
    throwIfInterrupted(signal);
  });
}

/** Runs work completely, and pauses after each step. If a pause throws, the work cleans up first. */
async function runPausing<Value>(
  steps: WaitingSteps<Value>,
  pause: (step: Promise<void> | undefined, index: number) => Promise<void> | undefined,
): Promise<Value> {
  let ended = false;
  try {
    for (let index = 0; ; index++) {
      const step = steps.next();
      ended = step.done === true;
      if (step.done === true) return step.value;
      const paused = pause(step.value, index);
      if (paused !== undefined) await paused;
    }
  } finally {
    // A generator's own `finally` closes what it holds open.
    if (!ended) steps.return(undefined as never);
  }
}

/** Milliseconds since an arbitrary moment, by a clock that is never put back. */
export function ticks(): number {
  // Not `performance`, for which Node loads nine modules of its own: a millisecond of a small bundle's verification.
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1_000_000;
}
