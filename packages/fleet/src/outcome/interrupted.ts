/** What ends a command before its time. @module */

/** The exit code of a command that a signal ended, as `runseal` has them. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** The signals that end a command. */
export type EndingSignal = keyof typeof EXIT_CODES;

/** The reason of the signal that each command has: thrown by what was begun, once that is undone. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: number;

  constructor(signal: EndingSignal) {
    super("the command was interrupted");
    this.exitCode = EXIT_CODES[signal];
  }
}
