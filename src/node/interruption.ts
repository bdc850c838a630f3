/**
 * Stopping in the middle, on request. Long work asks between its steps, undoes what it did, and throws.
 *
 * @module
 */

/** The work was stopped by the caller's signal. What was begun has been undone. */
export class Interruption extends Error {
  override readonly name = "Interruption";
}

/** Throws an Interruption once the signal has fired. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Interruption("interrupted");
}
