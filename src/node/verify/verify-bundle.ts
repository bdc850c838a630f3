/**
 * Verifying a bundle for a program: the verdict and the decision about its signer, as exit code 0 has both.
 *
 * @module
 */

import { ok, type Result, type VerifiedBundle } from "../../core/internal.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import {
  type AcceptedSigner,
  deciderFor,
  type KeyRefused,
  type Trust,
  type UntrustedSigner,
  untrustedSigner,
} from "../trust/whom-to-trust.ts";
import { judgeBundle, type VerifyRequest } from "./verify-bundle-files.ts";

/** What to verify, and whom to believe. */
export interface VerifyBundleRequest extends VerifyRequest {
  readonly trust: Trust;
}

/** A bundle that is whole, with its outputs, by a signer that is trusted. */
export interface AcceptedBundle {
  readonly bundle: VerifiedBundle;
  readonly trust: AcceptedSigner;
}

/**
 * Verifies one bundle on disk. `ok` is what exit code 0 of `runseal verify` is: the bundle is accepted, each output is as it was
 * sealed, and the signer is trusted. Throws only an Interruption, and on bugs and dying workers.
 */
export async function verifyBundle(
  request: VerifyBundleRequest,
): Promise<Result<AcceptedBundle, VerifyFailure | UntrustedSigner | KeyRefused>> {
  const decide = deciderFor(request.trust);
  if (!decide.ok) return decide;
  const verdict = await judgeBundle(request);
  if (!verdict.ok) return verdict;
  const bundle = verdict.value;
  const trust = decide.value(bundle);
  return trust.ok
    ? ok({ bundle, trust })
    : untrustedSigner(bundle.signer, trust, "the bundle is sound, but ");
}
