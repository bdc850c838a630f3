/**
 * The digests of many files: in this thread for a few, with a pool of threads for many or large ones.
 *
 * @module
 */

import { setImmediate, setTimeout } from "node:timers/promises";
import type { FindingTable, HexDigest, Listing } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { throwIfInterrupted, ticks } from "../runtime/interruption.ts";
import { type ProgressCount, readDone } from "../runtime/progress.ts";
import { type Job, registerJob, WorkerPool } from "../work/worker-pool.ts";
import { BoardFindings } from "./board-findings.ts";
import {
  type BoardOptions,
  clearBoard,
  type HashBoard,
  isCleared,
  makeHashBoard,
  pathsLeft,
  type SharedFiles,
} from "./hash-board.ts";
import { layOutTexts, type SharedTexts } from "./shared-texts.ts";
import { finishBudgets, workOffBoard } from "./work-board.ts";

/** Work that is worth starting threads for: twice what a thread takes to start. */
const WORTH_A_POOL_MS = 70;

/** What one thread gets done: opening and closing a file, and bytes of a hashed one. About right is good enough. */
const MS_A_FILE = 0.01;
const MS_A_BYTE = 1 / 1_600_000;

/** Between two looks at what the others have found, while there is nothing left to do here. */
const LOOK_MS = 50;

/** Between two turns of the event loop, while there is work: each costs as much as a file. */
const TURN_MS = 5;

/** Hashes the files of a board. */
export const HASH_JOB: Job<HashBoard, void> = registerJob(new URL("./hash-job.js", import.meta.url));

/** Computes the Merkle root of leaves of 32 raw bytes each. */
export const ROOT_JOB: Job<Uint8Array<SharedArrayBuffer>, HexDigest> = registerJob(
  new URL("./root-job.js", import.meta.url),
);

/** How to hash. */
export interface HashOptions extends BoardOptions {
  readonly signal?: AbortSignal | undefined;
  /** Threads that may work at once, this one included; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  /** A pool to work with, instead of `jobs`. The caller that made it dismisses it. */
  readonly pool?: WorkerPool | undefined;
  /** Told at the beginning how to ask what is done, and of how many files. */
  readonly watch?: ((done: () => ProgressCount, files: number) => void) | undefined;
  /** Bytes that all files together are said to have, if anybody says so: a guess at whether threads are worth starting. */
  readonly saidBytes?: number | undefined;
  /** Whether nothing matters after the first path whose file is not as expected. */
  readonly untilUnexpected?: boolean | undefined;
}

/** A search for files that was begun: threads may be at work. The caller either finishes or abandons it, once. */
export interface Search<Found> {
  /** Gives what was found. Throws as `hashFiles` does. */
  readonly finish: () => Promise<Found>;
  /** Resolves when no thread is at work any more. */
  readonly abandon: () => Promise<void>;
}

/**
 * Hashes the files at lawful paths below a root; the findings come in the order of the paths, where that is
 * asked for up to the first that is not as expected. Throws an Interruption when the signal fires, and a WorkerDeath when a thread died:
 * nothing is half done.
 */
export async function hashFiles(
  root: AnchoredRoot,
  paths: Listing<string>,
  options: HashOptions = {},
): Promise<FindingTable> {
  return await beginHashing(root, paths, options).finish();
}

/**
 * Begins to hash as `hashFiles` does: where that is worth it, other threads are at work when it returns, and this one joins
 * them in `finish`. The caller has to finish or to abandon it.
 */
export function beginHashing(root: AnchoredRoot, paths: Listing<string>, options: HashOptions = {}): Hashing {
  return beginLaidOut(root, layOutTexts(paths), options);
}

/** The same for paths that are in shared memory already. */
export function beginLaidOut(root: AnchoredRoot, paths: SharedTexts, options: HashOptions): Hashing {
  const board = makeHashBoard(root, paths, options);
  const { done, length } = board;
  // The closure keeps the counters only, so that the board can be freed.
  options.watch?.(() => readDone(done), length);
  return new Hashing(board, options.pool ?? new WorkerPool(options.jobs), options);
}

