/** Phase 9: every output is there and is the file that was sealed (PROTOCOL 8 and 9.1). @module */

import { declaredBytes } from "../../../records/artifacts/binding.ts";
import type { LawfulClaim, OutputClaims } from "../../../records/artifacts/output-claims.ts";
import { declareDigest } from "../../../records/artifacts/output-table.ts";
import { type Crypto, matchesDigest } from "../../../system/bytes/crypto.ts";
import type { ReadingCode } from "../../../system/codes/codes.ts";
import { type OutputFailure, type Rejection, reject, type Undecided } from "../../../system/codes/verdict.ts";
import { quote } from "../../../system/paths/quote.ts";
import { FindingTable, type OutputFinding, type OutputFindings } from "./findings.ts";
import { type Judging, known, type Request } from "./judging.ts";

/** Outputs whose digests are compared at once. */
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
  rows?: Iterable<number>,
): Generator<OutputFailure, void, undefined> {
  const table = FindingTable.of(findings);
  for (const row of rows ?? []) {
    const failure = checkRow(claims, row, table, crypto, declared);
    if (failure !== undefined) yield failure;
  }
  if (rows !== undefined) return;
  for (let start = 0; start < claims.length; start += PIECE) {
    const end = Math.min(start + PIECE, claims.length);
    if (areAsClaimed(claims, table, start, end, crypto)) continue;
    for (let row = start; row < end; row++) {
      const failure = checkRow(claims, row, table, crypto, declared);
      if (failure !== undefined) yield failure;
    }
  }
}

/** The phase: asks for the findings, then compares them with the claims. */
export function outputs(bundle: Judging): Rejection | Undecided | Request | undefined {
  return bundle.findings === undefined
    ? "outputs"
    : (failuresOf(bundle, bundle.findings).next().value ?? undefined);
}

/** The phase in the order of a restore: passes over paths that break the law, which its step 5 names (PROTOCOL 13.3). */
export function lawfulOutputs(bundle: Judging): Rejection | Undecided | Request | undefined {
  if (bundle.findings === undefined) return "outputs";
  const unlawful = new Set<string | undefined>();
  for (const { lawful, path } of known(bundle.claims).areAllLawful ? [] : known(bundle.claims)) {
    if (!lawful) unlawful.add(path);
  }
  for (const failure of failuresOf(bundle, bundle.findings)) {
    if (!unlawful.has(failure.details.path)) return failure;
  }
  return undefined;
}

function failuresOf(
  { claims, context: { crypto }, rows, status }: Judging,
  findings: FindingTable,
): ReturnType<typeof outputFailures> {
  return outputFailures(known(claims), findings, crypto, declaredBytes(known(status)), rows);
}

function areAsClaimed(
  claims: OutputClaims,
  findings: FindingTable,
  start: number,
  end: number,
  crypto: Crypto,
): boolean {
  const digests = findings.digestsOfFiles(start, end);
  return digests !== undefined && claims.declare(start, end, digests, crypto);
}

function checkRow(
  claims: OutputClaims,
  row: number,
  findings: FindingTable,
  crypto: Crypto,
  declared: number | undefined,
): OutputFailure | undefined {
  const claim = claims.at(row);
  if (claim === undefined) throw new TypeError("there are fewer claims than rows");
  if (!claim.lawful) return refusePath(claim.path);
  return checkOutput(claim, findings.at(row), crypto, declared);
}

function checkOutput(
  claim: LawfulClaim,
  finding: OutputFinding | undefined,
  crypto: Crypto,
  declared: number | undefined,
): OutputFailure | undefined {
  const { path } = claim;
  // A finding that the caller left out is as good as a missing file: fail closed.
  if (finding === undefined || finding.kind === "missing")
    return reject("outputs", "OUTPUT_MISSING", { path });
  if (finding.kind === "unreadable") return undecided(finding.code, path);
  const expected = claim.digest === undefined ? null : declareDigest(claim.digest);
  if (finding.kind === "oversized") {
    const sizes = declared === undefined ? {} : { found_bytes: finding.foundBytes, declared_bytes: declared };
    return reject("outputs", "HASH_MISMATCH", { path, expected, ...sizes });
  }
  if (claim.digest !== undefined && matchesDigest(claim.digest, finding.digest, crypto)) return undefined;
  return reject("outputs", "HASH_MISMATCH", { path, expected, actual: declareDigest(finding.digest) });
}

function refusePath(path: string): OutputFailure {
  return reject("outputs", "OUTPUT_MISSING", { path }, "path-law");
}

function undecided(code: ReadingCode, path: string): Undecided {
  const message =
    code === "CHANGED_WHILE_READ"
      ? `the output ${quote(path)} changed while it was read`
      : `the output ${quote(path)} is there, but could not be read`;
  return { ok: false, code, phase: "outputs", message, details: { path } };
}
