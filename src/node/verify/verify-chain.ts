/**
 * Verifying a chain for a program: the verdict and the decision about each signer, as exit code 0 has both.
 *
 * @module
 */

import {
  type HistoryCut,
  ok,
  quote,
  type Result,
  signedCut,
  type VerifiedChain,
} from "../../core/internal.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import {
  type AcceptedSigner,
  type Decide,
  deciderFor,
  type KeyRefused,
  type Trust,
  type UntrustedSigner,
  untrustedSigner,
} from "../trust/whom-to-trust.ts";
import { judgeBundleChain, type VerifyChainRequest } from "./verify-chain-files.ts";

/** Which chain to verify, and whom to believe. */
export interface TrustedChainRequest extends VerifyChainRequest {
  readonly trust: Trust;
}

/** A chain that holds, each bundle by a signer that is trusted. */
export interface AcceptedChain {
  readonly chain: VerifiedChain;
  /** What was decided of each bundle's signer, in the order of the chain. */
  readonly trust: readonly AcceptedSigner[];
}

/**
 * Verifies a chain on disk. `ok` is what exit code 0 of `runseal verify --history BUNDLE…` is. As there, `from` is `"newest-root"`
 * unless it is given.
 */
export async function verifyChain(
  request: TrustedChainRequest,
): Promise<Result<AcceptedChain, VerifyFailure | UntrustedSigner | KeyRefused>> {
  const decide = deciderFor(request.trust);
  if (!decide.ok) return decide;
  const verdict = await judgeBundleChain({ ...request, from: request.from ?? "newest-root" });
  return verdict.ok ? decideChain(verdict.value, decide.value, "chain") : verdict;
}

/** Decides about each signer of a chain that holds, and of the cut of a history: the first that is not trusted ends it. */
export function decideChain(
  chain: VerifiedChain,
  decide: Decide,
  noun: "chain" | "history",
  cut?: HistoryCut,
): Result<AcceptedChain, UntrustedSigner> {
  const trusted: AcceptedSigner[] = [];
  for (const bundle of chain.bundles) {
    const trust = decide(bundle);
    if (!trust.ok) {
      const sound = `the ${noun} is sound, but run ${quote(bundle.runId)}: `;
      return untrustedSigner(bundle.signer, trust, sound, { run_id: bundle.runId });
    }
    trusted.push(trust);
  }
  const cutTrust = cut && decide(signedCut(cut));
  if (cut !== undefined && cutTrust?.ok === false)
    return untrustedSigner(cut.signer, cutTrust, `the ${noun} is sound, but the cut at its beginning: `);
  return ok({ chain, trust: trusted });
}
