/**
 * Threads that help hashing, and staging. A thread takes some 35 ms to start: those that are called before there is work, as
 * while a long manifest is parsed, are up when it comes.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import type { HexDigest, RestoreFault } from "../../core/index.ts";
import { hasCauseListener, publishCause } from "../cause-channel.ts";
import type { WorkOrder } from "../restore/work-order.ts";
import { WorkerDeath } from "../worker-death.ts";
import { availableCores } from "./available-cores.ts";
import type { HashBoard } from "./hash-board.ts";

/** As many threads as ever help: beyond that they wait for the disk, not for a core. */
const MOST_HELPERS = 127;

/** For what a thread makes from file to file, which dies at once: more would be held for nothing. */
const YOUNG_MEBIBYTES = 4;

/** What a thread is started with. */
export interface CrewSettings {
  /** Whether a log was asked for, which is to hear why a file could not be read. */
  readonly tellCauses: boolean;
}

/** What ended a thread's part of a restore: the file's number on the board, and why. */
export interface PieceFault {
  readonly index: number;
  readonly fault: RestoreFault;
}

/** That an order was carried out. */
export interface DoneWord {
  readonly kind: "done";
  /** What ended a restore. */
  readonly fault?: PieceFault | undefined;
  /** Of a tree. */
  readonly root?: HexDigest | undefined;
}

/** What a thread says. */
export type WorkerWord = DoneWord | { readonly kind: "cause"; readonly thrown: Error };

/** Leaves above which a tree is to be grown, in their place. */
export interface TreeOrder {
  readonly leaves: Uint8Array<SharedArrayBuffer>;
}

/** What a thread can be told to do: hash what is on a board, take part in a restore, or grow a tree. */
export type ThreadOrder = HashBoard | WorkOrder | TreeOrder;

/** The threads beside the one that calls. Whoever makes a crew dismisses it. */
export class HashCrew {
  readonly #jobs: number | undefined;
  readonly #helpers: Helper[] = [];

  /** @param jobs threads in all, the calling one included; as many as there are cores by default. */
  constructor(jobs?: number) {
    this.#jobs = jobs;
  }

  /** Starts the threads that are still missing; `atMost` where there is work for so many only. Returns at once. */
  call(atMost: number = this.size): void {
    const wanted = Math.min(this.size, atMost);
    while (this.#helpers.length < wanted) this.#helpers.push(new Helper());
  }

  /** Whether no thread was called yet. */
  get rests(): boolean {
    return this.#helpers.length === 0;
  }

  /** How many threads there may be. */
  get size(): number {
    // Few files need nobody to count cores.
    return Math.min((this.#jobs ?? availableCores()) - 1, MOST_HELPERS);
  }

  /**
   * Puts whoever was called to work on an order, once each, and gives the faults that they met. Rejects with a WorkerDeath
   * when one of them died, after `abandon` was called, which has to stop the others, and when all have stopped.
   */
  async workOff(order: ThreadOrder, abandon: () => void): Promise<readonly PieceFault[]> {
    const ends = await Promise.allSettled(this.#helpers.map((helper) => helper.workOff(order, abandon)));
    return ends.flatMap((end) => {
      if (end.status === "rejected") throw end.reason;
      return end.value.fault === undefined ? [] : [end.value.fault];
    });
  }

  /**
   * Has one of those who were called grow a tree, and gives its root; undefined where nobody was called. Nobody may be at work.
   * Rejects with a WorkerDeath.
   */
  growRoot(leaves: TreeOrder["leaves"]): Promise<HexDigest> | undefined {
    return this.#helpers[0]
      ?.workOff({ leaves }, () => undefined)
      .then(({ root }) => {
        if (root === undefined) throw new TypeError("who grows a tree tells its root");
        return root;
      });
  }

  /** Lets the threads go. Nobody may be at work any more, but for growing a tree, which touches no file. */
  dismiss(): void {
    for (const helper of this.#helpers.splice(0)) helper.dismiss();
  }
}

class Helper {
  readonly #worker: Worker;
  #abandon: (() => void) | undefined;
  #finish: ((done: DoneWord) => void) | undefined;
  #fail: ((death: WorkerDeath) => void) | undefined;
  #death: WorkerDeath | undefined;

  constructor() {
    const settings: CrewSettings = { tellCauses: hasCauseListener() };
    this.#worker = new Worker(new URL("./hash-worker.js", import.meta.url), {
      workerData: settings,
      // What a program was started with is not for its threads: with --input-type they would not start at all.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEBIBYTES },
    });
    // It lives only as long as somebody waits for its work.
    this.#worker.unref();
    this.#worker.on("message", (word: WorkerWord) => {
      if (word.kind === "cause") publishCause(word.thrown);
      else this.#finish?.(word);
    });
    this.#worker.once("error", (cause) => this.#die(new WorkerDeath("a hash worker threw", { cause })));
    this.#worker.once("exit", () => this.#die(new WorkerDeath("a hash worker ended")));
  }

  workOff(order: ThreadOrder, abandon: () => void): Promise<DoneWord> {
    const { promise, resolve, reject } = withResolvers();
    this.#abandon = abandon;
    this.#finish = resolve;
    this.#fail = reject;
    if (this.#death !== undefined) this.#die(this.#death);
    this.#worker.ref();
    this.#worker.postMessage(order);
    return promise.finally(() => {
      this.#abandon = undefined;
      this.#worker.unref();
    });
  }

  dismiss(): void {
    this.#abandon = undefined;
    this.#finish = undefined;
    this.#fail = undefined;
    void this.#worker.terminate();
  }

  #die(death: WorkerDeath): void {
    this.#death ??= death;
    // Heard at once by whoever is at work: there is no use in going on.
    this.#abandon?.();
    this.#fail?.(this.#death);
  }
}

function withResolvers(): {
  readonly promise: Promise<DoneWord>;
  readonly resolve: (done: DoneWord) => void;
  readonly reject: (death: WorkerDeath) => void;
} {
  let resolve: (done: DoneWord) => void = () => undefined;
  let reject: (death: WorkerDeath) => void = () => undefined;
  const promise = new Promise<DoneWord>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
