/**
 * The signals that the process is sent. The first one asks for an orderly end; a second one ends it at once, as if
 * nobody had listened. While a command of the caller's runs, signals are that command's (node/run/command-signals.ts).
 *
 * @module
 */

import { COMMAND_SIGNALS, type CommandSignal } from "../../node/run/command-signals.ts";

/** What ends runseal in order. */
const USUAL = ["SIGINT", "SIGTERM"] as const;

/** 128 and the number of the signal, as shells have it: of the two that there are words for. */
const EXIT_CODES = { SIGINT: 130, SIGQUIT: 130, SIGTERM: 143, SIGHUP: 143 } as const;

/** Hears of signals until it is closed. */
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

  /** Fires with the first signal that nobody took; its reason is the exit code. */
  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** Has a listener asked first, for more signals than usual, until the returned function is called. */
  tap(listener: (signal: CommandSignal) => boolean): () => void {
    this.#listener = listener;
    for (const signal of MORE) this.#own.on(signal, this.#hear);
    return () => {
      this.#listener = undefined;
      for (const signal of MORE) this.#own.removeListener(signal, this.#hear);
    };
  }

  /** Hears no more. */
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
