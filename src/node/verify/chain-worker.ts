/**
 * The thread that helps with a chain. It reads as soon as it is asked to, for that is waited for; outputs it hashes
 * between, for this the other thread does too while it waits.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { parentPort, type TransferListItem, workerData } from "node:worker_threads";
import { workOffBoard } from "../hashing/work-board.ts";
import { listenForCauses } from "../runtime/cause-channel.ts";
import { endThread } from "../work/worker-death.ts";
import type { ChainOrder, ChainResult, ChainSettings, ChainTask, ChainWord } from "./chain-helper.ts";
import { packStretch } from "./packed-stretch.ts";
import { readStretch } from "./read-stretch.ts";

const { source, tellCauses } = workerData as ChainSettings;

const say = (word: ChainWord, transfer: readonly TransferListItem[] = []): void =>
  parentPort?.postMessage(word, transfer);

// A thread has channels of its own. Errors can be sent; what else may be thrown can't always be.
if (tellCauses) {
  listenForCauses((thrown) => {
    if (thrown instanceof Error) say({ kind: "cause", thrown });
  });
}

parentPort?.on("message", ({ number, task }: ChainOrder) => {
  workOff(number, task).catch(endThread);
});

say({ kind: "up" });

async function workOff(number: number, task: ChainTask): Promise<void> {
  try {
    const [result, memory] = await doTask(task);
    say({ kind: "result", number, result }, memory);
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    say({ kind: "result", number, result: { kind: "thrown", thrown } });
  }
}

async function doTask(task: ChainTask): Promise<readonly [ChainResult, TransferListItem[]]> {
  switch (task.kind) {
    case "read": {
      const [stretch, memory] = packStretch(readStretch(source, task.start));
      return [{ kind: "read", stretch }, memory];
    }
    case "hash":
      await workOffBoard(task.board, async () => {
        await setImmediate();
      });
      return [{ kind: "hashed" }, []];
  }
}
