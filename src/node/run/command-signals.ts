/**
 * Signals while a command runs. They are the command's: runseal hands them on, and stays to write down how it ended.
 *
 * @module
 */

/** What may be sent to runseal while a command runs. */
export const COMMAND_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** One of them. */
export type CommandSignal = (typeof COMMAND_SIGNALS)[number];

/**
 * Listens for the signals of this process until the returned function is called. The listener says whether it
 * took the signal; one that it did not take interrupts runseal as it does everywhere else.
 */
export type SignalTap = (listener: (signal: CommandSignal) => boolean) => () => void;

/** From the third signal on, nobody is waited for. Wrappers such as npx send each Ctrl-C twice. */
export const LAST_SIGNAL = 3;

/** What was sent to this process during one run, and whose it was. */
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

  /** From now on signals are the command's. Gives what to call when it has ended. */
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
   * Before and after the command a signal is runseal's, and interrupts it. But whoever ended the command by one
   * wants its end written down: the writing is interrupted by the last signal only.
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
