/** The options that say which signers to trust: shared by verify, verify --history, restore and others. @module */

import {
  type Countersigner,
  type DecidingLine,
  decideTrust,
  describeLine,
  listCountersigners,
  matchesDigest,
  parsePublicKey,
  questionOf,
  type SignerIdentity,
  type TimeFinding,
  type TrustCode,
  type TrustDecision,
  type TrustPolicy,
  type TrustSource,
} from "../../core/internal.ts";
import { findTime } from "../../node/keys/time/bundle-time.ts";
import { readTrustPolicy, SIGNER_LABEL } from "../../node/keys/trust/read-trust.ts";
import { type SignedThing, type Trust, withoutThresholds } from "../../node/keys/trust/whom-to-trust.ts";
import { nodeCrypto } from "../../node/system/runtime/node-crypto.ts";
import { badLineWords } from "../codes/trust-codes.ts";
import { trustRequestReport } from "../output/failure-report.ts";
import type { Io } from "../output/io.ts";
import type { Report } from "../output/report.ts";

/** The options as parsed. */
export interface TrustOptions {
  readonly trust?: string | undefined;
  readonly signer: readonly string[];
  readonly anySigner?: true | undefined;
  readonly requireTimestamp?: true | undefined;
}

/** A decision, for people and programs alike. */
export type TrustAnswer = TrustFacts &
  (
    | { readonly ok: true; readonly code: "OK" | "ANY_SIGNER" }
    | { readonly ok: false; readonly code: TrustCode }
  );

interface TrustFacts {
  readonly reason: string;
  readonly name?: string;
  /** Absent where no line speaks of the signer. */
  readonly decided_by?: DecidingLine;
  /** Absent where there is none. */
  readonly countersigners?: readonly Countersigner[];
  /** What the bundle's tokens say; absent without a TIMESTAMPS.json. */
  readonly time?: TimeFinding;
  /** Where no line speaks of the signer, and it is the own key of the guard at hand; absent otherwise. */
  readonly guards_own_key?: true;
}

/** The policy behind the options. */
export type TrustChoice = KnownKeys &
  (
    | { readonly kind: "any-signer" }
    | { readonly kind: "policy"; readonly policy: TrustPolicy | undefined }
    /** A trust file with a bad line: no signer is trusted. */
    | { readonly kind: "malformed"; readonly answer: Extract<TrustAnswer, { ok: false }> }
  );

interface KnownKeys {
  /** The public key of the own key of the guard at hand, in hex. */
  readonly guardsKey?: string | undefined;
}

/** The trust of a bundle that was not accepted. Not a `TrustAnswer`: no command can succeed by it. */
export const UNDECIDED_TRUST: { readonly ok: false; readonly code: null; readonly reason: string } = {
  ok: false,
  code: null,
  reason: "not decided: the bundle was not accepted",
};

/** Reads the policy that the options mean, or gives the report of why there is none. */
export function chooseTrust(options: TrustOptions, io: Io): TrustChoice | { readonly report: Report } {
  if (options.anySigner === true) return { kind: "any-signer" };
  const files = options.trust === undefined ? [] : [options.trust];
  const requireTimestamp = options.requireTimestamp === true;
  const request = { files, signers: options.signer, requireTimestamp };
  const policy = readTrustPolicy(request, io.environment);
  if (policy.ok) return { kind: "policy", policy: policy.value };
  if (policy.code === "TRUST_FILE_MALFORMED") {
    return { kind: "malformed", answer: { ok: false, code: policy.code, reason: badLineWords(policy) } };
  }
  return { report: trustRequestReport(policy) };
}

/** The options as they were given, for a command that is to come to the same verdict. */
export function trustArguments({
  anySigner,
  requireTimestamp,
  signer,
  trust,
}: TrustOptions): readonly string[] {
  return [
    ...(trust === undefined ? [] : ["--trust", trust]),
    ...signer.flatMap((key) => ["--signer", key]),
    ...(anySigner === true ? ["--any-signer"] : []),
    ...(requireTimestamp === true ? ["--require-timestamp"] : []),
  ];
}

/** Why --any-signer accepts. */
export const ANY_SIGNER_REASON = "the signer was not judged: --any-signer accepts any signer";

