/**
 * The thread that helps with a chain. It reads and answers as soon as it is asked to, for that is waited for; outputs it
 * hashes between, for this the other thread does too while it waits.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { parentPort, type TransferListItem, workerData } from "node:worker_threads";
import type { SignatureQuestion } from "../../core/index.ts";
import { listenForCauses } from "../cause-channel.ts";
import { workOffBoard } from "../files/work-board.ts";
import { sodium } from "../keys/sodium.ts";
import { endThread } from "../worker-death.ts";
import { answerHere } from "./answer-signatures.ts";
import type { ChainOrder, ChainResult, ChainSettings, ChainTask, ChainWord } from "./chain-helper.ts";
import { unpackQuestions } from "./packed-questions.ts";
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
    case "answer":
      return [{ kind: "answers", answers: unpackQuestions(task.questions).map(answer) }, []];
    case "hash":
      await workOffBoard(task.board, async () => {
        await setImmediate();
      });
      return [{ kind: "hashed" }, []];
  }
}

/** By libsodium, where it loads: it takes less than half the time, and behind the core's rule says the same. */
function answer(question: SignatureQuestion): boolean {
  if (sodium === undefined) return answerHere(question);
  return sodium.crypto_sign_verify_detached(question.signature, question.message, question.publicKey);
}
