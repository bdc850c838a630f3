/**
 * Expected failures are values. A `Result` is either a value or a fault; a fault has `ok: false`
 * and a code from a closed union, so that a `switch` over it is exhaustive.
 *
 * @module
 */

/** What every fault has in common. `code` comes from a closed union of the function at hand. */
export interface Fault<Code extends string = string> {
  readonly ok: false;
  readonly code: Code;
}

/** A success with its value. */
export interface Ok<Value> {
  readonly ok: true;
  readonly value: Value;
}

/** A value, or the fault that stands in its place. */
export type Result<Value, F extends Fault> = Ok<Value> | F;

/** Wraps a value as a success. */
export function ok<Value>(value: Value): Ok<Value> {
  return { ok: true, value };
}
