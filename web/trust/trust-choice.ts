/**
 * Whom the user trusts: from what was pasted or chosen beside the bundle, never from the bundle's own folder.
 *
 * @module
 */

import {
  decideTrust,
  encodeUtf8,
  listCountersigners,
  MAX_TRUST_FILE_BYTES,
  parseKeyDigest,
  parseKeyText,
  parseTrustFile,
  questionOf,
  type TimeFinding,
  type TrustDecision,
  type TrustFileFault,
  type TrustPolicy,
  UNRESTRICTED,
  type VerifiedBundle,
  type WebCrypto,
} from "../../src/core/internal.ts";

/** What the user said about trust. */
export type TrustChoice =
  | { readonly kind: "none" }
  | { readonly kind: "any-signer" }
  | { readonly kind: "keys"; readonly policy: TrustPolicy; readonly count: number }
  | { readonly kind: "file"; readonly policy: TrustPolicy; readonly count: number }
  | { readonly kind: "malformed"; readonly fault: TrustFileFault }
  | { readonly kind: "too-large" };

/** A signer was taken without a policy. */
export interface AnySigner extends Omit<TrustDecision, "ok" | "code" | "decided_by"> {
  readonly ok: true;
  readonly code: "ANY_SIGNER";
}

/** What a choice says about a signer. */
export type TrustAnswer = TrustDecision | AnySigner;

/** How the sources of a policy are called in reasons. */
const KEYS_LABEL = "the key that you gave";
const FILE_LABEL = "the trust file that you gave";

/** Reads what was pasted: public keys, one a line, or a trust file. */
export function readTrust(text: string, { port }: WebCrypto): TrustChoice {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const written = lines.filter((line) => line !== "");
  if (written.length === 0) return { kind: "none" };
  if (text.length > MAX_TRUST_FILE_BYTES) return { kind: "too-large" };
  const keys = written.map((line) => parseKeyText(line, port));
  if (keys.every((key) => key !== undefined)) {
    const own = keys.map((publicKeyHex) => ({ line: 0, names: [], publicKeyHex, ...UNRESTRICTED }));
    const policy = { sources: [{ label: KEYS_LABEL, lines: own, thresholds: [] }] };
    return { kind: "keys", policy, count: own.length };
  }
  const digests = written.map(parseKeyDigest);
  if (digests.every((digest) => digest !== undefined)) {
    const policy = { sources: [{ label: KEYS_LABEL, lines: [], thresholds: [], digests }] };
    return { kind: "keys", policy, count: digests.length };
  }
  const file = parseTrustFile(encodeUtf8(text), port);
  if (!file.ok) return { kind: "malformed", fault: file };
  const policy = { sources: [{ label: FILE_LABEL, ...file.value }] };
  return { kind: "file", policy, count: file.value.lines.length };
}

/** What a decision asks of a verified bundle. */
export type TrustedFacts = Pick<VerifiedBundle, "signer" | "binding" | "countersignatures" | "timestamps">;

/** The policy of a choice; undefined where none is asked, and for a malformed trust file. */
export function policyOf(choice: TrustChoice): TrustPolicy | undefined {
  return "policy" in choice ? choice.policy : undefined;
}

/** Decides about a verified bundle. `now` is the present, in seconds since 1970; `time` is what came of its tokens. */
export function answerTrust(
  choice: TrustChoice,
  bundle: TrustedFacts,
  now: number,
  time: TimeFinding | undefined,
): TrustAnswer {
  const timed = time === undefined ? {} : { time };
  switch (choice.kind) {
    case "any-signer": {
      const reason = "no policy was asked: any signer is taken";
      const listed = listCountersigners(bundle.countersignatures);
      return { ok: true, code: "ANY_SIGNER", reason, ...listed, ...timed };
    }
    case "malformed": {
      const { line } = choice.fault;
      const reason = `line ${line} of the trust file is malformed, so nothing in it is trusted`;
      return { ok: false, code: "TRUST_FILE_MALFORMED", reason, ...timed };
    }
    case "too-large":
      return { ok: false, code: "TRUST_FILE_MALFORMED", reason: "the trust file is too large", ...timed };
    default:
      return decideTrust(policyOf(choice), questionOf(bundle, now, time));
  }
}
