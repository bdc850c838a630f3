/** The thread that helps hashing: it waits for boards and works each off. @module */

import { parentPort, workerData } from "node:worker_threads";
import { listenForCauses } from "../cause-channel.ts";
import type { HashBoard } from "./hash-board.ts";
import type { CrewSettings, WorkerWord } from "./hash-crew.ts";
import { workOffBoard } from "./work-board.ts";

const { tellCauses } = workerData as CrewSettings;

const say = (word: WorkerWord): void => parentPort?.postMessage(word);

// A thread has channels of its own. Errors can be sent; what else may be thrown can't always be.
if (tellCauses) {
  listenForCauses((thrown) => {
    if (thrown instanceof Error) say({ kind: "cause", thrown });
  });
}

// What is thrown here is nobody's to catch: it ends the thread, and whoever started it hears of it.
parentPort?.on("message", async (board: HashBoard) => {
  await workOffBoard(board, async () => undefined);
  say({ kind: "done" });
});
