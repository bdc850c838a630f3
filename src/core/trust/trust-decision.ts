/**
 * What a policy says of one key at one moment, line by line (PROTOCOL 12). Every decision says why, and
 * which line decided.
 *
 * @module
 */

import type { KeyDigest } from "../artifacts/key-digest.ts";
import { formatUtcSecond } from "../bytes/utc-time.ts";
import type { TrustCode } from "../codes/codes.ts";
import { quoteIfNeeded } from "../paths/quote.ts";
import type { TrustFile } from "./trust-file.ts";
import { type TrustLine, UNRESTRICTED } from "./trust-line.ts";
import { linesOfKey } from "./trust-lines-of-key.ts";
import { allowsRunseal } from "./trust-namespaces.ts";

/** A parsed policy. */
export interface TrustPolicy {
  readonly sources: readonly TrustSource[];
  /**
   * Let `revoked=MOMENT` hold from that moment on only, for what is bound and says it was signed before. A
   * thief writes what time he likes: this is for who knows that the key was not stolen before the moment.
   */
  readonly acceptBeforeRevocation?: boolean;
}

/** Where lines come from, for the reason. Thresholds speak of the signers of their own source. */
export interface TrustSource extends TrustFile {
  /** How to call it, such as a file's name as the caller gave it. */
  readonly label: string;
  /** Keys that it trusts without conditions, named by a digest. A trust file names none in this way. */
  readonly digests?: readonly KeyDigest[];
}

/** Which line decided. */
export interface DecidingLine {
  /** The label of its source. */
  readonly source: string;
  /** 0 for a source without lines, as a key on the command line is. */
  readonly line: number;
}

/** Somebody vouches for the signer. */
export interface Trusted {
  readonly ok: true;
  readonly code: "OK";
  readonly reason: string;
  /** What the deciding line calls the signer: a stranger's text. Absent for a key that was given without a name. */
  readonly name?: string;
  readonly decided_by: DecidingLine;
}

/** Nobody vouches for the signer, or not at that moment. */
export interface Untrusted {
  readonly ok: false;
  readonly code: TrustCode;
  readonly reason: string;
  readonly name?: string;
  /** Absent where no line speaks of the signer. */
  readonly decided_by?: DecidingLine;
}

/** One key and the moment at which it signed. */
export interface KeyQuestion {
  readonly publicKeyHex: string;
  /** The key's names by a digest; without them no digest of a source is met. */
  readonly digests?: readonly KeyDigest[] | undefined;
  /** Whether the bundle is bound (PROTOCOL 11). */
  readonly bound: boolean;
  /** Seconds since 1970. */
  readonly moment: number;
  /** Where the moment comes from, for the reason. */
  readonly said: string;
}

/** What one line says of a key that it lists. */
export interface LineDecision {
  readonly source: TrustSource;
  readonly line: TrustLine;
  readonly decision: Trusted | Untrusted;
}

/** What each line that lists the key says of it. */
export function decideByLines(policy: TrustPolicy, question: KeyQuestion): readonly LineDecision[] {
  const spare = policy.acceptBeforeRevocation === true;
  return policy.sources.flatMap((source) =>
    [...linesOfKey(source.lines, question.publicKeyHex), ...lineOfDigest(source, question)].map((line) => ({
      source,
      line,
      decision: decideByLine(line, source.label, question, spare),
    })),
  );
}

/** A source that names the key by a digest says the same of it as a line without options. */
function lineOfDigest({ digests = [] }: TrustSource, question: KeyQuestion): readonly TrustLine[] {
  const { publicKeyHex } = question;
  const isMet = digests.some((digest) => question.digests?.includes(digest) === true);
  return isMet ? [{ line: 0, names: [], publicKeyHex, ...UNRESTRICTED }] : [];
}

/** Revocation by any line wins over trust by another. */
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

/** How reasons call a line. */
export function whereWords(source: string, line: number): string {
  return line === 0 ? quoteIfNeeded(source) : `${quoteIfNeeded(source)} line ${line}`;
}

function decideByLine(
  line: TrustLine,
  source: string,
  question: KeyQuestion,
  acceptBeforeRevocation: boolean,
): Trusted | Untrusted {
  const [first] = line.names;
  const name = first === undefined ? {} : { name: first };
  const where = whereWords(source, line.line);
  const decided_by = { source, line: line.line };
  const refuse = (code: TrustCode, words: string): Untrusted => ({
    ok: false,
    code,
    reason: `${where} ${words}`,
    ...name,
    decided_by,
  });
  const { moment, said, bound } = question;
  const spared = acceptBeforeRevocation && bound && line.revokedAt !== undefined && moment < line.revokedAt;
  // A thief writes what sealing time he likes: a bundle that says it was sealed before stays refused too.
  if (line.revoked && !spared) {
    const since = line.revokedAt === undefined ? "" : ` from ${formatUtcSecond(line.revokedAt)} on; ${said}`;
    return refuse("SIGNER_REVOKED", `revokes the key${since}`);
  }
  if (line.namespaces !== undefined && !allowsRunseal(line.namespaces)) {
    return refuse("SIGNER_UNKNOWN", "lists the key for other namespaces than runseal");
  }
  if (line.boundOnly && !bound) {
    return refuse(
      "SIGNER_UNKNOWN",
      "trusts the key only for bundles that sign their run id and time, and this one does not",
    );
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
  const windowed = line.validAfter !== undefined || line.validBefore !== undefined || spared;
  const revoked = spared ? `, revoked only from ${formatUtcSecond(line.revokedAt ?? 0)} on` : "";
  const called = first === undefined ? "" : ` as ${quoteIfNeeded(first)}`;
  const reason = `${where} trusts the key${called}${revoked}${windowed ? `; ${said}` : ""}`;
  return { ok: true, code: "OK", reason, ...name, decided_by };
}
