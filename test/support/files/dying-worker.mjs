/** Loaded before the program (`node --import`): a worker thread dies as DYING says, when it has begun to work. */

import { isMainThread, parentPort } from "node:worker_threads";

if (!isMainThread) {
  parentPort?.once("message", () => {
    if (process.env.DYING === "exit") process.exit(9);
    if (process.env.DYING === "throw") throw new Error("dying");
    // Allocates until the thread reaches the limit of its heap, which ends it.
    const kept = [];
    for (;;) kept.push(new Array(1e6).fill(kept.length));
  });
}
