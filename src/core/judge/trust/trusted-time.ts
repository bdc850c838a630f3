/**
 * The time before which a bundle was signed, by the word of authorities that the policy trusts (PROTOCOL 17).
 *
 * The platform judges the tokens. Here is what follows from it: the earliest of all tokens that hold counts, because each of them
 * proves only "not later". Findings have the members of the JSON report.
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import type { Fault } from "../../system/bytes/result.ts";
import { utcSeconds } from "../../system/bytes/utc-time.ts";
import type { TimestampFlaw } from "../../system/codes/codes.ts";
import { quoteIfNeeded } from "../../system/paths/quote.ts";
import type { DecidingLine } from "./trust-decision.ts";

/** One token of the file, judged. */
export type TokenFinding = HeldToken | FailedToken;

/** The time that an authority vouches for. */
export interface VouchedMoment {
  /** The time in the token, RFC 3339 in UTC, rounded up to milliseconds. */
  readonly before: string;
  /** Milliseconds, rounded up; one second if the token has none. */
  readonly accuracy_ms: number;
  /** `before` and `accuracy_ms` together: the signature is not younger. */
  readonly not_after: string;
  /** The name of the authority in the policy. */
  readonly authority: string;
  /** SHA-256 of the certificate that the policy names. */
  readonly certificate: HexDigest;
  readonly decided_by: DecidingLine;
}

/** A token that holds, by an authority that the policy trusts. */
export interface HeldToken extends VouchedMoment {
  readonly ok: true;
  readonly code: "OK";
  /** Its position in the file, from 1. */
  readonly entry: number;
}

/** A token that does not count. */
export interface FailedToken extends Fault<"TIMESTAMP_INVALID"> {
  readonly entry: number;
  readonly flaw: TimestampFlaw;
  readonly reason: string;
}

/** What came of a bundle's tokens. */
export type TimeFinding = TrustedTime | UnknownTime;

/** The bundle was signed by `not_after`. */
export interface TrustedTime extends VouchedMoment {
  readonly ok: true;
  readonly code: "OK";
  readonly reason: string;
  readonly tokens: readonly TokenFinding[];
}

/** No token counts. */
export interface UnknownTime extends Fault<"TIMESTAMP_INVALID" | "TIMESTAMPS_MALFORMED"> {
  /** Of a token, or for all of them; absent if the file is malformed. */
  readonly flaw?: TimestampFlaw;
  readonly reason: string;
  /** Empty if the whole file is malformed. */
  readonly tokens: readonly TokenFinding[];
}

/** What a token says. `at` is its time and `accuracy` its accuracy, in milliseconds since 1970. */
export function tokenMoment({
  accuracy,
  at,
}: TokenTime): Pick<VouchedMoment, "before" | "accuracy_ms" | "not_after"> {
  return { before: formatMoment(at), accuracy_ms: accuracy, not_after: formatMoment(at + accuracy) };
}

/** The time of a token and its accuracy, in milliseconds, both rounded up. */
export interface TokenTime {
  /** Since 1970. */
  readonly at: number;
  readonly accuracy: number;
}

/** Concludes from the tokens of one file. TIMESTAMPS_MALFORMED if there is none. */
export function concludeTime(tokens: readonly TokenFinding[]): TimeFinding {
  const [first, ...others] = tokens.filter((token) => token.ok);
  if (first !== undefined) {
    const earliest = others.reduce((best, next) => (limitOf(next) < limitOf(best) ? next : best), first);
    const { entry: _, ...time } = earliest;
    return { ...time, reason: timeWords(earliest), tokens };
  }
  const failed = tokens.find((token) => !token.ok);
  if (failed === undefined)
    return withoutTokens({ code: "TIMESTAMPS_MALFORMED", reason: "TIMESTAMPS.json has no token" });
  const { code, entry, flaw, reason } = failed;
  const words =
    tokens.length === 1
      ? `its timestamp does not hold: ${reason}`
      : `none of its ${tokens.length} timestamps holds; number ${entry}: ${reason}`;
  return { ok: false, code, flaw, reason: words, tokens };
}

/** What comes of a file in which no token was judged. */
export function withoutTokens(why: Omit<UnknownTime, "ok" | "tokens">): UnknownTime {
  return { ok: false, ...why, tokens: [] };
}

/** The latest moment of a vouched time, milliseconds since 1970. */
export function limitOf({ not_after }: Pick<VouchedMoment, "not_after">): number {
  return Date.parse(not_after);
}

/** Whether the vouched time is before the one that the signer claims, RFC 3339. */
export function contradicts(time: Pick<VouchedMoment, "not_after">, claimed: string | undefined): boolean {
  const seconds = claimed === undefined ? undefined : utcSeconds(claimed);
  return seconds !== undefined && limitOf(time) < seconds * 1000;
}

/** What the authority says: `before 2026-11-27T14:00:03Z ±1 s, says freetsa`. */
export function timeWords({
  accuracy_ms,
  authority,
  before,
}: Pick<VouchedMoment, "accuracy_ms" | "authority" | "before">): string {
  return `before ${before} ±${accuracy_ms / 1000} s, says ${quoteIfNeeded(authority)}`;
}

/** Formats milliseconds since 1970, with a fraction only where there is one. */
function formatMoment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.000Z$/, "Z");
}
