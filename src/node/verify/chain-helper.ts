/**
 * A thread beside the one that judges a long chain. It reads bundles ahead, does the arithmetic of signatures and hashes
 * small outputs: all that gives plain data. What is made of it, and in which order, the judging thread says.
 *
 * @module
 */

import { type TransferListItem, Worker } from "node:worker_threads";
import type { SignatureQuestion } from "../../core/index.ts";
import { hasCauseListener, publishCause } from "../cause-channel.ts";
import { availableCores } from "../files/available-cores.ts";
import type { HashBoard } from "../files/hash-board.ts";
import { runIdOf } from "../files/open-bundle.ts";
import { WorkerDeath } from "../worker-death.ts";
import { type PackedQuestions, packQuestions } from "./packed-questions.ts";
import { type PackedStretch, unpackStretch } from "./packed-stretch.ts";
import type { ReadStretch, StretchSource } from "./read-stretch.ts";

/** Bundles from which on a thread is worth its start: with fewer, this one is nearly done by then. */
const LONG_CHAIN = 256;

/** Orders with which the thread has enough to do: as long as it reads and answers, the judging thread would wait for it. */
const BUSY_ORDERS = 2;

/** What the thread is started with. */
export interface ChainSettings {
  readonly source: StretchSource;
  /** Whether a log was asked for, which is to hear why a file could not be read. */
  readonly tellCauses: boolean;
}

/** What the thread can be told to do. */
export type ChainOrder =
  | { readonly kind: "read"; readonly start: number }
  | { readonly kind: "answer"; readonly questions: PackedQuestions }
  | { readonly kind: "hash"; readonly board: HashBoard };

/** What the thread says: one answer to each order, in their order, and other things between. */
export type ChainWord =
  | { readonly kind: "up" }
  | { readonly kind: "cause"; readonly thrown: Error }
  | { readonly kind: "read"; readonly stretch: PackedStretch }
  | { readonly kind: "answers"; readonly answers: readonly boolean[] }
  | { readonly kind: "hashed" }
  /** What working an order off threw: it is thrown to whoever gave it, as if he had done the work himself. */
  | { readonly kind: "thrown"; readonly thrown: Error };

interface Asker {
  readonly resolve: (word: ChainWord) => void;
  readonly reject: (thrown: Error) => void;
}

/**
 * The thread, as the judging one sees it. Whoever starts it dismisses it. What its work throws it rejects with; a dead one
 * rejects with a WorkerDeath.
 */
export class ChainHelper {
  readonly #worker: Worker;
  readonly #source: StretchSource;
  readonly #askers: Asker[] = [];
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

  /** Whether it would come to something new at once, or nearly. */
  get isFree(): boolean {
    return this.#isUp && this.#askers.length < BUSY_ORDERS;
  }

  /** As `readStretch`. */
  async read(start: number): Promise<ReadStretch> {
    const word = await this.#ask({ kind: "read", start });
    if (word.kind !== "read") throw new TypeError("an order to read was answered otherwise");
    return unpackStretch(word.stretch, (place) => runIdOf(this.#source.bundles[start + place] ?? ""));
  }

  /** Says of each question whether that signature holds. */
  async answer(questions: readonly SignatureQuestion[]): Promise<readonly boolean[]> {
    const packed = packQuestions(questions);
    const memory = [packed.bytes.buffer, packed.ends.buffer];
    const word = await this.#ask({ kind: "answer", questions: packed }, memory);
    if (word.kind !== "answers") throw new TypeError("questions were answered otherwise");
    return word.answers;
  }

  /** Works a board off. */
  async hash(board: HashBoard): Promise<void> {
    await this.#ask({ kind: "hash", board });
  }

  /** Lets the thread go, whatever it does. */
  async dismiss(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(order: ChainOrder, memory: readonly TransferListItem[] = []): Promise<ChainWord> {
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      if (this.#death !== undefined) this.#die(this.#death);
      else this.#worker.postMessage(order, memory);
    });
  }

  #hear(word: ChainWord): void {
    if (word.kind === "up") this.#isUp = true;
    else if (word.kind === "cause") publishCause(word.thrown);
    else if (word.kind === "thrown") this.#askers.shift()?.reject(word.thrown);
    else this.#askers.shift()?.resolve(word);
  }

  #die(death: WorkerDeath): void {
    this.#death ??= death;
    for (const { reject } of this.#askers.splice(0)) reject(this.#death);
  }
}
