/** How long a registry is waited for, and how often it is asked again. @module */

import type { ExchangeTimes } from "../../system/http/exchange.ts";

/** The times and counts of one repository's requests. */
export interface Patience extends ExchangeTimes {
  /** Tries without progress. */
  readonly tries: number;
  /** Milliseconds before the second try, twice as many before each later one, up to the longest pause. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Milliseconds of pauses without progress, all together. A registry that wants a longer one in `Retry-After` is not asked again. */
  readonly pausesMs: number;
}

/** What commands use. */
export const DEFAULT_PATIENCE: Patience = {
  connectMs: 30_000,
  idleMs: 60_000,
  wholeMs: 120_000,
  tries: 6,
  firstPauseMs: 500,
  longestPauseMs: 30_000,
  pausesMs: 120_000,
};

/** Bytes of a blob after which tries count anew. A registry that cuts each connection sooner is given up. */
export const PROGRESS_BYTES: number = 1024 * 1024;
