/** Notices when a connection carries nothing any more. @module */

import { LEAST_BYTES, type Patience } from "./patience.ts";

/** Watches one exchange. It does not keep the process alive by itself. */
export class Watchdog {
  readonly #patience: Patience;
  readonly #expire: (milliseconds: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;

  /** Begins with the time for a connection. `expire` is called once at most, with the time that was waited. */
  constructor(patience: Patience, expire: (milliseconds: number) => void) {
    this.#patience = patience;
    this.#expire = expire;
    this.#wait(patience.connectMs);
  }

  /** Something began: the connection stands, or an answer came. */
  step(): void {
    this.#wait(this.#patience.idleMs);
  }

  /** Bytes passed. Few bytes don't start the time anew. */
  pass(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= LEAST_BYTES) this.step();
  }

  /** This side is busy: the other one can do nothing. */
  suspend(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Waits for the other side again. */
  resume(): void {
    if (this.#timer === undefined) this.step();
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#bytes = 0;
    this.#timer = setTimeout(() => this.#expire(milliseconds), milliseconds);
  }
}
