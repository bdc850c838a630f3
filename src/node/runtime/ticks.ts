/**
 * The clock by which waiting and work are measured.
 *
 * @module
 */

/** Milliseconds since some moment or other; the clock is never put back. */
export function ticks(): number {
  // Not `performance`, for which Node loads nine modules of its own: a millisecond of a small bundle's verification.
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1_000_000;
}
