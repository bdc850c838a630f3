/**
 * PREFLIGHT, steps 2 and 3: may this bundle be restored at all? (PROTOCOL 13.3)
 *
 * @module
 */

import {
  checkHashesNotEmpty,
  checkRestoreProof,
  concludeCandidate,
  decideTrust,
  type EligibleBundle,
  judgeCandidate,
  ok,
  questionOf,
  type RestoreFault,
  type Result,
  restoreFault,
  type TrustDecision,
  type TrustPolicy,
} from "../../core/index.ts";
import { openBundle } from "../files/open-bundle.ts";
import { nodeCrypto } from "../node-crypto.ts";
import {
  hashClaims,
  type VerifyFailure,
  type VerifyRequest,
  verifyContext,
} from "../verify/verify-bundle-files.ts";

/** Whom a restore believes. */
export interface TrustDemand {
  readonly policy: TrustPolicy | undefined;
  /** Take whoever signed. */
  readonly anySigner: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

/** A bundle that may be restored, unless its paths or the target forbid it. */
export interface Eligibility {
  readonly eligible: EligibleBundle;
  readonly trust: TrustDecision | undefined;
}

/** A refusal, with the decision where it was the signer that was refused. */
export type EligibilityFault = RestoreFault & { readonly trust?: TrustDecision };

/** Judges a bundle in the order of a restore. */
export async function checkEligibility(
  request: VerifyRequest,
  demand: TrustDemand,
): Promise<Result<Eligibility, EligibilityFault>> {
  const context = verifyContext(request.limits);
  const opened = openBundle(request.bundle, request.limits);
  if (!opened.ok) return notVerified(opened);
  const candidate = judgeCandidate(opened.value, context);
  if (!candidate.ok) return notVerified(candidate);
  const findings = await hashClaims(candidate.value.claims, request);
  if (!findings.ok) return notVerified(findings);
  const concluded = concludeCandidate(candidate.value, findings.value, context);
  if (!concluded.ok) return notVerified(concluded);
  const eligible = concluded.value;

  const trust = demand.anySigner ? undefined : decideTrust(demand.policy, questionOf(eligible, demand.now));
  if (trust !== undefined && !trust.ok) {
    const details = { verifier_code: trust.code };
    return { ...restoreFault("PREFLIGHT", "RESTORE_VERIFY_STRICT_FAILED", details), trust };
  }
  const unproved = checkRestoreProof(eligible, nodeCrypto) ?? checkHashesNotEmpty(eligible);
  return unproved ?? ok({ eligible, trust });
}

/** Any reason why a bundle isn't verified, in the words of a restore. */
export function notVerified(failure: VerifyFailure): RestoreFault {
  const details = "phase" in failure ? failure.details : reasonOf(failure.details);
  return restoreFault("PREFLIGHT", "RESTORE_VERIFY_STRICT_FAILED", {
    ...details,
    verifier_code: failure.code,
  });
}

function reasonOf({
  reason,
}: {
  readonly reason?: RestoreFault["details"]["reason"];
}): RestoreFault["details"] {
  return reason === undefined ? {} : { reason };
}
