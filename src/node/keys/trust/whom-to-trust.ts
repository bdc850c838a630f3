/**
 * Whom a program believes. It always says so: no function that verifies has a default that trusts anybody.
 *
 * @module
 */

import {
  decideTrust,
  listCountersigners,
  questionOf,
  type SignerIdentity,
  type TrustCode,
  type TrustDecision,
  type TrustPolicy,
  UNRESTRICTED,
  type VerifiedBundle,
} from "../../../core/internal.ts";
import { findTime } from "../time/bundle-time.ts";

/**
 * Whom to believe. `"any-signer"` takes every signature that holds. An undefined policy trusts no key. `now`, in seconds since 1970, is
 * the present unless it is given.
 */
export type Trust = "any-signer" | { readonly policy: TrustPolicy | undefined; readonly now?: number };

/** The signer was taken without a policy. */
export interface AnySigner extends Omit<TrustDecision, "ok" | "code" | "decided_by"> {
  readonly ok: true;
  readonly code: "ANY_SIGNER";
}

/** What a policy, or the lack of one, says of a signer that is accepted. */
export type AcceptedSigner = Extract<TrustDecision, { ok: true }> | AnySigner;

/** What is verified is sound, and its signer is not trusted. The command ends with exit code 3 then. */
export interface UntrustedSigner {
  readonly ok: false;
  readonly code: TrustCode;
  readonly phase: "trust";
  readonly message: string;
  /** The run, in a chain or a history. */
  readonly details: { readonly run_id?: string };
  readonly signer: SignerIdentity;
  readonly trust: Extract<TrustDecision, { ok: false }>;
}

/** Decides about signers. */
export type Decide = (bundle: SignedThing) => AcceptedSigner | Extract<TrustDecision, { ok: false }>;

/** What a decision needs of a bundle. */
export type SignedThing = Pick<VerifiedBundle, "signer" | "binding" | "countersignatures" | "timestamps">;

/** Makes the decision that a caller's trust means. */
export function deciderFor(trust: Trust): Decide {
  if (trust === "any-signer") return takeAnySigner;
  const { now = Math.floor(Date.now() / 1000), policy } = trust;
  return (bundle) => decideTrust(policy, questionOf(bundle, now, findTime(policy, bundle.timestamps)));
}

/** The same policy without its lines that require several signers: what a guard signs has one. */
export function withoutThresholds(policy: TrustPolicy | undefined): TrustPolicy | undefined {
  return policy && { ...policy, sources: policy.sources.map((source) => ({ ...source, thresholds: [] })) };
}

/** The policy that trusts these keys, 64 lowercase hex each, and no other. */
export function trustingKeys(keys: readonly string[]): TrustPolicy {
  const lines = keys.map((publicKeyHex) => ({ line: 0, names: [], publicKeyHex, ...UNRESTRICTED }));
  return { sources: [{ label: "the list of keys", lines, thresholds: [] }] };
}

/** The refusal of a signer. `sound` is what the sentence begins with, such as `the bundle is sound, but `. */
export function untrustedSigner(
  signer: SignerIdentity,
  trust: Extract<TrustDecision, { ok: false }>,
  sound: string,
  details: { readonly run_id?: string } = {},
): UntrustedSigner {
  const { code, reason } = trust;
  return { ok: false, code, phase: "trust", message: sound + reason, details, signer, trust };
}

function takeAnySigner({ countersignatures }: SignedThing): AnySigner {
  const reason = "no policy was asked: any signer is taken";
  return { ok: true, code: "ANY_SIGNER", reason, ...listCountersigners(countersignatures) };
}