/** One board, worked off by this thread and, where that is worth it, by a pool. */
export class Hashing {
  readonly #board: HashBoard;
  readonly #pool: WorkerPool;
  readonly #options: HashOptions;
  readonly #findings: BoardFindings;
  /** Paths at the beginning that are finished and as expected. */
  #asExpected = 0;
  #others: Promise<void> | undefined;
  /** When the event loop is to have its next turn. */
  #nextTurn = 0;
  #death: { readonly thrown: unknown } | undefined;

  constructor(board: HashBoard, pool: WorkerPool, options: HashOptions) {
    this.#board = board;
    this.#pool = pool;
    this.#options = options;
    this.#findings = new BoardFindings(board);
    this.#shareIfWorthIt(0);
  }

  /** The files by path and digest, as the board holds them: the caller need not keep their paths. */
  get files(): SharedFiles {
    const { pathBytes, pathStarts, length, digests } = this.#board;
    return { pathBytes, pathStarts, length, digests };
  }

  /** The leaves that the files are in a tree, where that was asked for; complete when it has finished. */
  get leaves(): HashBoard["leaves"] {
    return this.#board.leaves;
  }

  /** Hashes what is left, together with the workers. Throws as `hashFiles` does. */
  async finish(): Promise<FindingTable> {
    try {
      await workOffBoard(this.#board, (bytes) => this.#breathe(bytes));
      await this.#awaitOthers();
    } finally {
      await this.abandon();
    }
    if (this.#death !== undefined) throw this.#death.thrown;
    throwIfInterrupted(this.#options.signal);
    await finishBudgets(this.#board, (bytes) => this.#breathe(bytes), this.#endsEarly);
    const { length } = this.#board;
    if (this.#endsEarly) this.#asExpected = this.#findings.firstUnexpected(this.#asExpected).index;
    const count = this.#endsEarly ? Math.min(this.#asExpected + 1, length) : length;
    return this.#findings.read(count);
  }

  /** Hands out nothing more, and waits until no worker is busy. */
  async abandon(): Promise<void> {
    clearBoard(this.#board);
    await this.#others;
    if (this.#options.pool === undefined) this.#pool.dismiss();
  }

  /** Between two pieces of this thread's work. */
  async #breathe(bytes: number): Promise<void> {
    this.#lookForTheEnd();
    this.#shareIfWorthIt(bytes);
    const now = ticks();
    if (now < this.#nextTurn) return;
    // Signals and the words of other threads are heard of only between the turns of the event loop.
    await setImmediate();
    this.#nextTurn = ticks() + TURN_MS;
    throwIfInterrupted(this.#options.signal);
  }

  /** `bytes`: of the files that this thread has begun. */
  #shareIfWorthIt(bytes: number): void {
    if (this.#others !== undefined) return;
    const { length } = this.#board;
    const left = pathsLeft(this.#board);
    const begun = length - left;
    const bytesEach = begun === 0 ? (this.#options.saidBytes ?? 0) / length : bytes / begun;
    const isWorthIt = left * (MS_A_FILE + bytesEach * MS_A_BYTE) > WORTH_A_POOL_MS;
    if (isWorthIt) this.#pool.start(HASH_JOB, left);
    else if (left === 0 || this.#pool.isEmpty) return;
    this.#others = this.#pool
      .runOnAll(HASH_JOB, this.#board, () => clearBoard(this.#board))
      .then(
        () => undefined,
        (thrown: unknown) => {
          this.#death = { thrown };
        },
      );
  }

  /** Waits until no worker is busy, or the rest does not matter any more. */
  async #awaitOthers(): Promise<void> {
    let isDone = this.#others === undefined;
    const done = this.#others?.then(() => {
      isDone = true;
    });
    this.#lookForTheEnd();
    while (!isDone && !isCleared(this.#board)) {
      throwIfInterrupted(this.#options.signal);
      // This timer must not keep the process alive: the workers do, while they work.
      await Promise.race([done, setTimeout(LOOK_MS, undefined, { ref: false })]);
      this.#lookForTheEnd();
    }
  }

  /** Where that is asked for, ends the work as soon as it is known which path is the first that is not as expected. */
  #lookForTheEnd(): void {
    if (!this.#endsEarly || isCleared(this.#board)) return;
    const { index, isFinished } = this.#findings.firstUnexpected(this.#asExpected);
    this.#asExpected = index;
    if (isFinished) clearBoard(this.#board);
  }

  get #endsEarly(): boolean {
    return this.#options.untilUnexpected === true;
  }
}
