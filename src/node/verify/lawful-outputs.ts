/**
 * Which outputs of bundles to look for: those of lawful paths, and the digests that their files should have.
 *
 * @module
 */

import {
  type AwaitedBundle,
  areAllLawful,
  type HexDigest,
  type Listing,
  ManyClaims,
  type ManyFindings,
  type OutputClaims,
  type OutputFindings,
} from "../../core/internal.ts";
import type { BudgetShare } from "../hashing/byte-budget.ts";
import { type ExpectedDigests, layOutDigests, spaceForDigests } from "../hashing/hash-board.ts";

/** What a search for the outputs of a bundle needs to know of it. */
export type ClaimingBundle = Pick<AwaitedBundle, "claims" | "declaredBytes">;

/** Lawful paths, bundle by bundle in the order of the document, and what is expected of each. */
export interface LawfulOutputs {
  readonly paths: Listing<string>;
  readonly expected: ExpectedDigests;
  /** How many of these paths belong to each bundle. */
  readonly shares: readonly BudgetShare[];
}

/** Lists the lawful outputs of bundles. */
export function lawfulOutputs(bundles: readonly ClaimingBundle[]): LawfulOutputs {
  const [only] = bundles;
  if (bundles.length === 1 && only?.claims instanceof ManyClaims && areAllLawful(only.claims)) {
    const { claims, declaredBytes } = only;
    const expected = spaceForDigests(claims.length);
    claims.moveDigests(expected);
    return { paths: claims.paths, expected, shares: [{ paths: claims.length, declared: declaredBytes }] };
  }
  const paths: string[] = [];
  const digests: (HexDigest | undefined)[] = [];
  const shares = bundles.map(({ claims, declaredBytes }) => {
    const before = paths.length;
    for (const claim of claims) {
      if (!claim.lawful) continue;
      paths.push(claim.path);
      digests.push(claim.digest);
    }
    return { paths: paths.length - before, declared: declaredBytes };
  });
  return { paths, expected: layOutDigests(digests), shares };
}

/** Divides what was found at the paths of `lawfulOutputs` among the bundles. Nothing is found at an unlawful path. */
export function findingsOfEach(
  bundles: readonly ClaimingBundle[],
  { shares }: LawfulOutputs,
  found: ManyFindings,
): readonly OutputFindings[] {
  let next = 0;
  return bundles.map(({ claims }, index) => {
    const start = next;
    next += shares[index]?.paths ?? 0;
    // Findings of many claims stay in columns: a restore keeps them until all bundles were searched.
    if (claims instanceof ManyClaims && next - start === claims.length) return found.slice(start, next);
    return findingsOf(claims, found, start);
  });
}

function findingsOf(claims: OutputClaims, found: ManyFindings, start: number): OutputFindings {
  let next = start;
  return Array.from(claims, ({ lawful }) => (lawful ? found.at(next++) : undefined));
}
