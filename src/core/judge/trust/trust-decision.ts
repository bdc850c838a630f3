/**
 * Decides about one key at one moment by the lines of a policy (PROTOCOL 12). Every decision has a reason and
 * names the deciding line.
 *
 * @module
 */

import type { KeyDigest } from "../../records/artifacts/key-digest.ts";
import { groupBy } from "../../system/bytes/group-by.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import type { Fault } from "../../system/bytes/result.ts";
import { formatUtcSecond } from "../../system/bytes/utc-time.ts";
import type { TrustCode } from "../../system/codes/codes.ts";
import { quoteIfNeeded } from "../../system/paths/quote.ts";
import type { TrustAuthority } from "./trust-authority.ts";
import type { TrustFile } from "./trust-file.ts";
import { type TrustLine, UNRESTRICTED } from "./trust-line.ts";
import { allowsNamespace, allowsRunseal, RUNSEAL_NAMESPACE } from "./trust-namespaces.ts";

/** A parsed policy. */
export interface TrustPolicy {
  readonly sources: readonly TrustSource[];
  /** Refuse a bundle without a token that holds: TIMESTAMP_REQUIRED. */
  readonly requireTimestamp?: boolean;
}

/** A source of lines. A threshold counts only signers of its own source. */
export interface TrustSource extends Pick<TrustFile, "lines" | "thresholds"> {
  /** Authorities that it trusts to say the time. Those of all sources count for all of them. */
  readonly authorities?: readonly TrustAuthority[];
  /** Its name in reasons, such as a file's name as the caller gave it. */
  readonly label: string;
  /** Digests of keys that it trusts without conditions. A trust file has none of these. */
  readonly digests?: readonly KeyDigest[];
  /** SHA-256 of a trust file as it was read. */
  readonly sha256?: HexDigest;
}

/** The line that decided. */
export interface DecidingLine {
  /** The label of its source. */
  readonly source: string;
  /** 0 for a source without lines, such as a key on the command line. */
  readonly line: number;
}

/** The policy trusts the signer. */
export interface Trusted {
  readonly ok: true;
  readonly code: "OK";
  readonly reason: string;
  /** The signer's name in the deciding line, untrusted text. Absent for a key without a name. */
  readonly name?: string;
  readonly decided_by: DecidingLine;
}

/** The policy does not trust the signer, or not at that moment. */
export interface Untrusted extends Fault<TrustCode> {
  readonly reason: string;
  readonly name?: string;
  /** Absent if no line lists the signer. */
  readonly decided_by?: DecidingLine;
}

/** One key and the moment at which it signed. */
export interface KeyQuestion {
  readonly publicKeyHex: string;
  /** The key's digests in all forms. Without them, the digests of a source match no key. */
  readonly digests?: readonly KeyDigest[] | undefined;
  /** Whether the bundle is bound (PROTOCOL 11). */
  readonly bound: boolean;
  /** Seconds since 1970. */
  readonly moment: number;
  /** The origin of the moment, for the reason. */
  readonly said: string;
  /** Namespaces of which a line with that option must allow one; default: `runseal`. */
  readonly namespaces?: readonly string[] | undefined;
  /** The time before which an authority vouches that it signed. It decides in place of the moment (PROTOCOL 17). */
  readonly vouched?: VouchedTime | undefined;
}

/** A moment that is not the signer's word. */
export interface VouchedTime {
  /** Milliseconds since 1970: the signature is not younger. */
  readonly notAfter: number;
  /** Its origin, for the reason. */
  readonly said: string;
}

/** The decision of one line that lists a key. */
export interface LineDecision {
  readonly source: TrustSource;
  readonly line: TrustLine;
  readonly decision: Trusted | Untrusted;
}

/** The decision of each line that lists the key. */
export function decideByLines(policy: TrustPolicy, question: KeyQuestion): readonly LineDecision[] {
  return policy.sources.flatMap((source) =>
    [...linesOfKey(source.lines, question.publicKeyHex), ...lineOfDigest(source, question)].map((line) => ({
      source,
      line,
      decision: decideByLine(line, source.label, question),
    })),
  );
}

const indexes = new WeakMap<readonly TrustLine[], ReadonlyMap<string, readonly TrustLine[]>>();

/**
 * The lines that list a key, in their order. A policy decides about thousands of countersignatures, and a trust file
 * may have a hundred thousand lines. So each list of lines, which must not change, has an index.
 */
