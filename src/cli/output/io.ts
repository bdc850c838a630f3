/**
 * What a command knows of the world: its streams, its folder, its environment, the clock. Handed in, so
 * that no command reaches for `process`.
 *
 * @module
 */

import type { Environment, SignalTap } from "../../node/index.ts";

/** One line at the bottom of a terminal, drawn again and again. Whatever else is printed there clears it first. */
export interface StatusLine {
  /** How many characters stand in a row now. */
  readonly columns: number;
  /** Draws a line of fewer characters than that, in place of the last one. */
  draw(line: string): void;
  clear(): void;
}

/** The surroundings of one run of the program. */
export interface Io {
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Whether stdout may be coloured: a terminal, and NO_COLOR is not set. */
  readonly colour: boolean;
  /** How many columns the terminal has that stdout is; undefined if stdout is not a terminal. */
  readonly columns?: number | undefined;
  /** Whether stdout is a terminal. Where it isn't, what reads it may have the terminal, as a pager does. */
  readonly isOutTerminal: boolean;
  /** Whether whoever read stdout has gone: what is written from now on nobody gets. */
  readonly isUnread: () => boolean;
  readonly cwd: string;
  readonly environment: Environment;
  /** Of the terminal that stderr is; undefined where it is none, or one that can't draw. */
  readonly statusLine: StatusLine | undefined;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Milliseconds since some moment or other; the clock is never put back. */
  readonly ticks: () => number;
  /** Calls something every so many milliseconds until the returned function is called; nobody lives on for it. */
  readonly every: (milliseconds: number, act: () => void) => () => void;
  readonly random: (length: number) => Uint8Array;
  /** Fires on SIGINT and SIGTERM; its reason is the exit code. */
  readonly signal: AbortSignal;
  /** Hears of signals before that, for as long as a command of the caller's is run. */
  readonly tapSignals: SignalTap;
}
