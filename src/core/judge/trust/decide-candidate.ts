/** The decision about a bundle whose outputs were not looked at. @module */

import { declaredTime } from "../../records/artifacts/binding.ts";
import { keyDigestsOf } from "../../records/artifacts/key-digest.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { findCountersignatures } from "../bundle/countersignature.ts";
import type { SignedBundle } from "../bundle/phases/judging.ts";
import type { TrustPolicy } from "./trust-decision.ts";
import { decideTrust, type TrustDecision } from "./trust-policy.ts";
import type { TimeFinding } from "./trusted-time.ts";

/**
 * Decides whether a policy would trust a bundle if its outputs are right: its signature holds, and nothing more is known. `now` is in
 * seconds since 1970; `time` is what came of its tokens.
 */
export function decideCandidate(
  policy: TrustPolicy | undefined,
  { bundleRoot, opened, signer, status }: SignedBundle,
  {
    crypto,
    now,
    time,
  }: { readonly crypto: Crypto; readonly now: number; readonly time: TimeFinding | undefined },
): TrustDecision {
  return decideTrust(policy, {
    publicKeyHex: signer.publicKeyHex,
    digests: keyDigestsOf(signer),
    sealedAt: declaredTime(status),
    now,
    countersignatures: findCountersignatures(opened.countersignatures, bundleRoot, crypto),
    time,
  });
}
