/** Whether a signature holds, by libsodium. @module */

import type { SignatureQuestion } from "../../core/index.ts";
import { type Sodium, sodium } from "../keys/sodium.ts";

/** Undefined where libsodium can't be loaded. Behind the core's rule it says what any platform says. */
export const holdsBySodium: ((question: SignatureQuestion) => boolean) | undefined = sodium && asking(sodium);

function asking({ crypto_sign_verify_detached: verify }: Sodium): (question: SignatureQuestion) => boolean {
  return ({ message, publicKey, signature }) => verify(signature, message, publicKey);
}
