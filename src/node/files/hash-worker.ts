/** The thread that helps hashing: it gets a board and works it off. @module */

import { parentPort, workerData } from "node:worker_threads";
import { listenForCauses } from "../cause-channel.ts";
import { isCleared, workOffBoard } from "./hash-board.ts";
import type { HashOrder } from "./hash-files.ts";

const { board, tellCauses } = workerData as HashOrder;

// A thread has channels of its own. Errors can be sent; what else may be thrown can't always be.
if (tellCauses) {
  listenForCauses((thrown) => {
    if (thrown instanceof Error) parentPort?.postMessage(thrown);
  });
}

for (const _pause of workOffBoard(board)) {
  if (isCleared(board)) break;
}
