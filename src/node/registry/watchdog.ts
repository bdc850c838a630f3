/** Notices when a connection carries nothing any more. @module */

import { ticks } from "../runtime/interruption.ts";
import { LEAST_BYTES, type Patience } from "./patience.ts";

/** Watches one exchange. */
export class Watchdog {
  readonly #patience: Patience;
  readonly #expire: (milliseconds: number) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Bytes since the time began. */
  #bytes = 0;
  #deadline = 0;
  /** Milliseconds that are left while this side is busy. */
  #left = 0;
  #whole: NodeJS.Timeout | undefined;

  /** `expire` is called once at most, with the time that was waited. */
  constructor(patience: Patience, expire: (milliseconds: number) => void) {
    this.#patience = patience;
    this.#expire = expire;
  }

  /** A connection is being made. A request that waits for one of another request's is not watched yet. */
  begin(): void {
    this.#wait(this.#patience.connectMs, this.#patience.connectMs);
  }

  /** Something began: the connection stands, or an answer came. */
  step(): void {
    this.#bytes = 0;
    this.#wait(this.#patience.idleMs, this.#patience.idleMs);
  }

  /** Bytes passed. Few of them don't start the time anew. */
  pass(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= LEAST_BYTES) this.step();
  }

  /** The whole answer must come in the time for one that is kept in memory. */
  endSoon(): void {
    const { wholeMs } = this.#patience;
    this.#whole = setTimeout(() => this.#expire(wholeMs), wholeMs);
  }

  /** Nothing is awaited any more. */
  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#whole);
  }

  /** This side is busy, and the other one can do nothing. */
  suspend(): void {
    clearTimeout(this.#timer);
    this.#left = this.#deadline - ticks();
  }

  /** Waits for the other side again, for the time that was left. */
  resume(): void {
    this.#wait(Math.max(0, this.#left), this.#patience.idleMs);
  }

  #wait(milliseconds: number, whole: number): void {
    clearTimeout(this.#timer);
    this.#deadline = ticks() + milliseconds;
    this.#timer = setTimeout(() => this.#expire(whole), milliseconds);
  }
}
