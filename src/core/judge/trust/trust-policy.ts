/**
 * Decides whether a policy trusts a bundle, after the verdict (PROTOCOL 12). The verdict says that *some* key
 * signed. A key in a bundle is never a reason to trust it, and neither is a countersignature beside it.
 *
 * @module
 */

import { type KeyDigest, keyDigestsOf } from "../../records/artifacts/key-digest.ts";
import { signerTime } from "../../records/artifacts/signed-elsewhere.ts";
import type { Fault } from "../../system/bytes/result.ts";
import { utcSeconds } from "../../system/bytes/utc-time.ts";
import type { CountersignatureCode } from "../../system/codes/codes.ts";
import { quoteIfNeeded } from "../../system/paths/quote.ts";
import type { CountersignatureFinding } from "../bundle/countersignature.ts";
import type { VerifiedBundle } from "../bundle/judge.ts";
import {
  concludeLines,
  decideByLines,
  describeLine,
  type KeyQuestion,
  type LineDecision,
  type Trusted,
  type TrustPolicy,
  type TrustSource,
  type Untrusted,
} from "./trust-decision.ts";
import { countVoters, type TrustThreshold } from "./trust-threshold.ts";
import { contradicts, limitOf, type TimeFinding, timeWords } from "./trusted-time.ts";

/** The facts of a bundle that a policy decides about. */
export interface TrustQuestion {
  readonly publicKeyHex: string;
  /** See `KeyQuestion`. */
  readonly digests?: readonly KeyDigest[] | undefined;
  /** The time that the signer claims; undefined for a plain SPECTRUM bundle. */
  readonly sealedAt: string | undefined;
  /** The present, in seconds since 1970: the moment for an unbound bundle. */
  readonly now: number;
  readonly countersignatures: readonly CountersignatureFinding[];
  /** See `KeyQuestion`. */
  readonly namespaces?: readonly string[] | undefined;
  /** What came of the bundle's tokens, as the caller judged them; absent without any. */
  readonly time?: TimeFinding | undefined;
}

/** A decision and its reason. */
export type TrustDecision = (Trusted | Untrusted) & {
  /** One for each entry of COUNTERSIGNATURES.json, in its order; absent without entries. */
  readonly countersigners?: readonly Countersigner[];
  /** What the bundle's tokens say; absent without a TIMESTAMPS.json. */
  readonly time?: TimeFinding;
};

/** The report on one countersignature. */
export type Countersigner = JudgedCountersigner | FailedCountersigner;

/** A countersignature that holds, and the policy's decision about its signer. */
export interface JudgedCountersigner {
  readonly ok: boolean;
  /** Null without a policy. */
  readonly code: (Trusted | Untrusted)["code"] | null;
  readonly reason: string;
  readonly name?: string;
  readonly key_id: string;
  readonly validator_id: string;
  readonly public_key: string;
  /** The time that the countersigner claims. */
  readonly signed_at: string;
}

/** A countersignature that does not count. */
export interface FailedCountersigner extends Fault<CountersignatureCode> {
  readonly reason: string;
  /** Its position in the file, from 1; absent if the whole file is malformed. */
  readonly entry?: number;
}

/** The question to ask a policy about a verified bundle. `time` is what came of its tokens. */
export function questionOf(
  bundle: Pick<VerifiedBundle, "signer" | "binding" | "countersignatures">,
  now: number,
  time?: TimeFinding,
): TrustQuestion {
  const { binding, countersignatures, signer } = bundle;
  const { publicKeyHex } = signer;
  const digests = keyDigestsOf(signer);
  const sealedAt = binding && signerTime(binding);
  return { publicKeyHex, digests, sealedAt, now, countersignatures, time };
}

/**
 * Decides whether a policy trusts a bundle: first by its own signer, where revocation by any line overrides trust
 * by another, then by its time, then by every threshold. Without a policy the code is TRUST_POLICY_MISSING.
 */
export function decideTrust(policy: TrustPolicy | undefined, question: TrustQuestion): TrustDecision {
  const { countersignatures, time } = question;
  const timed = time === undefined ? {} : { time };
  if (policy === undefined) {
    const decision: Untrusted = {
      ok: false,
      code: "TRUST_POLICY_MISSING",
      reason: "no trust policy was given, so the signer is not trusted",
    };
    return { ...decision, ...listCountersigners(countersignatures), ...timed };
  }
  const own = decideByLines(policy, primaryQuestion(question));
  const others = new Map<CountersignatureFinding, readonly LineDecision[]>();
  for (const finding of countersignatures) {
    if (finding.kind === "holds")
      others.set(finding, decideByLines(policy, counterQuestion(finding, question)));
  }
  const listed = listCountersigners(countersignatures, (finding) => concludeLines(others.get(finding) ?? []));
  const primary = concludeLines(own);
  const decision = primary.ok
    ? (refuseTime(policy, primary, question) ??
      decideByThresholds(policy, primary, [own, ...others.values()]))
    : primary;
  return { ...decision, ...listed, ...timed };
}

/** Refuses a signer who is trusted, for the time of the bundle (PROTOCOL 17). */
function refuseTime(
  policy: TrustPolicy,
  { decided_by, name }: Trusted,
  { sealedAt, time }: TrustQuestion,
): Untrusted | undefined {
  const by = name === undefined ? { decided_by } : { name, decided_by };
  if (time?.ok === true && contradicts(time, sealedAt)) {
    const reason = `the signer says it sealed at ${sealedAt}, and ${timeWords(time)}`;
    return { ok: false, code: "TIME_CONTRADICTS", reason, ...by };
  }
  if (policy.requireTimestamp !== true || time?.ok === true) return undefined;
  const why = time === undefined ? "the bundle has no timestamp" : time.reason;
  return { ok: false, code: "TIMESTAMP_REQUIRED", reason: `a timestamp is required, and ${why}`, ...by };
}

/**
 * Reports on each countersignature. Without `decide`, those that hold are listed without a decision: a signature
 * that holds is not a reason to trust.
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
      reason: "it holds, but there is no policy to decide about its signer",
    };
    const { ok, code, reason } = decision;
    const name = "name" in decision && decision.name !== undefined ? { name: decision.name } : {};
    const { keyId: key_id, validatorId: validator_id, publicKeyHex: public_key } = signer;
    return { ok, code, reason, ...name, key_id, validator_id, public_key, signed_at: signedAt };
  });
  return { countersigners };
}

/** Decides about a bound bundle at the time that its signer claims, and about an unbound one at the present. */
function primaryQuestion(question: TrustQuestion): KeyQuestion {
  const { digests, namespaces, now, publicKeyHex, sealedAt, time } = question;
  const moment = sealedAt === undefined ? undefined : utcSeconds(sealedAt);
  const bound = sealedAt !== undefined;
  const vouched = time?.ok === true ? { notAfter: limitOf(time), said: timeWords(time) } : undefined;
  const said =
    moment === undefined
      ? "an unbound bundle is judged at the present"
      : `the signer says it sealed at ${sealedAt}`;
  return { publicKeyHex, digests, bound, moment: moment ?? now, said, namespaces, vouched };
}

/** A countersignature covers its own time, also beside an unbound bundle. */
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

/** The names whose lines in this source trust a key that no line revokes. */
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
    some.length === 0 ? "none" : some.map(quoteIfNeeded).join(", ");
  const wanted = `${describeLine(source.label, line)} requires ${need} of ${list(names)}`;
  const absent = missing.length === 0 ? "" : `; missing: ${list(missing)}`;
  return `${wanted}; signed: ${list(signed)}${absent}`;
}
