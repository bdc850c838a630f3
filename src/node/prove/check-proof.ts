/**
 * Checking a proof of files for a program: the proof, the files and the decision about the signer.
 *
 * @module
 */

import { NO_FAILED_RUNS, ok, type Result } from "../../core/internal.ts";
import {
  type AcceptedSigner,
  deciderFor,
  type KeyRefused,
  type SignedThing,
  type Trust,
  type UntrustedSigner,
  untrustedSigner,
} from "../trust/whom-to-trust.ts";
import {
  type CheckedFiles,
  type CheckProofFailure,
  type CheckProofRequest,
  judgeProofOfFiles,
} from "./check-proof-of-files.ts";

/** What to check, and whom to believe. */
export interface TrustedProofRequest extends CheckProofRequest {
  readonly trust: Trust;
}

/** Files that are as they were sealed, by a signer that is trusted. */
export interface AcceptedFiles extends CheckedFiles {
  readonly trust: AcceptedSigner;
}

/** Checks a proof and its files. `ok` is what exit code 0 of `runseal check PROOF FILE…` is. */
export async function checkProof(
  request: TrustedProofRequest,
): Promise<Result<AcceptedFiles, CheckProofFailure | UntrustedSigner | KeyRefused>> {
  const decide = deciderFor(request.trust);
  if (!decide.ok) return decide;
  const checked = await judgeProofOfFiles(request);
  if (!checked.ok) return checked;
  const signed = signedOf(checked.value);
  const trust = decide.value(signed);
  return trust.ok
    ? ok({ ...checked.value, trust })
    : untrustedSigner(signed.signer, trust, "the proof is sound, but ");
}

/** The statement is signed with its run and its moment, as a bound bundle is. It carries no countersignature. */
function signedOf({ proof }: CheckedFiles): SignedThing {
  const { signer, statement } = proof;
  const binding = { sealedAt: statement.sealedAt, previousBundleRoot: undefined, failedRuns: NO_FAILED_RUNS };
  return { signer, binding, countersignatures: [], timestamps: undefined };
}
