/** Phase 9: every output is there and is the file that was sealed (PROTOCOL 8 and 9.1). @module */

import { ManyClaims } from "../../artifacts/many-claims.ts";
import { declareDigest, type LawfulClaim, type OutputClaims } from "../../artifacts/output-claims.ts";
import { type Crypto, matchesDigest } from "../../bytes/crypto.ts";
import type { HexDigest } from "../../bytes/hex.ts";
import type { Listing } from "../../bytes/listing.ts";
import type { ReadingCode } from "../../codes/codes.ts";
import { type Rejection, reject, type Undecided } from "../../codes/verdict.ts";
import { quote } from "../../paths/quote.ts";
import { ManyFindings } from "./finding-columns.ts";

/** What a caller found at the path of one lawful claim. */
export type OutputFinding =
  | { readonly kind: "file"; readonly digest: HexDigest; readonly bytes: number }
  /** No regular file there, or not without leaving the root. */
  | { readonly kind: "missing" }
  /**
   * Not read, because the outputs are larger than the binding declares (PROTOCOL 8, phase 9). `foundBytes` counts the
   * bytes of all regular files up to and including this one, in the order of the document.
   */
  | { readonly kind: "oversized"; readonly foundBytes: number }
  /** It is there, but its bytes could not be had as they stood: no verdict. */
  | { readonly kind: "unreadable"; readonly code: ReadingCode };

/** Findings by the claims' index in the document; nothing for a claim that is not lawful. */
export type OutputFindings = Listing<OutputFinding | undefined>;

/** Outputs that are held against their claims at once, where both stand in columns. */
const PIECE = 1024;

/**
 * The failures of all outputs in the order of the document, as they are asked for: the first one decides
 * the code, a caller may go on for the full list. Codes OUTPUT_MISSING, HASH_MISMATCH, or a reading code
 * where there is no verdict. `declared` is the total in bytes that the binding declares, for the details of a failure.
 */
export function* outputFailures(
  claims: OutputClaims,
  findings: OutputFindings,
  crypto: Crypto,
  declared?: number,
): Generator<Rejection | Undecided, void, undefined> {
  for (let index = 0; index < claims.length; index++) {
    if (index % PIECE === 0) {
      index = afterPieceAsClaimed(claims, findings, index, crypto);
      if (index >= claims.length) return;
    }
    const claim = claims.at(index);
    if (claim === undefined) throw new TypeError("there are fewer claims than they say");
    const failure = claim.lawful
      ? checkOutput(claim, findings.at(index), crypto, declared)
      : refusePath(claim.path);
    if (failure !== undefined) yield failure;
  }
}

/** Passes over pieces that are as claimed: where the next begins that is not, or can't be looked at so. */
function afterPieceAsClaimed(
  claims: OutputClaims,
  findings: OutputFindings,
  start: number,
  crypto: Crypto,
): number {
  if (!(claims instanceof ManyClaims && findings instanceof ManyFindings)) return start;
  for (let index = start; index < claims.length; index += PIECE) {
    const end = Math.min(index + PIECE, claims.length);
    const digests = findings.digestsOfFiles(index, end);
    if (digests === undefined || !claims.declare(index, end, digests, crypto)) return index;
  }
  return claims.length;
}

/** Bytes of all files that were found. */
export function bytesOf(findings: OutputFindings): number {
  if (findings instanceof ManyFindings) return findings.bytes;
  let bytes = 0;
  for (const finding of findings) if (finding?.kind === "file") bytes += finding.bytes;
  return bytes;
}

function checkOutput(
  claim: LawfulClaim,
  finding: OutputFinding | undefined,
  crypto: Crypto,
  declared: number | undefined,
): Rejection | Undecided | undefined {
  const { path } = claim;
  // A finding that the caller left out is as good as a missing file: fail closed.
  if (finding === undefined || finding.kind === "missing")
    return reject("outputs", "OUTPUT_MISSING", { path });
  if (finding.kind === "unreadable") return undecided(finding.code, path);
  const expected = claim.digest === undefined ? null : declareDigest(claim.digest);
  if (finding.kind === "oversized") {
    const sizes = { found_bytes: finding.foundBytes, declared_bytes: declared };
    return reject("outputs", "HASH_MISMATCH", { path, expected, ...sizes }, "larger-than-declared");
  }
  if (claim.digest !== undefined && matchesDigest(claim.digest, finding.digest, crypto)) return undefined;
  return reject("outputs", "HASH_MISMATCH", { path, expected, actual: declareDigest(finding.digest) });
}

function refusePath(path: string): Rejection {
  return reject("outputs", "OUTPUT_MISSING", { path }, "path-law");
}

function undecided(code: ReadingCode, path: string): Undecided {
  const message =
    code === "CHANGED_WHILE_READ"
      ? `the output ${quote(path)} changed while it was read`
      : `the output ${quote(path)} is there, but could not be read`;
  return { ok: false, code, phase: "outputs", message, details: { path } };
}
