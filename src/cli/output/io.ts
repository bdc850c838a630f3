/**
 * What a command gets from its process: streams, current folder, environment, clock. Passed in, so that no command
 * uses `process`.
 *
 * @module
 */

import type { SignalTap } from "../../node/run/command-signals.ts";
import type { CommandStreams } from "../../node/run/run-command.ts";
import type { Environment } from "../../node/system/runtime/user-home.ts";

/** One line at the bottom of a terminal, drawn again and again. Whatever else is printed there clears it first. */
export interface StatusLine {
  /** How many characters stand in a row now. */
  readonly columns: number;
  /** Draws a line of fewer characters than that, in place of the last one. */
  draw(line: string): void;
  clear(): void;
}

/** What one run of the program gets from its process. */
export interface Io {
  readonly writeOut: (text: string) => void;
  /** Writes bytes to stdout, and waits until they were taken: an object of a store may be larger than the memory. */
  readonly writeBytes: (bytes: Uint8Array) => Promise<void>;
  readonly writeError: (text: string) => void;
  /** The bytes of stdin, piece by piece. Ending the iteration closes stdin, also while a piece is awaited. */
  readonly readIn: () => AsyncIterable<Uint8Array>;
  /** Whether stdout is coloured; see colour.ts. */
  readonly colour: boolean;
  /** Whether stderr is coloured, by the same rules. */
  readonly errorColour: boolean;
  /** Columns of stdout's terminal; undefined if stdout is not a terminal. */
  readonly columns?: number | undefined;
  /** Columns of stderr's terminal; undefined if stderr is not a terminal. */
  readonly errorColumns?: number | undefined;
  /** Whether stdout is a terminal. If not, its reader may use the terminal, as a pager does. */
  readonly isOutTerminal: boolean;
  /** Whether the reader of stdout has closed it: later output is lost. */
  readonly isUnread: () => boolean;
  readonly cwd: string;
  readonly environment: Environment;
  /** The status line of stderr's terminal; undefined if stderr is not a terminal, or one that can't draw. */
  readonly statusLine: StatusLine | undefined;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a monotonic clock. */
  readonly ticks: () => number;
  /** Calls a function every so many milliseconds until the returned function is called. Does not keep the process alive. */
  readonly every: (milliseconds: number, act: () => void) => () => void;
  readonly random: (length: number) => Uint8Array;
  /** Fires on SIGINT and SIGTERM; its reason is the exit code. */
  readonly signal: AbortSignal;
  /** Gets signals first, while a command of the caller's runs. */
  readonly tapSignals: SignalTap;
  /** What a command of the caller's inherits as its streams. */
  readonly commandStreams: CommandStreams;
}
