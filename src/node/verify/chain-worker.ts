/** The thread that helps with a chain: it works off orders one after the other, and answers each. @module */

import { parentPort, type TransferListItem, workerData } from "node:worker_threads";
import type { SignatureQuestion } from "../../core/index.ts";
import { listenForCauses } from "../cause-channel.ts";
import { workOffBoard } from "../files/work-board.ts";
import { sodium } from "../keys/sodium.ts";
import { endThread } from "../worker-death.ts";
import { answerHere } from "./answer-signatures.ts";
import type { ChainOrder, ChainSettings, ChainWord } from "./chain-helper.ts";
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

let turn: Promise<void> = Promise.resolve();

parentPort?.on("message", (order: ChainOrder) => {
  turn = turn.then(() => workOff(order)).catch(tellThrown);
  turn.catch(endThread);
});

say({ kind: "up" });

function tellThrown(thrown: unknown): void {
  if (!(thrown instanceof Error)) throw thrown;
  say({ kind: "thrown", thrown });
}

async function workOff(order: ChainOrder): Promise<void> {
  switch (order.kind) {
    case "read": {
      const [stretch, memory] = packStretch(readStretch(source, order.start));
      say({ kind: "read", stretch }, memory);
      return;
    }
    case "answer":
      say({ kind: "answers", answers: unpackQuestions(order.questions).map(answer) });
      return;
    case "hash":
      await workOffBoard(order.board, async () => undefined);
      say({ kind: "hashed" });
  }
}

/** By libsodium, where it loads: it takes less than half the time, and behind the core's rule says the same. */
function answer(question: SignatureQuestion): boolean {
  if (sodium === undefined) return answerHere(question);
  return sodium.crypto_sign_verify_detached(question.signature, question.message, question.publicKey);
}
