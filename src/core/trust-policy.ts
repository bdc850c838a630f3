/**
 * Whom to believe: a layer above the verdict (PROTOCOL 12). The verdict says that *some* key signed; a
 * key in a bundle is never a reason to trust it. Every decision says why.
 *
 * @module
 */

import type { TrustCode } from "./codes.ts";
import { quoteIfNeeded } from "./quote.ts";
import type { TrustLine } from "./trust-file.ts";
import { formatUtcSecond, utcSeconds } from "./utc-time.ts";
import type { VerifiedBundle } from "./verify-bundle.ts";

/** A parsed policy. */
export interface TrustPolicy {
  readonly sources: readonly TrustSource[];
}

/** Where lines come from, for the reason. */
export interface TrustSource {
  /** How to call it, such as a file's name as the caller gave it. */
  readonly label: string;
  readonly lines: readonly TrustLine[];
}

/** What a policy is asked about a bundle. */
export interface TrustQuestion {
  readonly publicKeyHex: string;
  /** The signer's own word, of a bound bundle; undefined for a plain SPECTRUM one. */
  readonly sealedAt: string | undefined;
  /** The present, in seconds since 1970: what an unbound bundle is judged at. */
  readonly now: number;
}

/** A decision and its reason. */
export type TrustDecision = Trusted | Untrusted;

/** Somebody vouches for the signer. */
export interface Trusted {
  readonly ok: true;
  readonly code: "OK";
  readonly reason: string;
  /** What the deciding line calls the signer: a stranger's text. */
  readonly name: string;
}

/** Nobody vouches for the signer, or not at that moment. */
export interface Untrusted {
  readonly ok: false;
  readonly code: TrustCode;
  readonly reason: string;
  readonly name?: string;
}

/** The question that a verified bundle puts. */
export function questionOf(bundle: Pick<VerifiedBundle, "signer" | "binding">, now: number): TrustQuestion {
  return { publicKeyHex: bundle.signer.publicKeyHex, sealedAt: bundle.binding?.sealedAt, now };
}

/**
 * Decides whether a policy trusts a signer. Revocation by any line wins over trust by another; without a
 * policy the answer is TRUST_POLICY_MISSING.
 */
export function decideTrust(policy: TrustPolicy | undefined, question: TrustQuestion): TrustDecision {
  if (policy === undefined) {
    return {
      ok: false,
      code: "TRUST_POLICY_MISSING",
      reason: "no trust policy was given: nobody vouches for the signer",
    };
  }
  const decisions = policy.sources.flatMap(({ label, lines }) =>
    lines
      .filter((line) => line.publicKeyHex === question.publicKeyHex)
      .map((line) => decideByLine(line, label, question)),
  );
  return (
    decisions.find((decision) => decision.code === "SIGNER_REVOKED") ??
    decisions.find((decision) => decision.ok) ??
    decisions[0] ?? {
      ok: false,
      code: "SIGNER_UNKNOWN",
      reason: "no line of the trust policy lists the signer's key",
    }
  );
}

function decideByLine(line: TrustLine, label: string, question: TrustQuestion): TrustDecision {
  const name = line.names[0] ?? "";
  const where = `${quoteIfNeeded(label)} line ${line.line}`;
  const refuse = (code: TrustCode, words: string): Untrusted => ({
    ok: false,
    code,
    reason: `${where} ${words}`,
    name,
  });
  const { moment, said } = judgedAt(question);
  // A thief writes what sealing time he likes: a bundle that says it was sealed before stays refused too.
  if (line.revoked) {
    const since = line.revokedAt === undefined ? "" : ` from ${formatUtcSecond(line.revokedAt)} on; ${said}`;
    return refuse("SIGNER_REVOKED", `revokes the key${since}`);
  }
  if (line.namespaces !== undefined && !listsNamespace(line.namespaces)) {
    return refuse("SIGNER_UNKNOWN", "lists the key for other namespaces than runseal");
  }
  if (line.boundOnly && question.sealedAt === undefined) {
    return refuse("SIGNER_UNKNOWN", "trusts the key for bound bundles only, and this one is not bound");
  }
  if (line.validAfter !== undefined && moment < line.validAfter) {
    return refuse(
      "SIGNER_NOT_YET_VALID",
      `trusts the key from ${formatUtcSecond(line.validAfter)} on; ${said}`,
    );
  }
  if (line.validBefore !== undefined && moment >= line.validBefore) {
    return refuse("SIGNER_EXPIRED", `trusts the key until ${formatUtcSecond(line.validBefore)}; ${said}`);
  }
  const windowed = line.validAfter !== undefined || line.validBefore !== undefined;
  const reason = `${where} trusts the key as ${quoteIfNeeded(name)}${windowed ? `; ${said}` : ""}`;
  return { ok: true, code: "OK", reason, name };
}

/** A bound bundle is judged at the moment its signer says, an unbound one now. */
function judgedAt({ sealedAt, now }: TrustQuestion): { readonly moment: number; readonly said: string } {
  const moment = sealedAt === undefined ? undefined : utcSeconds(sealedAt);
  return moment === undefined
    ? { moment: now, said: "an unbound bundle is judged at the present" }
    : { moment, said: `the signer says it sealed at ${sealedAt}` };
}

/** OpenSSH's pattern lists: `*` and `?`, and a leading `!` that takes back what others allow. */
function listsNamespace(patterns: readonly string[]): boolean {
  const matches = (pattern: string): boolean => {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    return new RegExp(`^${source}$`, "s").test("runseal");
  };
  const denied = patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)));
  return !denied && patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}
