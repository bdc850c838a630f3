/**
 * Whether signatures hold, asked for many of them at once: the arithmetic takes longer than all else about a small
 * bundle, and Node's thread pool does it while this thread reads the next ones.
 *
 * @module
 */

import { verify } from "node:crypto";
import type { SignatureQuestion } from "../../core/index.ts";
import { keyObjectOf, nodeCrypto } from "../node-crypto.ts";

/**
 * Answers questions in their order. With one thread to work with, here and now. An error of the platform's is none of
 * a signature that does not hold: it rejects, as a bug.
 */
export function answerSignatures(
  questions: readonly SignatureQuestion[],
  threads: number,
): Promise<readonly boolean[]> {
  if (threads === 1) return Promise.resolve(questions.map(answerHere));
  return new Promise((resolve, reject) => {
    const answers = questions.map(() => false);
    let left = questions.length;
    if (left === 0) resolve(answers);
    for (const [index, { message, publicKey, signature }] of questions.entries()) {
      verify(null, message, keyObjectOf(publicKey), signature, (error, holds) => {
        if (error !== null) reject(error);
        answers[index] = holds;
        if (--left === 0) resolve(answers);
      });
    }
  });
}

/**
 * Answers questions in this thread by libsodium, in less than half the time; undefined where that can't be loaded. Loading it
 * takes as long as some dozens of signatures.
 */
export async function answerBySodium(
  questions: readonly SignatureQuestion[],
): Promise<readonly boolean[] | undefined> {
  const { holdsBySodium } = await import("./sodium-signature.ts");
  return holdsBySodium && questions.map(holdsBySodium);
}

/** Answers one question, in this thread. */
export function answerHere({ message, publicKey, signature }: SignatureQuestion): boolean {
  return nodeCrypto.verifyEd25519(publicKey, message, signature);
}
