/**
 * Telling that a bundle of many outputs is made, which takes long and is one piece of work but for the signer's.
 *
 * @module
 */

import type { Signer } from "../keys/signer.ts";
import { beginMany, type Progress } from "../runtime/progress.ts";

/**
 * Says that the bundle is made now, and gives a signer that is alone with the terminal whenever it is asked. The signer
 * itself where nobody wants to know.
 */
export function signAndTell(signer: Signer, outputs: number, progress: Progress | undefined): Signer {
  if (progress === undefined) return signer;
  const tell = (): void => beginMany(progress, "sign", outputs);
  tell();
  return {
    publicKey: () => signer.publicKey(),
    sign: async (message, signal) => {
      progress.end();
      const signature = await signer.sign(message, signal);
      tell();
      return signature;
    },
    [Symbol.dispose]: () => signer[Symbol.dispose](),
  };
}
