/**
 * Signals while a command runs. They are for the command: runseal forwards them, and goes on to record how it ended.
 *
 * @module
 */

/** The signals that are forwarded to a command. */
export const COMMAND_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** One of them. */
export type CommandSignal = (typeof COMMAND_SIGNALS)[number];

/**
 * Listens for the signals of this process until the returned function is called. The listener returns whether it
 * handled the signal; otherwise the signal interrupts runseal as usual.
 */
export type SignalTap = (listener: (signal: CommandSignal) => boolean) => () => void;

/** The third signal ends the wait. Wrappers such as npx send each Ctrl-C twice. */
export const LAST_SIGNAL = 3;

/** The signals of this process during one run, and who they are for. */
export class RunSignals {
  readonly #untap: () => void;
  #command: ((signal: CommandSignal, isLast: boolean) => void) | undefined;
  #first: CommandSignal | undefined;
  #count = 0;

  constructor(tap: SignalTap) {
    this.#untap = tap((signal) => this.#hear(signal));
  }

  /** The first signal that came while the command ran. */
  get first(): CommandSignal | undefined {
    return this.#first;
  }

  /** Forwards signals to the command from now on, until the returned function is called. */
  handTo(command: (signal: CommandSignal, isLast: boolean) => void): () => void {
    this.#command = command;
    return () => {
      this.#command = undefined;
    };
  }

  [Symbol.dispose](): void {
    this.#untap();
  }

  /**
   * Before and after the command, a signal interrupts runseal. But a user who ended the command by a signal wants its
   * end recorded: only the last signal interrupts that.
   */
  #hear(signal: CommandSignal): boolean {
    this.#count++;
    const isLast = this.#count >= LAST_SIGNAL;
    if (this.#command === undefined) return this.#first !== undefined && !isLast;
    this.#first ??= signal;
    this.#command(signal, isLast);
    return true;
  }
}
