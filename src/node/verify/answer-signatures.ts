/**
 * Whether signatures hold, asked for many of them at once: the arithmetic takes longer than all else about a small
 * bundle, and Node's thread pool does it while this thread reads the next ones.
 *
 * @module
 */

import { verify } from "node:crypto";
import type { Crypto, SignatureQuestion } from "../../core/internal.ts";
import { keyObjectOf, nodeCrypto } from "../runtime/node-crypto.ts";
import { LONG_CHAIN } from "./read-stretch.ts";

/**
 * Answers questions in their order. With one thread to work with, here and now. An error of the platform's is none of
 * a signature that does not hold: it rejects, as a bug.
 */
export function answerSignatures(
  questions: readonly SignatureQuestion[],
  threads: number,
): Promise<readonly boolean[]> {
  if (threads === 1) return Promise.resolve(answerHere(questions, nodeCrypto));
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
 * What to judge so many bundles with: libsodium's signatures where that can be loaded, which takes as long as some dozens of them,
 * and pays for many.
 */
export async function cryptoFor(bundles: number): Promise<Crypto> {
  if (bundles < LONG_CHAIN) return nodeCrypto;
  const { sodiumCrypto } = await import("./sodium-crypto.ts");
  return sodiumCrypto ?? nodeCrypto;
}

/** Answers questions in this thread. */
export function answerHere(questions: readonly SignatureQuestion[], crypto: Crypto): readonly boolean[] {
  return questions.map(({ message, publicKey, signature }) =>
    crypto.verifyEd25519(publicKey, message, signature),
  );
}
