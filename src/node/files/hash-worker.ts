/** The thread that helps: it waits for orders and works each off. @module */

import { parentPort, workerData } from "node:worker_threads";
import { computeRootOfLeaves } from "../../core/index.ts";
import { listenForCauses } from "../cause-channel.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { WorkOrder } from "../restore/work-order.ts";
import { endThread } from "../worker-death.ts";
import type { CrewSettings, PieceFault, ThreadOrder, WorkerWord } from "./hash-crew.ts";
import { workOffBoard } from "./work-board.ts";

const { tellCauses } = workerData as CrewSettings;

const say = (word: WorkerWord): void => parentPort?.postMessage(word);

// A thread has channels of its own. Errors can be sent; what else may be thrown can't always be.
if (tellCauses) {
  listenForCauses((thrown) => {
    if (thrown instanceof Error) say({ kind: "cause", thrown });
  });
}

parentPort?.on("message", (order: ThreadOrder) => {
  carryOut(order).catch(endThread);
});

async function carryOut(order: ThreadOrder): Promise<void> {
  if ("task" in order) {
    say({ kind: "done", fault: await takePart(order) });
  } else if ("threads" in order) {
    await workOffBoard(order, async () => undefined);
    say({ kind: "done" });
  } else {
    say({ kind: "done", root: computeRootOfLeaves(order.leaves, nodeCrypto) });
  }
}

async function takePart(order: WorkOrder): Promise<PieceFault | undefined> {
  // Only now: who only hashes shouldn't wait for it.
  const { isAbandoned } = await import("../restore/file-board.ts");
  const { workOff } = await import("../restore/work-off.ts");
  const steps = workOff(order);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await step.value;
    if (isAbandoned(order.board)) {
      steps.return(undefined);
      return undefined;
    }
  }
}
