/**
 * A thread beside the one that judges a long chain. It reads bundles ahead and hashes small outputs: both give plain
 * data, and are about half of the work. What is made of it, and in which order, the judging thread says.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { runIdOf } from "../bundle/open-bundle.ts";
import type { HashBoard } from "../hashing/hash-board.ts";
import { hasCauseListener, publishCause } from "../runtime/cause-channel.ts";
import { availableCores } from "../runtime/system-limits.ts";
import { WorkerDeath } from "../work/worker-death.ts";
import { type PackedStretch, unpackStretch } from "./packed-stretch.ts";
import { LONG_CHAIN, type ReadStretch, type StretchSource } from "./read-stretch.ts";

/** What the thread is started with. */
export interface ChainSettings {
  readonly source: StretchSource;
  /** Whether a log was asked for, which is to hear why a file could not be read. */
  readonly tellCauses: boolean;
}

/** What the thread can be told to do. */
export type ChainTask =
  | { readonly kind: "read"; readonly start: number }
  | { readonly kind: "hash"; readonly board: HashBoard };

/** A task, and the number under which its result is told. */
export interface ChainOrder {
  readonly number: number;
  readonly task: ChainTask;
}

/** What comes of a task. */
export type ChainResult =
  | { readonly kind: "read"; readonly stretch: PackedStretch }
  | { readonly kind: "hashed" }
  /** What the work threw: it is thrown to whoever asked for it, as if he had done it himself. */
  | { readonly kind: "thrown"; readonly thrown: Error };

/** What the thread says: one result to each order, and other things between. */
export type ChainWord =
  | { readonly kind: "up" }
  | { readonly kind: "cause"; readonly thrown: Error }
  | { readonly kind: "result"; readonly number: number; readonly result: ChainResult };

interface Asker {
  readonly resolve: (result: ChainResult) => void;
  readonly reject: (thrown: Error) => void;
}

/**
 * The thread, as the judging one sees it. Whoever starts it dismisses it. What its work throws it rejects with; a dead one
 * rejects with a WorkerDeath.
 */
export class ChainHelper {
  readonly #worker: Worker;
  readonly #source: StretchSource;
  readonly #askers = new Map<number, Asker>();
  #orders = 0;
  #isUp = false;
  #death: WorkerDeath | undefined;

  private constructor(source: StretchSource) {
    this.#source = source;
    const settings: ChainSettings = { source, tellCauses: hasCauseListener() };
    this.#worker = new Worker(new URL("./chain-worker.js", import.meta.url), {
      workerData: settings,
      // As for the threads that hash.
      execArgv: [],
    });
    this.#worker.on("message", (word: ChainWord) => this.#hear(word));
    this.#worker.once("error", (cause) => this.#die(new WorkerDeath("a chain worker threw", { cause })));
    this.#worker.once("exit", () => this.#die(new WorkerDeath("a chain worker ended")));
  }

  /** Starts a thread where the chain is long enough, and there may be a second one. Returns at once. */
  static start(source: StretchSource, jobs: number = availableCores()): ChainHelper | undefined {
    if (jobs < 2 || source.bundles.length < LONG_CHAIN) return undefined;
    try {
      return new ChainHelper(source);
    } catch (thrown) {
      // A process may be forbidden to start threads. One does all of the work, too.
      publishCause(thrown);
      return undefined;
    }
  }

  /** Whether it can be asked something: until it has started, this thread goes on alone. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** As `readStretch`. */
  async read(start: number): Promise<ReadStretch> {
    const result = await this.#ask({ kind: "read", start });
    if (result.kind !== "read") throw new TypeError("an order to read was answered otherwise");
    return unpackStretch(result.stretch, (place) => runIdOf(this.#source.bundles[start + place] ?? ""));
  }

  /** Works a board off, while it is asked for nothing else. */
  async hash(board: HashBoard): Promise<void> {
    await this.#ask({ kind: "hash", board });
  }

  /** Lets the thread go, whatever it does. */
  async dismiss(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(task: ChainTask): Promise<ChainResult> {
    return new Promise((resolve, reject) => {
      const number = this.#orders++;
      const order: ChainOrder = { number, task };
      this.#askers.set(number, { resolve, reject });
      if (this.#death !== undefined) this.#die(this.#death);
      else this.#worker.postMessage(order);
    });
  }

  #hear(word: ChainWord): void {
    if (word.kind === "up") this.#isUp = true;
    else if (word.kind === "cause") publishCause(word.thrown);
    else this.#tell(word.number, word.result);
  }

  #tell(number: number, result: ChainResult): void {
    const asker = this.#askers.get(number);
    this.#askers.delete(number);
    if (result.kind === "thrown") asker?.reject(result.thrown);
    else asker?.resolve(result);
  }

  #die(death: WorkerDeath): void {
    this.#death ??= death;
    for (const { reject } of this.#askers.values()) reject(this.#death);
    this.#askers.clear();
  }
}