/** Decides about a verified bundle's signer. `namespaces` are those of a signature of another tool, see `KeyQuestion`. */
export function answerTrust(
  choice: TrustChoice,
  bundle: SignedThing,
  now: number,
  namespaces?: readonly string[],
): TrustAnswer {
  const policy = choice.kind === "policy" ? choice.policy : undefined;
  const time = findTime(policy, bundle.timestamps);
  const listed = { ...listCountersigners(bundle.countersignatures), ...(time === undefined ? {} : { time }) };
  switch (choice.kind) {
    case "any-signer":
      return {
        ok: true,
        code: "ANY_SIGNER",
        reason: ANY_SIGNER_REASON,
        ...listed,
      };
    case "malformed":
      return { ...choice.answer, ...listed };
    case "policy":
      return namingTheGuard(
        choice,
        bundle.signer,
        namingTheExpected(
          choice.policy,
          bundle.signer,
          decideTrust(choice.policy, { ...questionOf(bundle, now, time), namespaces }),
        ),
      );
  }
}

/** The own key of the guard at hand does not belong to a stranger: to ask for its public key would lead nowhere. */
function namingTheGuard(
  { guardsKey }: KnownKeys,
  { publicKeyHex }: SignerIdentity,
  answer: TrustAnswer,
): TrustAnswer {
  const isUnnamed = answer.code === "TRUST_POLICY_MISSING" || answer.code === "SIGNER_UNKNOWN";
  if (!isUnnamed || guardsKey !== publicKeyHex) return answer;
  const reason = "signed by this guard's own key, which shows accidents, not who";
  return { ...answer, reason, guards_own_key: true };
}

/** With `--signer` alone, an unknown signer is named beside the expected ones. */
function namingTheExpected(
  policy: TrustPolicy | undefined,
  signer: SignerIdentity,
  decision: TrustDecision,
): TrustDecision {
  const sources = policy?.sources ?? [];
  if (decision.code !== "SIGNER_UNKNOWN") return decision;
  const mistaken = findMistakenId(sources, signer);
  if (mistaken !== undefined) return { ...decision, reason: mistaken };
  if (sources.some(({ label }) => label !== SIGNER_LABEL)) return decision;
  const expected = sources.flatMap(({ digests = [], lines }) => [
    ...lines.map(({ publicKeyHex }) => parsePublicKey(publicKeyHex, nodeCrypto)?.keyId ?? ""),
    ...digests.map((digest) => (digest.startsWith("id:") ? digest.slice(3, 11) : digest)),
  ]);
  return { ...decision, reason: `expected ${expected.join(" or ")}, signed by ${signer.keyId}` };
}

/** The reason if the signer's validator id stands where its key belongs: both are 64 hex characters. */
function findMistakenId(sources: readonly TrustSource[], signer: SignerIdentity): string | undefined {
  for (const { label, lines } of sources) {
    const line = lines.find(({ publicKeyHex }) =>
      matchesDigest(signer.validatorId, publicKeyHex, nodeCrypto),
    );
    if (line === undefined) continue;
    return label === SIGNER_LABEL
      ? `--signer was given the validator id of the signer ${signer.keyId}, not its key; say id: before it`
      : `${describeLine(label, line.line)} has the validator id of the signer ${signer.keyId} in place of its key`;
  }
  return undefined;
}

/** The same choice for what a guard signed, with the guard's own key: see `withoutThresholds`. */
export function choiceOfGuard(choice: TrustChoice, guardsKey: string | undefined): TrustChoice {
  const known = { ...choice, guardsKey };
  return known.kind === "policy" ? { ...known, policy: withoutThresholds(known.policy) } : known;
}

/** The policy of a choice; undefined where none is asked, and for a malformed trust file. */
export function policyOf(choice: TrustChoice): TrustPolicy | undefined {
  return choice.kind === "policy" ? choice.policy : undefined;
}

/** The same choice for the library's functions. A malformed trust file trusts no key. */
export function chosenTrust(choice: TrustChoice, io: Io): Trust {
  if (choice.kind === "any-signer") return "any-signer";
  return { policy: choice.kind === "policy" ? choice.policy : undefined, now: io.now() };
}
