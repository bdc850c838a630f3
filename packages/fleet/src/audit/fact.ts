/**
 * What was found of a range, as bytes: for each row its kind in one byte, and then the sizes, six bytes each, the lowest first. A file is
 * there with the digest that is claimed of it, or it is not there: a repository finds outputs by their digests. So digests need not be
 * sent, and equal findings are equal bytes.
 *
 * @module
 */

import {
  FINDING_KINDS,
  FindingTable,
  makeFindings,
  type OutputClaims,
  type OutputFindings,
} from "runseal/core";
import type { FoundRange, RowRange } from "../database/functions.ts";

const DIGEST_BYTES = 32;
const SIZE_BYTES = 6;
const ROW_BYTES: number = 1 + SIZE_BYTES;

/** Encodes the findings of a range. */
export function encodeFindings(
  claims: OutputClaims,
  findings: OutputFindings,
  { end, first }: RowRange,
): Uint8Array {
  const { columns } = FindingTable.of(findings);
  const rows = end - first;
  const bytes = Buffer.alloc(rows * ROW_BYTES);
  for (let row = first; row < end; row++) {
    const kind = columns.kinds[row] ?? FINDING_KINDS.none;
    if (kind === FINDING_KINDS.file && !isClaimed(claims, columns.digests, row))
      throw new TypeError("a repository finds a file by the digest that is claimed of it");
    bytes[row - first] = kind;
    bytes.writeUIntLE(columns.sizes[row] ?? 0, rows + (row - first) * SIZE_BYTES, SIZE_BYTES);
  }
  return bytes;
}

/** Puts the findings of all ranges together; undefined unless they are of all rows, each once, and well-formed. */
export function joinFindings(claims: OutputClaims, facts: readonly FoundRange[]): OutputFindings | undefined {
  const { digests, kinds, sizes } = makeFindings(claims.length);
  let next = 0;
  for (const { end, findings, first } of facts) {
    const rows = end - first;
    if (first !== next || end > claims.length || findings.length !== rows * ROW_BYTES) return undefined;
    const bytes = Buffer.from(findings.buffer, findings.byteOffset, findings.length);
    for (let row = first; row < end; row++) {
      const kind = bytes[row - first] ?? 0;
      if (kind > FINDING_KINDS.oversized) return undefined;
      kinds[row] = kind;
      sizes[row] = bytes.readUIntLE(rows + (row - first) * SIZE_BYTES, SIZE_BYTES);
    }
    const [from, to] = [first * DIGEST_BYTES, end * DIGEST_BYTES];
    digests.set(claims.columns.digests.subarray(from, to), from);
    next = end;
  }
  return next === claims.length ? new FindingTable({ digests, kinds, sizes }) : undefined;
}

function isClaimed({ columns }: OutputClaims, digests: Uint8Array, row: number): boolean {
  const [from, to] = [row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES];
  return Buffer.compare(columns.digests.subarray(from, to), digests.subarray(from, to)) === 0;
}
