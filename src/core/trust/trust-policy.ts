/**
 * Whom to believe: a layer above the verdict (PROTOCOL 12). The verdict says that *some* key signed; a
 * key in a bundle is never a reason to trust it, and neither is a countersignature beside it.
 *
 * @module
 */

import { type KeyDigest, keyDigestsOf } from "../artifacts/key-digest.ts";
import type { CountersignatureFinding } from "../bundle/countersignature.ts";
import type { VerifiedBundle } from "../bundle/verify-bundle.ts";
import { utcSeconds } from "../bytes/utc-time.ts";
import type { CountersignatureCode } from "../codes/codes.ts";
import { quoteIfNeeded } from "../paths/quote.ts";
import {
  concludeLines,
  decideByLines,
  type KeyQuestion,
  type LineDecision,
  type Trusted,
  type TrustPolicy,
  type TrustSource,
  type Untrusted,
  whereWords,
} from "./trust-decision.ts";
import { countVoters, type TrustThreshold } from "./trust-threshold.ts";

/** What a policy is asked about a bundle. */
export interface TrustQuestion {
  readonly publicKeyHex: string;
  /** See `KeyQuestion`. */
  readonly digests?: readonly KeyDigest[] | undefined;
  /** The signer's own word, of a bound bundle; undefined for a plain SPECTRUM one. */
  readonly sealedAt: string | undefined;
  /** The present, in seconds since 1970: what an unbound bundle is judged at. */
  readonly now: number;
  readonly countersignatures: readonly CountersignatureFinding[];
}

/** A decision and its reason. */
export type TrustDecision = (Trusted | Untrusted) & {
  /** One for each entry of COUNTERSIGNATURES.json, in its order; absent where there is none. */
  readonly countersigners?: readonly Countersigner[];
};

/** What is to be said of one countersignature. */
export type Countersigner = JudgedCountersigner | FailedCountersigner;

/** A countersignature that holds, and what the policy says of its signer. */
export interface JudgedCountersigner {
  readonly ok: boolean;
  /** Null where nobody was asked. */
  readonly code: (Trusted | Untrusted)["code"] | null;
  readonly reason: string;
  readonly name?: string;
  readonly key_id: string;
  readonly validator_id: string;
  readonly public_key: string;
  /** The countersigner's own word. */
  readonly signed_at: string;
}

/** A countersignature that says nothing. */
export interface FailedCountersigner {
  readonly ok: false;
  readonly code: CountersignatureCode;
  readonly reason: string;
  /** Its place in the file, from 1; absent where the whole file says nothing. */
  readonly entry?: number;
}

/** The question that a verified bundle puts. */
export function questionOf(
  bundle: Pick<VerifiedBundle, "signer" | "binding" | "countersignatures">,
  now: number,
): TrustQuestion {
  const { binding, countersignatures, signer } = bundle;
  const { publicKeyHex } = signer;
  const digests = keyDigestsOf(signer);
  return { publicKeyHex, digests, sealedAt: binding?.sealedAt, now, countersignatures };
}

/**
 * Decides whether a policy trusts a bundle: by its own signer first, revocation by any line winning over
 * trust by another, then by every threshold. Without a policy the answer is TRUST_POLICY_MISSING.
 */
export function decideTrust(policy: TrustPolicy | undefined, question: TrustQuestion): TrustDecision {
  if (policy === undefined) {
    const decision: Untrusted = {
      ok: false,
      code: "TRUST_POLICY_MISSING",
      reason: "no trust policy was given: nobody vouches for the signer",
    };
    return { ...decision, ...listCountersigners(question.countersignatures) };
  }
  const own = decideByLines(policy, primaryQuestion(question));
  const others = new Map<CountersignatureFinding, readonly LineDecision[]>();
  for (const finding of question.countersignatures) {
    if (finding.kind === "holds")
      others.set(finding, decideByLines(policy, counterQuestion(finding, question)));
  }
  const listed = listCountersigners(question.countersignatures, (finding) =>
    concludeLines(others.get(finding) ?? []),
  );
  const primary = concludeLines(own);
  if (!primary.ok) return { ...primary, ...listed };
  return { ...decideByThresholds(policy, primary, [own, ...others.values()]), ...listed };
}

