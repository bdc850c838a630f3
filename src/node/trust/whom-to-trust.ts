/**
 * Whom a program believes. It always says so: no function that verifies has a default that trusts anybody.
 *
 * @module
 */

import {
  decideTrust,
  listCountersigners,
  ok,
  parseKeyText,
  questionOf,
  type Result,
  type SignerIdentity,
  type TrustCode,
  type TrustDecision,
  type TrustPolicy,
  UNRESTRICTED,
  type VerifiedBundle,
} from "../../core/internal.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { findTime } from "../time/find-time.ts";

/**
 * Whom to believe. `"any-signer"` takes every signature that holds. `keys` are public keys as people pass them around: 64
 * lowercase hex, `runseal-ed25519 HEX` or `ssh-ed25519 AAAA…`. A `policy` comes from `readTrustPolicy`; an undefined one trusts
 * no key. `now`, in seconds since 1970, is the present unless it is given.
 */
export type Trust =
  | "any-signer"
  | { readonly keys: readonly string[]; readonly now?: number }
  | { readonly policy: TrustPolicy | undefined; readonly now?: number };

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

/** A key of the request is not an Ed25519 public key: nothing was verified. */
export interface KeyRefused {
  readonly ok: false;
  readonly code: "SIGNER_NOT_A_KEY";
  readonly message: string;
  readonly details: { readonly key: string };
}

/** How the source of a policy that is made of keys is called in reasons. */
const KEYS_LABEL = "the list of keys";

/** Decides about signers. */
export type Decide = (bundle: SignedThing) => AcceptedSigner | Extract<TrustDecision, { ok: false }>;

/** What a decision needs of a bundle. */
export type SignedThing = Pick<VerifiedBundle, "signer" | "binding" | "countersignatures" | "timestamps">;

/**
 * Makes the decision that a caller's trust means. A caller without types may have left it out: that trusts no key. Fails with
 * SIGNER_NOT_A_KEY.
 */
export function deciderFor(trust: Trust | undefined): Result<Decide, KeyRefused> {
  if (trust === "any-signer") return ok(takeAnySigner);
  const now = trust?.now ?? Math.floor(Date.now() / 1000);
  const policy = policyOf(trust);
  if (!policy.ok) return policy;
  return ok((bundle) =>
    decideTrust(policy.value, questionOf(bundle, now, findTime(policy.value, bundle.timestamps))),
  );
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

function policyOf(
  trust: Exclude<Trust, "any-signer"> | undefined,
): Result<TrustPolicy | undefined, KeyRefused> {
  if (trust === undefined) return ok(undefined);
  if (!("keys" in trust)) return ok(trust.policy);
  const lines: TrustPolicy["sources"][number]["lines"][number][] = [];
  for (const key of trust.keys) {
    const publicKeyHex = parseKeyText(key, nodeCrypto);
    if (publicKeyHex === undefined) {
      const message = "a key to trust is not an Ed25519 public key";
      return { ok: false, code: "SIGNER_NOT_A_KEY", message, details: { key } };
    }
    lines.push({ line: 0, names: [], publicKeyHex, ...UNRESTRICTED });
  }
  return ok({ sources: [{ label: KEYS_LABEL, lines, thresholds: [] }] });
}
