/** Starts the thread of heartbeats, and sends it the names by which this process locks jobs. @module */

import { Worker } from "node:worker_threads";

/** What the thread needs. */
export interface HeartbeatData {
  readonly connectionString: string | undefined;
  /** The id of the process: a UUID. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Seconds of silence after which the jobs of a process are given to others. */
  readonly lostAfter: number;
}

/** Messages to the thread. */
export type BeatMessage =
  | { readonly kind: "locks"; readonly locks: readonly string[] }
  | { readonly kind: "end" };

/** The running thread. */
export class Heartbeat implements AsyncDisposable {
  readonly #thread: Worker;
  readonly #failed = new AbortController();
  readonly #exited: Promise<unknown>;

  constructor(data: HeartbeatData) {
    this.#thread = new Worker(new URL("./heartbeat-thread.js", import.meta.url), { workerData: data });
    this.#thread.once("error", (error) => this.#failed.abort(error));
    this.#exited = new Promise((resolve) => this.#thread.once("exit", resolve));
  }

  /** Fires if the thread fails: a process without heartbeats must not work on. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Names those by which this process locks jobs from now on. */
  tell(locks: readonly string[]): void {
    this.#send({ kind: "locks", locks });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#send({ kind: "end" });
    await this.#exited;
  }

  #send(message: BeatMessage): void {
    this.#thread.postMessage(message);
  }
}
