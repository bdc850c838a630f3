/**
 * The trust file: the trusted signers, one a line, and how many of them are required (PROTOCOL 12).
 *
 *     alice@example.org                       ssh-ed25519 AAAA… comment
 *     build,release  valid-before="20270101"  runseal-ed25519 <64 hex>
 *     mallory        revoked                  runseal-ed25519 <64 hex>
 *     [require 2 of alice@example.org,build,release]
 *     [tsa freetsa sha256:<64 hex> valid-before="20300101"]
 *
 * The syntax is that of OpenSSH's allowed_signers (ssh-keygen(1)). Blank lines and lines that start with `#` are
 * skipped. Options are `valid-after=`, `valid-before=` (YYYYMMDD or YYYYMMDDHHMM[SS], always UTC here), and
 * `namespaces=` (patterns, one of which must match `runseal`). runseal adds `revoked` (for all signatures),
 * `revoked=MOMENT` (from then on) and `bound`. An option must not occur twice. All thresholds must hold. If one line
 * is malformed, nothing in the file is trusted. trust-authority.ts explains `[tsa …]`.
 *
 * Lines end with LF or CR LF. Control characters other than TAB are refused, and so are U+2028 and U+2029.
 * limits.ts has the limits on lines, names, thresholds and patterns.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import {
  MAX_TRUST_AUTHORITIES,
  MAX_TRUST_LINES_OF_KEY,
  MAX_TRUST_NAMES,
  MAX_TRUST_THRESHOLDS,
} from "../../system/bytes/limits.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
import { decodeUtf8 } from "../../system/bytes/utf8.ts";
import { faultWords } from "../../system/codes/fault-words.ts";
import { isAuthority, parseAuthority, type TrustAuthority } from "./trust-authority.ts";
import { parseTrustLine, type TrustLine, type TrustLineReason } from "./trust-line.ts";
import { findLineBreach, splitTrustLines, type TrustTextLine } from "./trust-text.ts";
import {
  admitThreshold,
  indexKeys,
  isThreshold,
  parseThreshold,
  type TrustThreshold,
  type WrittenThreshold,
} from "./trust-threshold.ts";

/** A parsed trust file. */
export interface TrustFile {
  readonly lines: readonly TrustLine[];
  readonly thresholds: readonly TrustThreshold[];
  readonly authorities: readonly TrustAuthority[];
}

/** A file with a malformed line: nothing in it is trusted. */
export interface TrustFileFault extends Fault<"TRUST_FILE_MALFORMED"> {
  readonly line: number;
  readonly reason: TrustLineReason;
  /** What is wrong, and where, on one line. */
  readonly message: string;
}

/**
 * Parses a trust file. Fails with TRUST_FILE_MALFORMED at the first malformed line, then at the first threshold
 * that the file's signers can't meet.
 */
export function parseTrustFile(bytes: Uint8Array, crypto: Crypto): Result<TrustFile, TrustFileFault> {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed(1, "not-utf8");
  const draft: Draft = { lines: [], written: [], authorities: [], names: 0, linesOfKey: new Map() };
  for (const line of splitTrustLines(text)) {
    const reason = findLineBreach(line) ?? readLine(line, draft, crypto);
    if (reason !== undefined) return malformed(line.line, reason);
  }
  const { authorities, lines, written } = draft;
  const keysOfNames = indexKeys(written.length === 0 ? [] : lines);
  const thresholds: TrustThreshold[] = [];
  for (const threshold of written) {
    const admitted = admitThreshold(threshold, keysOfNames);
    if (typeof admitted === "string") return malformed(threshold.line, admitted);
    thresholds.push(admitted);
  }
  return ok({ lines, thresholds, authorities });
}

/** The lines parsed so far. */
interface Draft {
  readonly lines: TrustLine[];
  readonly written: WrittenThreshold[];
  readonly authorities: TrustAuthority[];
  /** Names in all of `lines`. */
  names: number;
  readonly linesOfKey: Map<string, number>;
}

/** Parses a line into the draft. Gives the reason if it can't. */
function readLine(
  { content, line }: TrustTextLine,
  draft: Draft,
  crypto: Crypto,
): TrustLineReason | undefined {
  if (/^\s*(?:#|$)/.test(content)) return undefined;
  if (isAuthority(content)) {
    const authority = parseAuthority(content, line);
    if (typeof authority === "string") return authority;
    return draft.authorities.push(authority) > MAX_TRUST_AUTHORITIES ? "too-many-authorities" : undefined;
  }
  if (isThreshold(content)) {
    const threshold = parseThreshold(content, line);
    if (typeof threshold === "string") return threshold;
    return draft.written.push(threshold) > MAX_TRUST_THRESHOLDS ? "too-many-thresholds" : undefined;
  }
  const parsed = parseTrustLine(content, line, crypto);
  if (typeof parsed === "string") return parsed;
  draft.lines.push(parsed);
  draft.names += parsed.names.length;
  if (draft.names > MAX_TRUST_NAMES) return "too-many-names";
  const count = (draft.linesOfKey.get(parsed.publicKeyHex) ?? 0) + 1;
  draft.linesOfKey.set(parsed.publicKeyHex, count);
  return count > MAX_TRUST_LINES_OF_KEY ? "too-many-lines-of-key" : undefined;
}

function malformed(line: number, reason: TrustLineReason): TrustFileFault {
  const code = "TRUST_FILE_MALFORMED";
  return { ok: false, code, line, reason, message: faultWords(code, [], `line ${line}`, reason) };
}
