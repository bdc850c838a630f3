/**
 * Working an order off, in any thread: staging outputs, syncing what was staged, or looking at what was put in place.
 *
 * @module
 */

import type { RestoreFault } from "../../core/index.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import { AnchoredRoot, FEW_OPEN_FOLDERS } from "../files/anchored-root.ts";
import { Cloner } from "../files/cloner.ts";
import { syncFile } from "../files/durable-file.ts";
import { nodeFileSystem, OPEN_SOURCE } from "../files/file-system.ts";
import type { PieceFault } from "../files/hash-crew.ts";
import { makeReadBuffer } from "../files/hash-file.ts";
import { errnoOf } from "../files/machine-reason.ts";
import { Tally } from "../files/tally.ts";
import { BYTES_A_STEP, type WaitingSteps } from "../interruption.ts";
import { endBefore, type FileBoard, markBegun, markDone, markTaken, takeNumbers } from "./file-board.ts";
import { lookAt, placedOutput } from "./look-at.ts";
import { nameOf } from "./places.ts";
import { sourcesAt } from "./run-sources.ts";
import { OutputReader } from "./shared-outputs.ts";
import { type Create, stageOutput } from "./stage-entry.ts";
import { faultOf } from "./step-fault.ts";
import { heldPath, type WorkOrder } from "./work-order.ts";

const fs = nodeFileSystem;

/** Files between two pauses; fewer where they are large. */
const FILES_A_STEP = 64;

/** Takes numbers off the board until none is left, with a pause now and then. Gives the fault that ended it. */
export function* workOff(order: WorkOrder): WaitingSteps<PieceFault | undefined> {
  const tally = new Tally(order.board.done);
  const work = prepare(order, tally);
  try {
    let pause = FILES_A_STEP;
    let bytes = BYTES_A_STEP;
    for (const index of takeNumbers(order.board)) {
      const fault = yield* attempt(work, index, order.task);
      if (fault !== undefined) {
        endBefore(order.board, index);
        return { index, fault };
      }
      markDone(order.board, index);
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

function* attempt(
  work: Work,
  index: number,
  task: WorkOrder["task"],
): WaitingSteps<RestoreFault | undefined> {
  try {
    return yield* work.run(index);
  } catch (thrown) {
    return faultOf(thrown, task === "look" ? "VERIFY" : "EXECUTE", "RESTORE_INTERNAL_ERROR");
  }
}

/** What is to be done with one file, by its number; and letting go of all that was opened for it. */
interface Work {
  run(index: number): WaitingSteps<RestoreFault | undefined>;
  close(): void;
}

/** Readies one thread for its part. */
function prepare(order: WorkOrder, tally: Tally): Work {
  const files = new AnchoredRoot(new AnchoredDir(order.files.fd, "", fs), [], fs, FEW_OPEN_FOLDERS);
  const outputs = new OutputReader(order.outputs);
  const address = (index: number): string => {
    const path = heldPath(order.files, outputs, index);
    return files.holder(path).address(nameOf(path));
  };
  switch (order.task) {
    case "stage":
      return staging(order, outputs, address, files, tally);
    case "sync":
      return { run: (index) => sync(address(index)), close: () => files.closeFolders() };
    case "look":
      return looking(outputs, address, files, tally);
  }
}

type Address = (index: number) => string;

function staging(
  { board, sources }: Extract<WorkOrder, { task: "stage" }>,
  outputs: OutputReader,
  address: Address,
  files: AnchoredRoot,
  tally: Tally,
): Work {
  const { close, sourceOf } = sourcesAt(sources, fs);
  const count = (bytes: number): void => tally.countBytes(bytes);
  const filling = { buffer: makeReadBuffer(), cloner: new Cloner(fs), fs, usesPool: false, count };
  return {
    run: (index) => {
      const output = outputs.at(index);
      const create: Create = (make) => createOnBoard(board, index, () => make(address(index)));
      return stageOutput(output, sourceOf(output.runId), create, filling);
    },
    close: () => {
      files.closeFolders();
      close();
    },
  };
}

function createOnBoard<Value>(board: FileBoard, index: number, make: () => Value): Value {
  // A call may do its work and fail all the same; but what bore the name already is somebody else's.
  markBegun(board, index);
  try {
    return make();
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST") markTaken(board, index);
    throw thrown;
  }
}

// biome-ignore lint/correctness/useYield: one fsync can't be stopped in the middle.
function* sync(address: string): WaitingSteps<undefined> {
  syncFile(address, fs);
}

function looking(outputs: OutputReader, address: Address, files: AnchoredRoot, tally: Tally): Work {
  const count = (bytes: number): void => tally.countBytes(bytes);
  const looking = { buffer: makeReadBuffer(), fs, usesPool: false, count };
  return {
    run: (index) =>
      lookAt(placedOutput(outputs, index), () => fs.openSync(address(index), OPEN_SOURCE), looking),
    close: () => files.closeFolders(),
  };
}
