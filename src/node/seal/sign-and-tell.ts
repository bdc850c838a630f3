/**
 * Telling that a bundle of many outputs is made, which takes long and is one piece of work but for the signer's.
 *
 * @module
 */

import type { Signer } from "../keys/signer.ts";
import type { Progress } from "../progress.ts";

/** Outputs of which the artifacts are made, or checked, in about half a second. */
const MANY_OUTPUTS = 50_000;

/**
 * Says that the bundle is made now, and gives a signer that is alone with the terminal whenever it is asked. The signer
 * itself where there are few outputs, or nobody wants to know.
 */
export function signAndTell(signer: Signer, outputs: number, progress: Progress | undefined): Signer {
  if (progress === undefined || outputs <= MANY_OUTPUTS) return signer;
  const tell = (): void => progress.beginWhole("sign", { files: outputs });
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
