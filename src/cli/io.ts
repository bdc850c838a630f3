/**
 * What a command knows of the world: its streams, its folder, its environment, the clock. Handed in, so
 * that no command reaches for `process`.
 *
 * @module
 */

import type { Environment, SignalTap } from "../node/index.ts";

/** The surroundings of one run of the program. */
export interface Io {
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Whether stdout may be coloured: a terminal, and NO_COLOR is not set. */
  readonly colour: boolean;
  /** Whether whoever read stdout has gone: what is written from now on nobody gets. */
  readonly isUnread: () => boolean;
  readonly cwd: string;
  readonly environment: Environment;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  /** Fires on SIGINT and SIGTERM; its reason is the exit code. */
  readonly signal: AbortSignal;
  /** Hears of signals before that, for as long as a command of the caller's is run. */
  readonly tapSignals: SignalTap;
}
