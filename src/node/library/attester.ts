/** Signing the verdicts on runs that a program verified in parts. @module */

import { ok, type Result } from "../../core/internal.ts";
import { openSigner } from "../keys/open-signer.ts";
import type { Signer } from "../keys/signer.ts";
import { signVerdict } from "../make/export/attest-verdict.ts";
import type { RunVerdict } from "../move/carry/divided-run.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import { ArgumentError, answer, type CommonOptions, type Takes } from "./arguments.ts";
import { type SignerSpec, signerOf } from "./who.ts";

/** Who signs verdicts. */
export interface AttesterOptions extends CommonOptions {
  readonly signer?: SignerSpec | undefined;
}

const ATTESTER: Takes<AttesterOptions> = { signer: "may" };

/** Signs verdicts, as `runseal export --format verdict` does. Dispose of it: its key is in memory until then, unless an agent has it. */
export class Attester implements Disposable {
  readonly #signer: Signer;
  readonly #now: Date | undefined;

  /** @internal */
  constructor(signer: Signer, now: Date | undefined) {
    this.#signer = signer;
    this.#now = now;
  }

  /**
   * Signs what `conclude` gave of an accepted run whose signer a policy trusts: gives an envelope of DSSE, a line of JSON. Fails as signers
   * do. Throws an ArgumentError for any other verdict.
   */
  async attest(found: RunVerdict): Promise<Result<Uint8Array, OperationFault>> {
    const { judged, policy, source, tree, trust, verdict } = found;
    const bundle = verdict?.ok === true ? verdict.value : undefined;
    if (bundle === undefined || judged === undefined || policy === undefined || trust?.ok !== true)
      throw new ArgumentError("verdict", "must be of an accepted run whose signer a policy trusts");
    const now = Math.floor((this.#now ?? new Date()).getTime() / 1000);
    const facts = { bundle, demand: {}, judged, policy, source, tree, time: trust.time, now };
    return await signVerdict(this.#signer, facts, undefined);
  }

  [Symbol.dispose](): void {
    this.#signer[Symbol.dispose]();
  }
}

/** Opens the key that signs verdicts. Fails as `seal` does where its key can't be opened. */
export async function openAttester(request: AttesterOptions = {}): Promise<Result<Attester, OperationFault>> {
  return await answer(request, ATTESTER, async (call) => {
    const opened = await openSigner(...signerOf(request, call));
    return opened.ok ? ok(new Attester(opened.value, request.now)) : opened;
  });
}
