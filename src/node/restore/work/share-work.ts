/**
 * Sharing the work on the files of a restore with a pool of threads, where there is one. Only what any order of
 * the files leaves alike is shared: staging, syncing, hashing. Putting in place is for one thread.
 *
 * @module
 */

import type { RestoreFault } from "../../../core/internal.ts";
import { nodeFileSystem } from "../../files/file-system.ts";
import { driveSteps, throwIfInterrupted } from "../../runtime/interruption.ts";
import { type Job, registerJob } from "../../work/job.ts";
import type { WorkerPool } from "../../work/worker-pool.ts";
import { abandonBoard, isAllDone } from "./file-board.ts";
import { type PieceFault, workOff } from "./work-off.ts";
import type { WorkOrder } from "./work-order.ts";

/** Work on the outputs of a restore. */
const RESTORE_JOB: Job<WorkOrder, PieceFault | undefined> = registerJob(
  new URL("./restore-job.js", import.meta.url),
);

/** What a file costs beside its bytes, in bytes that are copied in the same time. */
const BYTES_A_FILE = 32 * 1024;

/** From about this many bytes on, calling a thread is worth it. */
const BYTES_WORTH_A_POOL = 32 * 1024 * 1024;

/** Whether so many files of so many bytes, touched through this port, are to be shared. */
export function isWorthSharing(files: number, bytes: number, fs: object): boolean {
  // Through any other port each call has to go, in the order of the code.
  return fs === nodeFileSystem && files > 1 && files * BYTES_A_FILE + bytes >= BYTES_WORTH_A_POOL;
}

/**
 * Works an order off with a pool. The first fault in the order of the files decides. When this returns or throws, no
 * thread is at work any more. Throws an Interruption when the signal fired, and a WorkerDeath when a thread died.
 */
export async function shareWork(
  order: WorkOrder,
  pool: WorkerPool,
  signal: AbortSignal | undefined,
): Promise<RestoreFault | undefined> {
  const { board } = order;
  const abandon = (): void => abandonBoard(board);
  pool.start(RESTORE_JOB);
  // Both outcomes are awaited below.
  const others = Promise.allSettled([pool.runOnAll(RESTORE_JOB, order, abandon)]);
  signal?.addEventListener("abort", abandon, { once: true });
  let isOver = false;
  try {
    const own = await driveSteps(workOff(order), signal);
    const [end] = await others;
    isOver = true;
    if (end.status === "rejected") throw end.reason;
    throwIfInterrupted(signal);
    const faults = [own, ...end.value].filter((fault) => fault !== undefined);
    const [first] = faults.sort((left, right) => left.index - right.index);
    if (first !== undefined) return first.fault;
    if (!isAllDone(board)) throw new Error("a thread ended without a word");
    return undefined;
  } finally {
    signal?.removeEventListener("abort", abandon);
    if (!isOver) {
      abandon();
      await others;
    }
  }
}
