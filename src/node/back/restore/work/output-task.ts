/**
 * The work on the outputs of a restore, in any thread: check what they are copied from, stage them, sync the staged files, or
 * check what was put in place.
 *
 * A task is plain data. Long lists are in memory that all threads share. Descriptors belong to the process: every thread
 * reaches the same folders by the same numbers, and closes none that it was given.
 *
 * @module
 */

import { checkSource, type RestoreFault, type RestorePhase } from "../../../../core/internal.ts";
import { type HeldSources, sourcesAt } from "../../../judge/source/run-sources.ts";
import { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { AnchoredRoot, FEW_OPEN_FOLDERS } from "../../../system/files/anchored-root.ts";
import { Cloner } from "../../../system/files/cloner.ts";
import { syncFile } from "../../../system/files/durable-file.ts";
import { nodeFileSystem, OPEN_SOURCE } from "../../../system/files/file-system.ts";
import { makeReadBuffer } from "../../../system/hashing/hash-file.ts";
import { BYTES_A_STEP, type WaitingSteps } from "../../../system/runtime/interruption.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { Tally } from "../../../system/runtime/progress.ts";
import { faultOf } from "../../transaction/fault-of.ts";
import { type MovedFolders, nameOf, placeOf } from "../../transaction/journal/places.ts";
import { stagedName } from "../../transaction/journal/staging.ts";
import { type Create, checkOutput, stageOutput } from "../../transaction/output-file.ts";
import { endBefore, type FileQueue, markBegun, markDone, markTaken, takeNumbers } from "./file-queue.ts";
import { OutputReader, placedOutput, type SharedOutputs } from "./shared-outputs.ts";

/** The paths of the outputs below a folder that is held open: real paths, without links on the way. */
export type HeldFiles = { readonly fd: number } & (
  | {
      /** Staged: named by their numbers among all files of the restore. This is the first output's. */
      readonly staged: number;
    }
  | {
      /** In their places: with the real paths of folders that are behind a link. */
      readonly moved: MovedFolders;
    }
);

/** What to do with the outputs, by their numbers in the queue. */
export type OutputTask = {
  readonly queue: FileQueue;
  readonly outputs: SharedOutputs;
} & (
  | { readonly task: "find"; readonly sources: HeldSources; readonly isChain: boolean }
  | { readonly task: "stage"; readonly files: HeldFiles; readonly sources: HeldSources }
  | { readonly task: "sync" | "check"; readonly files: HeldFiles }
);

const fs = nodeFileSystem;

/** Files between two pauses; fewer where they are large. */
const FILES_A_STEP = 64;

/** What ended a thread's work: the number of the file in the queue, and the fault. */
export interface NumberedFault {
  readonly index: number;
  readonly fault: RestoreFault;
}

/** Takes files from the queue until none is left, with a pause now and then. Gives the fault that ended it. */
export function* runTask(task: OutputTask): WaitingSteps<NumberedFault | undefined> {
  const tally = new Tally(task.queue.done);
  const work = prepare(task, tally);
  try {
    let pause = FILES_A_STEP;
    let bytes = BYTES_A_STEP;
    for (const index of takeNumbers(task.queue)) {
      const fault = yield* runWork(work, index, task.task);
      if (fault !== undefined) {
        endBefore(task.queue, index);
        return { index, fault };
      }
      markDone(task.queue, index);
      tally.countFile();
      if (--pause > 0 && tally.bytes < bytes) continue;
      pause = FILES_A_STEP;
      bytes = tally.bytes + BYTES_A_STEP;
      tally.tell();
      yield;
    }
    return undefined;
  } finally {
    tally.tell();
    work.close();
  }
}

/** The phase of a fault by what the system refuses. */
const PHASES: Readonly<Record<OutputTask["task"], RestorePhase>> = {
  find: "PREFLIGHT",
  stage: "EXECUTE",
  sync: "EXECUTE",
  check: "VERIFY",
};

function* runWork(
  work: Work,
  index: number,
  task: OutputTask["task"],
): WaitingSteps<RestoreFault | undefined> {
  try {
    return yield* work.run(index);
  } catch (thrown) {
    return faultOf(thrown, PHASES[task], "RESTORE_INTERNAL_ERROR");
  }
}

/** What to do with one file, by its number; and how to close everything that was opened. */
interface Work {
  run(index: number): WaitingSteps<RestoreFault | undefined>;
  close(): void;
}

/** Opens what one thread needs. */
function prepare(task: OutputTask, tally: Tally): Work {
  const outputs = new OutputReader(task.outputs);
  switch (task.task) {
    case "find":
      return finding(task, outputs);
    case "stage":
      return staging(task, outputs, reach(task.files, outputs), tally);
    case "sync":
      return syncing(reach(task.files, outputs));
    case "check":
      return checking(outputs, reach(task.files, outputs), tally);
  }
}

/** The addresses of files, for one thread. */
interface Reach {
  readonly address: (index: number) => string;
  readonly entry: (index: number) => readonly [AnchoredDir, string];
  readonly close: () => void;
}

function reach(held: HeldFiles, outputs: OutputReader): Reach {
  const files = new AnchoredRoot(new AnchoredDir(held.fd, "", fs), [], FEW_OPEN_FOLDERS);
  return {
    address: (index) => {
      const path = heldPath(held, outputs, index);
      return files.addressOf(path);
    },
    entry: (index) => {
      const path = heldPath(held, outputs, index);
      return [files.holder(path), nameOf(path)];
    },
    close: () => files.closeFolders(),
  };
}

function finding({ isChain, sources }: Extract<OutputTask, { task: "find" }>, outputs: OutputReader): Work {
  const { close, sourceOf } = sourcesAt(sources, fs);
  return {
    // biome-ignore lint/correctness/useYield: one check can't be stopped in the middle.
    *run(index) {
      const output = outputs.at(index);
      const kind = sourceOf(output.runId).kindOf(output);
      return checkSource(output, kind, isChain ? output.runId : undefined);
    },
    close,
  };
}

function staging(
  { queue, sources }: Extract<OutputTask, { task: "stage" }>,
  outputs: OutputReader,
  files: Reach,
  tally: Tally,
): Work {
  const { close, sourceOf } = sourcesAt(sources, fs);
  const count = (bytes: number): void => tally.countBytes(bytes);
  const filling = { buffer: makeReadBuffer(), cloner: new Cloner(fs), fs, usesPool: false, count };
  return {
    run: (index) => {
      const output = outputs.at(index);
      const create: Create = (make) => createQueued(queue, index, () => make(...files.entry(index)));
      return stageOutput(output, sourceOf(output.runId), create, filling);
    },
    close: () => {
      files.close();
      close();
    },
  };
}

function createQueued<Value>(queue: FileQueue, index: number, make: () => Value): Value {
  // A call may take effect and fail all the same. But if the name was taken, another process made the file.
  markBegun(queue, index);
  try {
    return make();
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST") markTaken(queue, index);
    throw thrown;
  }
}

function syncing({ address, close }: Reach): Work {
  return {
    // biome-ignore lint/correctness/useYield: one fsync can't be stopped in the middle.
    *run(index) {
      syncFile(address(index), fs);
      return undefined;
    },
    close,
  };
}

function checking(outputs: OutputReader, { address, close }: Reach, tally: Tally): Work {
  const count = (bytes: number): void => tally.countBytes(bytes);
  const options = { buffer: makeReadBuffer(), fs, usesPool: false, count };
  return {
    run: (index) =>
      checkOutput(placedOutput(outputs, index), () => fs.openSync(address(index), OPEN_SOURCE), options),
    close,
  };
}

/** The path of an output below the folder that is held open. */
export function heldPath(files: HeldFiles, outputs: OutputReader, index: number): string {
  if ("staged" in files) return stagedName(files.staged + index);
  return placeOf(outputs.target(index), files.moved);
}
