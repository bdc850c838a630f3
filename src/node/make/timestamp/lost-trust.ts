/**
 * Whether a new token takes a bundle's trust away. A time that an authority vouches for decides in place of the signer's own
 * (PROTOCOL 12.2): one that is late can be past a moment that the signer's time was before.
 *
 * @module
 */

import {
  decideTrust,
  declaredTime,
  encodeTimestamps,
  findCountersignatures,
  findTimestamps,
  keyDigestsOf,
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
  { bundleRoot, opened, signer, status }: SignedBundle,
  tokens: readonly Uint8Array[],
  policy: TrustPolicy | undefined,
  now: number,
): LostTrust | undefined {
  const question = {
    publicKeyHex: signer.publicKeyHex,
    digests: keyDigestsOf(signer),
    sealedAt: declaredTime(status),
    now,
    countersignatures: findCountersignatures(opened.countersignatures, bundleRoot, nodeCrypto),
  };
  const decide = (timestamps: TimestampsReading): TrustDecision => {
    const time = findTime(policy, findTimestamps({ ...opened, timestamps }));
    return decideTrust(policy, { ...question, time });
  };
  if (!decide(opened.timestamps ?? { kind: "missing" }).ok) return undefined;
  const decision = decide({ kind: "bytes", bytes: encodeTimestamps(tokens) });
  return decision.ok ? undefined : decision;
}
