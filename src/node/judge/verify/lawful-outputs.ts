/**
 * Which outputs of bundles to look for: those of lawful paths, and the digests that their files should have.
 *
 * @module
 */

import { DIGEST_BYTES, type FindingTable } from "../../../core/internal.ts";
import type { BudgetShare } from "../../system/hashing/byte-budget.ts";
import { type ExpectedDigests, spaceForDigests } from "../../system/hashing/hash-board.ts";
import { boundedBytes, type SharedTexts } from "../../system/hashing/shared-texts.ts";
import type { ClaimingBundle } from "../source/bundle-source.ts";

/** Lawful paths, bundle by bundle in the order of the document, and what is expected of each. */
export interface LawfulOutputs {
  readonly paths: SharedTexts;
  readonly expected: ExpectedDigests;
  /** How many of these paths belong to each bundle. */
  readonly shares: readonly BudgetShare[];
}

/** Lays out the lawful outputs of bundles in memory that threads share. Throws TextsTooLong. */
export function lawfulOutputs(bundles: readonly ClaimingBundle[]): LawfulOutputs {
  let rows = 0;
  let length = 0;
  const shares = bundles.map(({ claims, declaredBytes: declared }): BudgetShare => {
    const { pathStarts } = claims.columns;
    let paths = 0;
    for (const [from, to] of claims.lawfulRanges()) {
      paths += to - from;
      length += (pathStarts[to] ?? 0) - (pathStarts[from] ?? 0);
    }
    rows += paths;
    return { paths, declared };
  });
  const bytes = new Uint8Array(new SharedArrayBuffer(boundedBytes(length)));
  const starts = new Uint32Array(new SharedArrayBuffer((rows + 1) * 4));
  const expected = spaceForDigests(rows);
  let next = 0;
  for (const { claims } of bundles) {
    const { digests, pathBytes, pathStarts } = claims.columns;
    for (const [from, to] of claims.lawfulRanges()) {
      const start = pathStarts[from] ?? 0;
      const place = starts[next] ?? 0;
      bytes.set(pathBytes.subarray(start, pathStarts[to]), place);
      expected.set(digests.subarray(from * DIGEST_BYTES, to * DIGEST_BYTES), next * DIGEST_BYTES);
      for (let row = from; row < to; row++) starts[++next] = (pathStarts[row + 1] ?? 0) - start + place;
    }
  }
  return { paths: { bytes, starts }, expected, shares };
}

/** Divides what was found at the paths of `lawfulOutputs` among the bundles. Nothing is found at an unlawful path. */
export function findingsOfEach(
  bundles: readonly ClaimingBundle[],
  { shares }: LawfulOutputs,
  found: FindingTable,
): readonly FindingTable[] {
  let next = 0;
  return bundles.map(({ claims }, index) => {
    const start = next;
    next += shares[index]?.paths ?? 0;
    const own = found.slice(start, next);
    return claims.areAllLawful ? own : own.spread(claims.lawfulRanges(), claims.length);
  });
}
