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
 * @module
 */

import type { Crypto } from "./crypto.ts";
import { ok, type Result } from "./result.ts";
import { parseTrustLine, type TrustLine, type TrustLineReason } from "./trust-line.ts";
import {
  admitThreshold,
  isThreshold,
  parseThreshold,
  type TrustThreshold,
  type WrittenThreshold,
} from "./trust-threshold.ts";
import { decodeUtf8 } from "./utf8.ts";

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
  const lines: TrustLine[] = [];
  const written: WrittenThreshold[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(content)) continue;
    const line = index + 1;
    const parsed = isThreshold(content)
      ? parseThreshold(content, line)
      : parseTrustLine(content, line, crypto);
    if (typeof parsed === "string") return malformed(line, parsed);
    if ("need" in parsed) written.push(parsed);
    else lines.push(parsed);
  }
  const thresholds: TrustThreshold[] = [];
  for (const threshold of written) {
    const admitted = admitThreshold(threshold, lines);
    if (typeof admitted === "string") return malformed(threshold.line, admitted);
    thresholds.push(admitted);
  }
  return ok({ lines, thresholds });
}

function malformed(line: number, reason: TrustLineReason): TrustFileFault {
  return { ok: false, code: "TRUST_FILE_MALFORMED", line, reason };
}
