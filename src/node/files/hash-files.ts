/**
 * The digests of many files: in this thread for a few, with worker threads for many. Synchronous reads in
 * threads are several times faster in Node than promises.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { OutputFinding } from "../../core/index.ts";
import { hasCauseListener, publishCause } from "../cause-channel.ts";
import { driveSteps, throwIfInterrupted } from "../interruption.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import { clearBoard, type HashBoard, makeHashBoard, readBoard, workOffBoard } from "./hash-board.ts";

/** A thread takes some 35 ms to start: worth it from about this many files on. */
const FILES_WORTH_A_WORKER = 1024;

/** How to hash. */
export interface HashOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Hashes the files at lawful paths below a root; the findings come in the order of the paths. Throws an
 * Interruption when the signal fires, and whatever ended a worker that died: nothing is half done.
 */
export async function hashFiles(
  root: AnchoredRoot,
  paths: readonly string[],
  options: HashOptions = {},
): Promise<readonly OutputFinding[]> {
  const board = makeHashBoard(root, paths);
  const workers = startWorkers(board);
  try {
    await driveSteps(workOffBoard(board), options.signal);
    await Promise.all(workers.map((worker) => worker.ended));
  } finally {
    clearBoard(board);
    await Promise.allSettled(workers.map((worker) => worker.ended));
  }
  throwIfInterrupted(options.signal);
  return paths.map((_path, index) => {
    const finding = readBoard(board, index);
    if (finding === undefined) throw new Error("a hash worker ended without a word");
    return finding;
  });
}

/** What a hash worker is started with. */
export interface HashOrder {
  readonly board: HashBoard;
  /** Whether a log was asked for, which is to hear why a file could not be read. */
  readonly tellCauses: boolean;
}

interface RunningWorker {
  readonly ended: Promise<void>;
}

function startWorkers(board: HashBoard): readonly RunningWorker[] {
  if (board.paths.length < FILES_WORTH_A_WORKER) return [];
  return Array.from({ length: availableParallelism() - 1 }, () => {
    const order: HashOrder = { board, tellCauses: hasCauseListener() };
    const worker = new Worker(new URL("./hash-worker.js", import.meta.url), { workerData: order });
    worker.on("message", publishCause);
    const ended = new Promise<void>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", (code) => {
        if (code === 0) resolve();
        else reject(new Error("a hash worker died"));
      });
    });
    // Heard at once, so that a worker that dies while this thread is hashing is no unhandled rejection.
    ended.catch(() => clearBoard(board));
    return { ended };
  });
}
