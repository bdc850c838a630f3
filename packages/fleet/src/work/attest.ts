/** A worker's own signature on its verdicts. @module */

import { attestVerdict, type OperationFault, type RunVerdict, type SignerSpec } from "runseal";
import { TaskFailure } from "./task.ts";

/** Signs verdicts with a key of this machine. */
export class Attester {
  readonly #signer: SignerSpec | undefined;
  readonly #failed = new AbortController();
  /** Why the first verdict that could not be signed was not. */
  fault: OperationFault | undefined;

  /** @param signer undefined: nothing is signed. */
  constructor(signer: SignerSpec | undefined) {
    this.#signer = signer;
  }

  /** Fires once a verdict could not be signed: a worker that can't sign must give none. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Signs the verdict on an accepted run; gives undefined if nothing is signed. Throws a TaskFailure: the run is tried again. */
  async sign(verdict: RunVerdict): Promise<string | undefined> {
    if (this.#signer === undefined) return undefined;
    const signed = await attestVerdict({ verdict, signer: this.#signer });
    if (signed.ok) return Buffer.from(signed.value).toString("utf8");
    this.fault ??= signed;
    this.#failed.abort();
    throw new TaskFailure(signed.code);
  }
}
