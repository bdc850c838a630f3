/**
 * The worker pool: threads that run jobs beside the thread that starts them. A thread takes some 35 ms to start, so callers
 * that foresee work start the pool early, as while a long manifest is parsed. A job is a module that a worker imports: the
 * pool knows no job by name.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { hasCauseListener, publishCause } from "../runtime/cause-channel.ts";
import { availableCores } from "../runtime/system-limits.ts";
import { WorkerDeath } from "./worker-death.ts";

/** More workers than that wait for the disk, not for a core. */
const MOST_WORKERS = 127;

/** The heap for objects that a job makes for one file and drops at once: a larger one would hold memory for nothing. */
const YOUNG_MEBIBYTES = 4;

/** What a job module exports as `run`. Input and output are sent between threads: plain data and shared memory. */
export type RunJob<Input, Output> = (input: Input) => Promise<Output>;

/** A job by the address of its module, with the types of its input and its output. */
export interface Job<Input, Output> {
  /** `file:` URL of the compiled module. */
  readonly module: string;
  /** Never set: it only carries the types. */
  readonly run?: RunJob<Input, Output>;
}

/** Registers the module that exports this `run`. `module` is `new URL("./name.js", import.meta.url)`, written so for the bundler. */
export function registerJob<Input, Output>(module: URL): Job<Input, Output> {
  return { module: module.href };
}

/** What a worker is started with. */
export interface WorkerSettings {
  /** Whether a debug log listens, which wants to know why a file could not be read. */
  readonly reportsCauses: boolean;
  /** The module of its first job, imported while the caller still prepares the input. */
  readonly module: string;
}

/** What a worker is sent. */
export interface JobRequest {
  readonly module: string;
  readonly input: unknown;
}

/** What a worker sends: the output of its job, or the cause of a failure for the debug log. */
export type WorkerMessage =
  | { readonly kind: "done"; readonly output: unknown }
  | { readonly kind: "cause"; readonly thrown: Error };

/** Workers beside the calling thread. The caller that makes a pool dismisses it. */
export class WorkerPool {
  readonly #jobs: number | undefined;
  readonly #workers: PoolWorker[] = [];

  /** @param jobs threads in all, the calling one included; by default the number of cores. */
  constructor(jobs?: number) {
    this.#jobs = jobs;
  }

  /** Starts the workers that are missing, for a first job; `atMost` where there is work for fewer. Returns at once. */
  start(job: Job<never, unknown>, atMost: number = this.size): void {
    const wanted = Math.min(this.size, atMost);
    while (this.#workers.length < wanted) this.#workers.push(new PoolWorker(job.module));
  }

  /** Whether no worker was started yet. */
  get isEmpty(): boolean {
    return this.#workers.length === 0;
  }

  /** How many workers the pool may have. */
  get size(): number {
    // Counting cores reads files: a caller that never asks does not pay for it.
    return Math.min((this.#jobs ?? availableCores()) - 1, MOST_WORKERS);
  }

  /**
   * Runs a job once on each started worker, all on the same input, and gives their outputs. When a worker dies, calls
   * `abandon`, which must make the others stop, waits for them, and rejects with the WorkerDeath.
   */
  async runOnAll<Input, Output>(
    job: Job<Input, Output>,
    input: Input,
    abandon: () => void,
  ): Promise<readonly Output[]> {
    const ends = await Promise.allSettled(this.#workers.map((worker) => worker.run(job, input, abandon)));
    return ends.map((end) => {
      if (end.status === "rejected") throw end.reason;
      return end.value;
    });
  }

  /** Runs a job on one idle worker; undefined if no worker was started. Rejects with a WorkerDeath. */
  runOnOne<Input, Output>(job: Job<Input, Output>, input: Input): Promise<Output> | undefined {
    return this.#workers[0]?.run(job, input, () => undefined);
  }

  /** Ends the workers. No job may be running, except one that touches no file. */
  dismiss(): void {
    for (const worker of this.#workers.splice(0)) worker.dismiss();
  }
}

class PoolWorker {
  readonly #worker: Worker;
  #abandon: (() => void) | undefined;
  #resolve: ((output: unknown) => void) | undefined;
  #reject: ((death: WorkerDeath) => void) | undefined;
  #death: WorkerDeath | undefined;

  constructor(module: string) {
    const settings: WorkerSettings = { reportsCauses: hasCauseListener(), module };
    this.#worker = new Worker(new URL("./pool-worker.js", import.meta.url), {
      workerData: settings,
      // The options of this process are not for its threads: with --input-type a worker would not start at all.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEBIBYTES },
    });
    // A worker keeps the process alive only while a caller waits for its job.
    this.#worker.unref();
    this.#worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "cause") publishCause(message.thrown);
      else this.#resolve?.(message.output);
    });
    this.#worker.once("error", (cause) => this.#die(new WorkerDeath("a worker threw", { cause })));
    this.#worker.once("exit", () => this.#die(new WorkerDeath("a worker ended")));
  }

  run<Input, Output>(job: Job<Input, Output>, input: Input, abandon: () => void): Promise<Output> {
    const finished = new Promise<unknown>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#abandon = abandon;
    if (this.#death !== undefined) this.#die(this.#death);
    this.#worker.ref();
    const request: JobRequest = { module: job.module, input };
    this.#worker.postMessage(request);
    return finished.finally(() => {
      this.#abandon = undefined;
      this.#worker.unref();
      // The module that the job names made this value: its `run` has the type that the job carries.
    }) as Promise<Output>;
  }

  dismiss(): void {
    this.#abandon = undefined;
    this.#resolve = undefined;
    this.#reject = undefined;
    void this.#worker.terminate();
  }

  #die(death: WorkerDeath): void {
    this.#death ??= death;
    // Stops the other workers at once: their results can't be used any more.
    this.#abandon?.();
    this.#reject?.(this.#death);
  }
}
