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
import type { HeldSources } from "../../../judge/source/run-sources.ts";
import type { SourceOf } from "../../../records/store/output-source.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { Cloner } from "../../../system/files/cloner.ts";
import { type FileSystem, OPEN_SOURCE } from "../../../system/files/file-system.ts";
import { makeReadBuffer } from "../../../system/hashing/hash-file.ts";
import { BYTES_A_STEP, type WaitingSteps } from "../../../system/runtime/interruption.ts";
import { Tally } from "../../../system/runtime/progress.ts";
import { type MovedFolders, nameOf, placeOf } from "../journal/places.ts";
import { stagedName } from "../journal/staging.ts";
import { faultOf } from "./fault-of.ts";
import { endBefore, type FileQueue, markDone, takeNumbers } from "./file-queue.ts";
import { type Create, checkOutput, stageOutput, syncEntry } from "./output-file.ts";
import { OutputReader, type SharedOutputs } from "./shared-outputs.ts";

/** The outputs below a folder that is held open. */
export interface HeldFiles {
  readonly fd: number;
  /** Undefined where they are staged; else the real paths of folders that are behind a link. */
  readonly moved: MovedFolders | undefined;
  /** The number of the first output among all files of the restore. */
  readonly first: number;
}

/** What to do with the outputs, by their numbers in the queue. */
export type OutputTask = {
  readonly queue: FileQueue;
  readonly outputs: SharedOutputs;
} & (
  | {
      readonly task: "find";
      /** Undefined where one thread does all of it. */
      readonly sources: HeldSources | undefined;
      readonly isChain: boolean;
    }
  | { readonly task: "stage"; readonly files: HeldFiles; readonly sources: HeldSources | undefined }
  | { readonly task: "sync" | "check"; readonly files: HeldFiles }
);

/** What one thread works with. */
export interface Workbench {
  readonly fs: FileSystem;
  readonly sourceOf: SourceOf;
  /** The folder of the files; undefined where only sources are looked for. */
  readonly root: AnchoredRoot | undefined;
  /** Whether large files are read and written by Node's thread pool. */
  readonly usesPool: boolean;
}

/** Files between two pauses; fewer where they are large. */
const FILES_A_STEP = 64;

/** What ended a thread's work: the number of the file in the queue, and the fault. */
export interface NumberedFault {
  readonly index: number;
  readonly fault: RestoreFault;
}

/** Takes files from the queue until none is left, with a pause now and then. Gives the fault that ended it. */
export function* runTask(task: OutputTask, bench: Workbench): WaitingSteps<NumberedFault | undefined> {
  const tally = new Tally(task.queue.done);
  const work = prepare(task, bench, tally);
  try {
    let pause = FILES_A_STEP;
    let bytes = BYTES_A_STEP;
    for (const index of takeNumbers(task.queue)) {
      const fault = yield* runWork(work, index, task.task);
      if (fault !== undefined) {
        endBefore(task.queue, index);
        return { index, fault };
      }
      markDone(task.queue);
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
    return yield* work(index);
  } catch (thrown) {
    return faultOf(thrown, PHASES[task], "RESTORE_INTERNAL_ERROR");
  }
}

/** What to do with one file, by its number. */
type Work = (index: number) => WaitingSteps<RestoreFault | undefined>;

function prepare(task: OutputTask, bench: Workbench, tally: Tally): Work {
  const { fs, sourceOf, usesPool } = bench;
  const outputs = new OutputReader(task.outputs);
  const count = (bytes: number): void => tally.countBytes(bytes);
  switch (task.task) {
    case "find":
      // biome-ignore lint/correctness/useYield: one check can't be stopped in the middle.
      return function* (index) {
        const output = outputs.at(index);
        const kind = sourceOf(output.runId).kindOf(output);
        return checkSource(output, kind, task.isChain ? output.runId : undefined);
      };
    case "stage": {
      const filling = { buffer: makeReadBuffer(), cloner: new Cloner(fs), fs, usesPool, count };
      return (index) => {
        const output = outputs.at(index);
        const path = heldPath(task.files, outputs, index);
        const create: Create = (make) => make(rootOf(bench).holder(path), nameOf(path));
        return stageOutput(output, sourceOf(output.runId), create, filling);
      };
    }
    case "sync":
      // biome-ignore lint/correctness/useYield: one fsync can't be stopped in the middle.
      return function* (index) {
        syncEntry(rootOf(bench).addressOf(heldPath(task.files, outputs, index)), fs);
        return undefined;
      };
    case "check": {
      const checking = { buffer: makeReadBuffer(), fs, usesPool, count };
      return (index) => {
        const path = heldPath(task.files, outputs, index);
        const open = (): number => rootOf(bench).holder(path).open(nameOf(path), OPEN_SOURCE);
        return checkOutput(outputs.placed(index), open, checking);
      };
    }
  }
}

function rootOf({ root }: Workbench): AnchoredRoot {
  if (root === undefined) throw new TypeError("files are in a folder that is held open");
  return root;
}

/** The path of an output below the folder that is held open. */
export function heldPath(files: HeldFiles, outputs: OutputReader, index: number): string {
  const { first, moved } = files;
  return moved === undefined ? stagedName(first + index) : placeOf(outputs.target(index), moved);
}
