/**
 * Working an order off, in any thread: finding what outputs are copied from, staging them, syncing what was staged, or looking
 * at what was put in place.
 *
 * @module
 */

import { checkSource, type RestoreFault, type RestorePhase } from "../../../core/internal.ts";
import { AnchoredDir } from "../../files/anchored-dir.ts";
import { AnchoredRoot, FEW_OPEN_FOLDERS } from "../../files/anchored-root.ts";
import { Cloner } from "../../files/cloner.ts";
import { syncFile } from "../../files/durable-file.ts";
import { nodeFileSystem, OPEN_SOURCE } from "../../files/file-system.ts";
import { makeReadBuffer } from "../../hashing/hash-file.ts";
import { Tally } from "../../hashing/tally.ts";
import { BYTES_A_STEP, type WaitingSteps } from "../../runtime/interruption.ts";
import { errnoOf } from "../../runtime/machine-reason.ts";
import { nameOf } from "../journal/places.ts";
import { endBefore, type FileBoard, markBegun, markDone, markTaken, takeNumbers } from "./file-board.ts";
import { lookAt, placedOutput } from "./look-at.ts";
import { sourcesAt } from "./run-sources.ts";
import { OutputReader } from "./shared-outputs.ts";
import { type Create, stageOutput } from "./stage-entry.ts";
import { faultOf } from "./step-fault.ts";
import { type HeldFiles, heldPath, type WorkOrder } from "./work-order.ts";

const fs = nodeFileSystem;

/** Files between two pauses; fewer where they are large. */
const FILES_A_STEP = 64;

/** What ended a thread's part of a restore: the file's number on the board, and why. */
export interface PieceFault {
  readonly index: number;
  readonly fault: RestoreFault;
}

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

/** Where it ends when the system refuses something. */
const PHASES: Readonly<Record<WorkOrder["task"], RestorePhase>> = {
  find: "PREFLIGHT",
  stage: "EXECUTE",
  sync: "EXECUTE",
  look: "VERIFY",
};

function* attempt(
  work: Work,
  index: number,
  task: WorkOrder["task"],
): WaitingSteps<RestoreFault | undefined> {
  try {
    return yield* work.run(index);
  } catch (thrown) {
    return faultOf(thrown, PHASES[task], "RESTORE_INTERNAL_ERROR");
  }
}

/** What is to be done with one file, by its number; and letting go of all that was opened for it. */
interface Work {
  run(index: number): WaitingSteps<RestoreFault | undefined>;
  close(): void;
}

/** Readies one thread for its part. */
function prepare(order: WorkOrder, tally: Tally): Work {
  const outputs = new OutputReader(order.outputs);
  switch (order.task) {
    case "find":
      return finding(order, outputs);
    case "stage":
      return staging(order, outputs, reach(order.files, outputs), tally);
    case "sync":
      return syncing(reach(order.files, outputs));
    case "look":
      return looking(outputs, reach(order.files, outputs), tally);
  }
}

/** Where the files of a restore are, for one thread. */
interface Reach {
  readonly address: (index: number) => string;
  readonly close: () => void;
}

function reach(held: HeldFiles, outputs: OutputReader): Reach {
  const files = new AnchoredRoot(new AnchoredDir(held.fd, "", fs), [], fs, FEW_OPEN_FOLDERS);
  return {
    address: (index) => {
      const path = heldPath(held, outputs, index);
      return files.holder(path).address(nameOf(path));
    },
    close: () => files.closeFolders(),
  };
}

function finding({ isChain, sources }: Extract<WorkOrder, { task: "find" }>, outputs: OutputReader): Work {
  const { close, sourceOf } = sourcesAt(sources, fs);
  return {
    // biome-ignore lint/correctness/useYield: one look can't be stopped in the middle.
    *run(index) {
      const output = outputs.at(index);
      const kind = sourceOf(output.runId).kindOf(output);
      return checkSource(output, kind, isChain ? output.runId : undefined);
    },
    close,
  };
}

function staging(
  { board, sources }: Extract<WorkOrder, { task: "stage" }>,
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
      const create: Create = (make) => createOnBoard(board, index, () => make(files.address(index)));
      return stageOutput(output, sourceOf(output.runId), create, filling);
    },
    close: () => {
      files.close();
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

function looking(outputs: OutputReader, { address, close }: Reach, tally: Tally): Work {
  const count = (bytes: number): void => tally.countBytes(bytes);
  const looking = { buffer: makeReadBuffer(), fs, usesPool: false, count };
  return {
    run: (index) =>
      lookAt(placedOutput(outputs, index), () => fs.openSync(address(index), OPEN_SOURCE), looking),
    close,
  };
}
