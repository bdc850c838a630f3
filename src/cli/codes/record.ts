/**
 * The record of a code: everything that the program says about it, in one place. The code itself is in the union of the
 * layer that raises it: core and node can't import the command line. The compiler finds a code without a record.
 *
 * @module
 */

import type { OperationDetails } from "../../node/index.ts";
import type { ExitCode } from "./exit-code.ts";

/** What the program says about one code. `explain`, docs/codes.md and hints are made from it. */
export interface CodeRecord {
  /**
   * The exit code of a command that ends with this code; default: the usual one of its table (codes.ts). A restore may have
   * another (restore-exit-code.ts).
   */
  readonly exit?: ExitCode;
  readonly meaning: string;
  readonly remedy: string;
}

/** The record of a code that has a sentence of the command line's own. */
export interface ErrorRecord<Facts> extends CodeRecord {
  /** Lower case, no full stop: what failed, and on what. */
  readonly message: string | ((facts: Facts) => string);
  /** What to do next, if there is more to say than `remedy`. */
  readonly hints?: readonly string[] | ((facts: Facts) => readonly string[]);
}

/** What the messages of failed operations need. */
export interface OperationFacts extends OperationDetails {
  /** The path, quoted. */
  readonly shown: string;
  /** The names, quoted, with commas. */
  readonly named: string;
  /** `: permission denied`, or nothing. */
  readonly because: string;
}

/** The record of an operation's code. */
export type OperationRecord = ErrorRecord<OperationFacts>;

/** The sentence of an error. */
export function messageOf<Facts>({ message }: ErrorRecord<Facts>, facts: Facts): string {
  return typeof message === "string" ? message : message(facts);
}

/** What to do about an error. */
export function hintsOf<Facts>({ hints, remedy }: ErrorRecord<Facts>, facts: Facts): readonly string[] {
  if (hints === undefined) return [remedy];
  return typeof hints === "function" ? hints(facts) : hints;
}
