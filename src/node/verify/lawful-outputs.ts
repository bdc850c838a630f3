/**
 * What is to be looked at of a bundle's claims: those of lawful paths, and the digests that their files should have.
 *
 * @module
 */

import { areAllLawful, type Listing, ManyClaims, type OutputClaims } from "../../core/internal.ts";
import type { BudgetShare } from "../hashing/byte-budget.ts";
import { type ExpectedDigests, layOutDigests, spaceForDigests } from "../hashing/hash-board.ts";

/** Lawful paths in the order of the document, and what is expected of each. */
export interface LawfulOutputs {
  readonly paths: Listing<string>;
  readonly expected: ExpectedDigests;
  /** Which of these paths belong to which bundle. */
  readonly shares: readonly BudgetShare[];
}

/** Lists what is to be looked at. `shares` say which claims belong to which bundle. */
export function lawfulOutputs(claims: OutputClaims, shares: readonly BudgetShare[]): LawfulOutputs {
  if (claims instanceof ManyClaims && areAllLawful(claims)) {
    const expected = spaceForDigests(claims.length);
    claims.moveDigests(expected);
    return { paths: claims.paths, expected, shares };
  }
  const all = [...claims];
  const lawful = all.filter((claim) => claim.lawful);
  let start = 0;
  const lawfulShares = shares.map(({ declared, paths }) => {
    const own = all.slice(start, start + paths);
    start += paths;
    return { declared, paths: own.filter((claim) => claim.lawful).length };
  });
  return {
    paths: lawful.map(({ path }) => path),
    expected: layOutDigests(lawful.map(({ digest }) => digest)),
    shares: lawfulShares,
  };
}
