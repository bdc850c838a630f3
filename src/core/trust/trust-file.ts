/**
 * The trust file: whom to believe, one signer a line, and how many of them it takes (PROTOCOL 12).
 *
 *     alice@example.org                       ssh-ed25519 AAAA… comment
 *     build,release  valid-before="20270101"  runseal-ed25519 <64 hex>
 *     mallory        revoked                  runseal-ed25519 <64 hex>
 *     [require 2 of alice@example.org,build,release]
 *
 * The manner is that of OpenSSH's allowed_signers (ssh-keygen(1)): blank lines and lines that begin with
 * `#` are passed over; options are `valid-after=`, `valid-before=` (YYYYMMDD or YYYYMMDDHHMM[SS], always
 * UTC here), `namespaces=` (patterns, one of which must match `runseal`), and runseal's own `revoked`
 * (whenever it signed), `revoked=MOMENT` (from then on) and `bound`. No option comes twice. All thresholds
 * must hold. One bad line and nothing in the file is trusted.
 *
 * Lines end with LF or CR LF. Other control characters but TAB are refused, and so are U+2028 and U+2029.
 * limits.ts has the bounds on lines, names, thresholds and patterns.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { MAX_TRUST_LINES_OF_KEY, MAX_TRUST_NAMES, MAX_TRUST_THRESHOLDS } from "../bytes/limits.ts";
import { ok, type Result } from "../bytes/result.ts";
import { decodeUtf8 } from "../bytes/utf8.ts";
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

/** A trust file in which every line is understood. */
export interface TrustFile {
  readonly lines: readonly TrustLine[];
  readonly thresholds: readonly TrustThreshold[];
}

/** A file with a bad line: none of it is trusted. */
export interface TrustFileFault {
  readonly ok: false;
  readonly code: "TRUST_FILE_MALFORMED";
  readonly line: number;
  readonly reason: TrustLineReason;
}

/**
 * Parses a trust file. Fails with TRUST_FILE_MALFORMED at the first line that is not understood, else at
 * the first threshold that its signers can't meet.
 */
export function parseTrustFile(bytes: Uint8Array, crypto: Crypto): Result<TrustFile, TrustFileFault> {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed(1, "not-utf8");
  const draft: Draft = { lines: [], written: [], names: 0, linesOfKey: new Map() };
  for (const line of splitTrustLines(text)) {
    const reason = findLineBreach(line) ?? readLine(line, draft, crypto);
    if (reason !== undefined) return malformed(line.line, reason);
  }
  const { lines, written } = draft;
  const keysOfNames = indexKeys(written.length === 0 ? [] : lines);
  const thresholds: TrustThreshold[] = [];
  for (const threshold of written) {
    const admitted = admitThreshold(threshold, keysOfNames);
    if (typeof admitted === "string") return malformed(threshold.line, admitted);
    thresholds.push(admitted);
  }
  return ok({ lines, thresholds });
}

/** What was read so far. */
interface Draft {
  readonly lines: TrustLine[];
  readonly written: WrittenThreshold[];
  /** Names in all of `lines`. */
  names: number;
  readonly linesOfKey: Map<string, number>;
}

/** Adds what a line says to the draft, or gives the reason why it can't be added. */
function readLine(
  { content, line }: TrustTextLine,
  draft: Draft,
  crypto: Crypto,
): TrustLineReason | undefined {
  if (/^\s*(?:#|$)/.test(content)) return undefined;
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
  return { ok: false, code: "TRUST_FILE_MALFORMED", line, reason };
}
