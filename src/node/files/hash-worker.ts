/** The thread that helps hashing: it gets a board and works it off. @module */

import { workerData } from "node:worker_threads";
import { type HashBoard, workOffBoard } from "./hash-board.ts";

for (const _batch of workOffBoard(workerData as HashBoard)) {
  // All is on the board; there is nothing to say in between.
}
