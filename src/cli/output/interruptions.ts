/**
 * Signals to the process. The first one asks for an orderly end; the second one ends the process at once. While
 * `run` runs a command, signals go to that command (node/run/command-signals.ts).
 *
 * @module
 */

import { COMMAND_SIGNALS, type CommandSignal } from "../../node/run/command-signals.ts";

/** Signals that end runseal in order. */
const USUAL = ["SIGINT", "SIGTERM"] as const;

/** 128 plus the number of the signal, as shells do. SIGQUIT and SIGHUP take the code of the nearer one. */
const EXIT_CODES = { SIGINT: 130, SIGQUIT: 130, SIGTERM: 143, SIGHUP: 143 } as const;

/** Listens for signals until it is closed. */
export class Interruptions {
  readonly #own: NodeJS.Process;
  readonly #tidyUp: () => void;
  readonly #interrupt = new AbortController();
  readonly #hear = (signal: CommandSignal): void => this.#take(signal);
  #listener: ((signal: CommandSignal) => boolean) | undefined;

  /** `tidyUp` is called before a signal ends the process. */
  constructor(own: NodeJS.Process, tidyUp: () => void) {
    this.#own = own;
    this.#tidyUp = tidyUp;
    for (const signal of USUAL) own.on(signal, this.#hear);
  }

  /** Fires on the first signal that no listener took; its reason is the exit code. */
  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** Offers signals, and more of them than usual, to a listener first, until the returned function is called. */
  tap(listener: (signal: CommandSignal) => boolean): () => void {
    this.#listener = listener;
    for (const signal of MORE) this.#own.on(signal, this.#hear);
    return () => {
      this.#listener = undefined;
      for (const signal of MORE) this.#own.removeListener(signal, this.#hear);
    };
  }

  /** Stops listening. */
  close(): void {
    for (const signal of COMMAND_SIGNALS) this.#own.removeListener(signal, this.#hear);
  }

  #take(signal: CommandSignal): void {
    if (this.#listener?.(signal) === true) return;
    if (!this.#interrupt.signal.aborted) {
      this.#interrupt.abort(EXIT_CODES[signal]);
      return;
    }
    this.close();
    this.#tidyUp();
    process.kill(this.#own.pid, signal);
  }
}

const MORE: readonly CommandSignal[] = COMMAND_SIGNALS.filter(
  (signal) => !USUAL.some((usual) => usual === signal),
);
