/**
 * Expected failures are values. A `Result` is either a value or a fault. A fault has `ok: false` and a
 * code from a closed union, so that the compiler checks that a `switch` handles all of them.
 *
 * @module
 */

/** The members of every fault. Each function has its own closed union of codes. */
export interface Fault<Code extends string = string> {
  readonly ok: false;
  readonly code: Code;
}

/** A success with its value. */
export interface Ok<Value> {
  readonly ok: true;
  readonly value: Value;
}

/** A value, or a fault in its place. */
export type Result<Value, F extends Fault> = Ok<Value> | F;

/** Wraps a value as a success. */
export function ok<Value>(value: Value): Ok<Value> {
  return { ok: true, value };
}
