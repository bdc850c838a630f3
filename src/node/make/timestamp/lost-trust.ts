/**
 * Whether a new token takes a bundle's trust away. A time that an authority vouches for decides in place of the signer's own
 * (PROTOCOL 12.2): one that is late can be past a moment that the signer's time was before.
 *
 * @module
 */

import {
  decideCandidate,
  encodeTimestamps,
  type SignedBundle,
  type TimestampsReading,
  type TrustDecision,
  type TrustPolicy,
} from "../../../core/internal.ts";
import { findTime } from "../../keys/time/bundle-time.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";

/** A refusal, and its reason. */
export type LostTrust = Extract<TrustDecision, { ok: false }>;

/** The refusal of a bundle with its new tokens that was trusted with those before; `undefined` where no trust was lost. */
export function lostTrust(
  candidate: SignedBundle,
  tokens: readonly Uint8Array[],
  {
    now,
    policy,
    signature,
  }: { readonly now: number; readonly policy: TrustPolicy | undefined; readonly signature: Uint8Array },
): LostTrust | undefined {
  const { timestamps } = candidate.opened;
  const decide = (reading: TimestampsReading | undefined): TrustDecision => {
    const time =
      reading === undefined || reading.kind === "missing"
        ? undefined
        : findTime(policy, { signature, reading });
    return decideCandidate(policy, candidate, { crypto: nodeCrypto, now, time });
  };
  if (!decide(timestamps).ok) return undefined;
  const decision = decide({ kind: "bytes", bytes: encodeTimestamps(tokens) });
  return decision.ok ? undefined : decision;
}