function linesOfKey(lines: readonly TrustLine[], publicKeyHex: string): readonly TrustLine[] {
  const index = indexes.get(lines) ?? groupBy(lines, (line) => line.publicKeyHex);
  indexes.set(lines, index);
  return index.get(publicKeyHex) ?? [];
}

/** A digest of the key in a source counts as a line without options. */
function lineOfDigest({ digests = [] }: TrustSource, question: KeyQuestion): readonly TrustLine[] {
  const { publicKeyHex } = question;
  const isListed = digests.some((digest) => question.digests?.includes(digest) === true);
  return isListed ? [{ line: 0, names: [], publicKeyHex, ...UNRESTRICTED }] : [];
}

/** Combines the decisions of all lines. Revocation by any line overrides trust by another. */
export function concludeLines(found: readonly LineDecision[]): Trusted | Untrusted {
  const decisions = found.map(({ decision }) => decision);
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

/** The name of a line in reasons. */
export function describeLine(source: string, line: number): string {
  return line === 0 ? quoteIfNeeded(source) : `${quoteIfNeeded(source)} line ${line}`;
}

function isForNamespace(patterns: readonly string[], { namespaces }: KeyQuestion): boolean {
  return namespaces === undefined ? allowsRunseal(patterns) : allowsNamespace(patterns, namespaces);
}

function decideByLine(line: TrustLine, source: string, question: KeyQuestion): Trusted | Untrusted {
  const [first] = line.names;
  const name = first === undefined ? {} : { name: first };
  const where = describeLine(source, line.line);
  const decided_by = { source, line: line.line };
  const refuse = (code: TrustCode, words: string): Untrusted => ({
    ok: false,
    code,
    reason: `${where} ${words}`,
    ...name,
    decided_by,
  });
  const { moment, bound, vouched } = question;
  const said = vouched === undefined ? question.said : `${vouched.said}; ${question.said}`;
  // A thief of the key can write any sealing time. So only the time of an authority spares a bundle.
  const isBeforeRevocation =
    line.revokedAt !== undefined && vouched !== undefined && isBefore(vouched, line.revokedAt);
  if (line.revoked && !isBeforeRevocation) {
    const since = line.revokedAt === undefined ? "" : ` from ${formatUtcSecond(line.revokedAt)} on; ${said}`;
    return refuse("SIGNER_REVOKED", `revokes the key${since}`);
  }
  if (line.namespaces !== undefined && !isForNamespace(line.namespaces, question)) {
    const [wanted = RUNSEAL_NAMESPACE] = question.namespaces ?? [];
    return refuse("SIGNER_UNKNOWN", `lists the key for other namespaces than ${quoteIfNeeded(wanted)}`);
  }
  if (line.boundOnly && !bound) {
    return refuse(
      "SIGNER_UNKNOWN",
      "trusts the key only for bundles that sign their run id and time, and this one does not",
    );
  }
  const isYoung =
    line.validAfter !== undefined &&
    (moment < line.validAfter || (vouched !== undefined && isBefore(vouched, line.validAfter)));
  if (isYoung) {
    return refuse(
      "SIGNER_NOT_YET_VALID",
      `trusts the key from ${formatUtcSecond(line.validAfter ?? 0)} on; ${said}`,
    );
  }
  const isOld =
    line.validBefore !== undefined &&
    (vouched === undefined ? moment >= line.validBefore : !isBefore(vouched, line.validBefore));
  if (isOld) {
    return refuse(
      "SIGNER_EXPIRED",
      `trusts the key until ${formatUtcSecond(line.validBefore ?? 0)}; ${said}`,
    );
  }
  const windowed = line.validAfter !== undefined || line.validBefore !== undefined || isBeforeRevocation;
  const revoked = isBeforeRevocation ? `, revoked only from ${formatUtcSecond(line.revokedAt ?? 0)} on` : "";
  const called = first === undefined ? "" : ` as ${quoteIfNeeded(first)}`;
  const reason = `${where} trusts the key${called}${revoked}${windowed ? `; ${said}` : ""}`;
  return { ok: true, code: "OK", reason, ...name, decided_by };
}

function isBefore({ notAfter }: VouchedTime, seconds: number): boolean {
  return notAfter < seconds * 1000;
}
