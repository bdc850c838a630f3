/**
 * Shares the work on the outputs of a restore with the worker pool. Only work whose result does not depend on the order of the
 * files is shared: staging, syncing, hashing. One thread puts files in place.
 *
 * @module
 */

import type { RestoreFault } from "../../../../core/internal.ts";
import { canAnchor } from "../../../system/files/anchored-dir.ts";
import { type FileSystem, nodeFileSystem } from "../../../system/files/file-system.ts";
import { driveSteps, throwIfInterrupted } from "../../../system/runtime/interruption.ts";
import type { Done } from "../../../system/runtime/progress.ts";
import { type Job, registerJob, type WorkerPool } from "../../../system/work/worker-pool.ts";
import { type EntryFolder, type EntryWork, pathIn } from "./entry-work.ts";
import { abandonQueue, isAllDone, makeFileQueue } from "./file-queue.ts";
import { type NumberedFault, type OutputTask, runTask, type Workbench } from "./output-task.ts";

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
 * Stages, syncs or checks all outputs in a folder, and notes names of new files that another process had taken. Fails and throws as
 * `workOn`.
 */
export async function workOnOutputs(
  what: "stage" | "sync" | "check",
  { entries, signal, sourceOf, threads, usesPool }: EntryWork,
  folder: EntryFolder,
  done: Done,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const { moved, root } = folder;
  const { fd } = root.dir;
  const outputs = entries.shared;
  const queue = makeFileQueue(entries.outputs.length, done);
  const files = { fd, moved, first: entries.passing };
  const task: OutputTask =
    what === "stage"
      ? { task: what, queue, outputs, files, sources: threads?.sources }
      : { task: what, queue, outputs, files };
  const isAlone = threads === undefined;
  const bench = { fs, root, sourceOf, usesPool: isAlone && usesPool };
  const faults = await workOn(task, bench, threads?.pool, signal);
  for (const { fault, index } of faults) {
    if (what === "stage" && fault.details.reason === "already-there")
      folder.taken?.add(pathIn(folder, entries, entries.passing + index));
  }
  return faults[0]?.fault;
}

/**
 * Runs a task, with a pool if there is one. Gives the fault of each thread, in the order of the files: the first decides. When this
 * returns or throws, no thread is working any more. Throws an Interruption when the signal fired, and a WorkerDeath when a thread died.
 */
export async function workOn(
  task: OutputTask,
  bench: Workbench,
  pool: WorkerPool | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly NumberedFault[]> {
  if (pool === undefined) {
    const fault = await driveSteps(runTask(task, bench), signal);
    return fault === undefined ? [] : [fault];
  }
  const { queue } = task;
  const abandon = (): void => abandonQueue(queue);
  pool.start(RESTORE_JOB);
  // Both outcomes are awaited below.
  const others = Promise.allSettled([pool.runOnAll(RESTORE_JOB, task, abandon)]);
  signal?.addEventListener("abort", abandon, { once: true });
  let isOver = false;
  try {
    const own = await driveSteps(runTask(task, bench), signal);
    const [end] = await others;
    isOver = true;
    if (end.status === "rejected") throw end.reason;
    throwIfInterrupted(signal);
    const faults = [own, ...end.value].filter((fault) => fault !== undefined);
    if (faults.length === 0 && !isAllDone(queue)) throw new Error("a thread ended before its work was done");
    return faults.sort((left, right) => left.index - right.index);
  } finally {
    signal?.removeEventListener("abort", abandon);
    if (!isOver) {
      abandon();
      await others;
    }
  }
}
