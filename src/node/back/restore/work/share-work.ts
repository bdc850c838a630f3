/**
 * Shares the work on the outputs of a restore with the worker pool. Only work whose result does not depend on the order of the
 * files is shared: staging, syncing, hashing. One thread puts files in place.
 *
 * @module
 */

import type { RestoreFault } from "../../../../core/internal.ts";
import { canAnchor } from "../../../system/files/anchored-dir.ts";
import { nodeFileSystem } from "../../../system/files/file-system.ts";
import { driveSteps, throwIfInterrupted } from "../../../system/runtime/interruption.ts";
import { type Job, registerJob, type WorkerPool } from "../../../system/work/worker-pool.ts";
import { abandonQueue, isAllDone } from "./file-queue.ts";
import { type NumberedFault, type OutputTask, runTask } from "./output-task.ts";

/** Work on the outputs of a restore. */
const RESTORE_JOB: Job<OutputTask, NumberedFault | undefined> = registerJob(
  new URL("./restore-job.js", import.meta.url),
);

/** The cost of a file besides its bytes, in bytes that are copied in the same time. */
const BYTES_A_FILE = 32 * 1024;

/** From about this many bytes on, starting threads saves time. */
const BYTES_WORTH_A_POOL = 32 * 1024 * 1024;

/** Whether sharing so many files of so many bytes through this port saves time. */
export function isWorthSharing(files: number, bytes: number, fs: object): boolean {
  // Any other port must see each call, in the order of the code. A thread reaches what is held open by descriptor only.
  return (
    fs === nodeFileSystem && canAnchor() && files > 1 && files * BYTES_A_FILE + bytes >= BYTES_WORTH_A_POOL
  );
}

/**
 * Runs a task with a pool. The first fault in the order of the files decides. When this returns or throws, no thread is
 * working any more. Throws an Interruption when the signal fired, and a WorkerDeath when a thread died.
 */
export async function shareWork(
  task: OutputTask,
  pool: WorkerPool,
  signal: AbortSignal | undefined,
): Promise<RestoreFault | undefined> {
  const { queue } = task;
  const abandon = (): void => abandonQueue(queue);
  pool.start(RESTORE_JOB);
  // Both outcomes are awaited below.
  const others = Promise.allSettled([pool.runOnAll(RESTORE_JOB, task, abandon)]);
  signal?.addEventListener("abort", abandon, { once: true });
  let isOver = false;
  try {
    const own = await driveSteps(runTask(task), signal);
    const [end] = await others;
    isOver = true;
    if (end.status === "rejected") throw end.reason;
    throwIfInterrupted(signal);
    const faults = [own, ...end.value].filter((fault) => fault !== undefined);
    const [first] = faults.sort((left, right) => left.index - right.index);
    if (first !== undefined) return first.fault;
    if (!isAllDone(queue)) throw new Error("a thread ended before its work was done");
    return undefined;
  } finally {
    signal?.removeEventListener("abort", abandon);
    if (!isOver) {
      abandon();
      await others;
    }
  }
}