/**
 * Says of each countersignature what it is worth. Without `decide` those that hold are listed, and not judged:
 * a signature that holds is no reason to trust.
 */
export function listCountersigners(
  findings: readonly CountersignatureFinding[],
  decide?: (finding: CountersignatureFinding) => Trusted | Untrusted,
): { readonly countersigners?: readonly Countersigner[] } {
  if (findings.length === 0) return {};
  const countersigners = findings.map((finding): Countersigner => {
    if (finding.kind === "fails") {
      const { code, entry, reason } = finding;
      return { ok: false, code, reason, ...(entry === undefined ? {} : { entry }) };
    }
    const { signer, signedAt } = finding;
    const decision = decide?.(finding) ?? {
      ok: false,
      code: null,
      reason: "it holds, but no policy was asked about its signer",
    };
    const { ok, code, reason } = decision;
    const name = "name" in decision && decision.name !== undefined ? { name: decision.name } : {};
    const { keyId: key_id, validatorId: validator_id, publicKeyHex: public_key } = signer;
    return { ok, code, reason, ...name, key_id, validator_id, public_key, signed_at: signedAt };
  });
  return { countersigners };
}

/** A bound bundle is judged at the moment its signer says, an unbound one now. */
function primaryQuestion({ digests, publicKeyHex, sealedAt, now }: TrustQuestion): KeyQuestion {
  const moment = sealedAt === undefined ? undefined : utcSeconds(sealedAt);
  const bound = sealedAt !== undefined;
  return moment === undefined
    ? { publicKeyHex, digests, bound, moment: now, said: "an unbound bundle is judged at the present" }
    : { publicKeyHex, digests, bound, moment, said: `the signer says it sealed at ${sealedAt}` };
}

/** A countersignature signs its own moment, whatever it stands beside. */
function counterQuestion(
  { signer, signedAt }: Extract<CountersignatureFinding, { kind: "holds" }>,
  { sealedAt, now }: TrustQuestion,
): KeyQuestion {
  const { publicKeyHex } = signer;
  const digests = keyDigestsOf(signer);
  const said = `the countersigner says it signed at ${signedAt}`;
  return { publicKeyHex, digests, bound: sealedAt !== undefined, moment: utcSeconds(signedAt) ?? now, said };
}

function decideByThresholds(
  policy: TrustPolicy,
  primary: Trusted,
  keys: readonly (readonly LineDecision[])[],
): Trusted | Untrusted {
  const met: string[] = [];
  for (const source of policy.sources) {
    if (source.thresholds.length === 0) continue;
    const vouched = vouchedNames(source, keys);
    for (const threshold of source.thresholds) {
      const count = countVoters(threshold, vouched);
      const words = thresholdWords(source, threshold, count);
      if (!count.met) {
        const { line } = threshold;
        const decided_by = { source: source.label, line };
        const name = primary.name === undefined ? {} : { name: primary.name };
        return { ok: false, code: "SIGNER_THRESHOLD_UNMET", reason: words, ...name, decided_by };
      }
      met.push(`; ${words}`);
    }
  }
  return met.length === 0 ? primary : { ...primary, reason: primary.reason + met.join("") };
}

/** The names for which a key that nothing revokes vouches by a line of this very source. */
function vouchedNames(source: TrustSource, keys: readonly (readonly LineDecision[])[]): ReadonlySet<string> {
  const trusted = keys.filter((found) => concludeLines(found).ok).flat();
  const lines = trusted.filter((found) => found.source === source && found.decision.ok);
  return new Set(lines.flatMap(({ line }) => line.names));
}

function thresholdWords(
  source: TrustSource,
  { line, names, need }: TrustThreshold,
  { missing, signed }: { readonly missing: readonly string[]; readonly signed: readonly string[] },
): string {
  const list = (some: readonly string[]): string =>
    some.length === 0 ? "nobody" : some.map(quoteIfNeeded).join(", ");
  const wanted = `${whereWords(source.label, line)} requires ${need} of ${list(names)}`;
  const absent = missing.length === 0 ? "" : `; missing: ${list(missing)}`;
  return `${wanted}; signed: ${list(signed)}${absent}`;
}
