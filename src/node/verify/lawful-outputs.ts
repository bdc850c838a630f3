/**
 * What is to be looked at of a bundle's claims: those of lawful paths, and the digests that their files should have.
 *
 * @module
 */

import { areAllLawful, type Listing, ManyClaims, type OutputClaims } from "../../core/index.ts";
import { type ExpectedDigests, layOutDigests, spaceForDigests } from "../files/hash-board.ts";

/** Lawful paths in the order of the document, and what is expected of each. */
export interface LawfulOutputs {
  readonly paths: Listing<string>;
  readonly expected: ExpectedDigests;
}

/** Lists what is to be looked at. */
export function lawfulOutputs(claims: OutputClaims): LawfulOutputs {
  if (claims instanceof ManyClaims && areAllLawful(claims)) {
    const expected = spaceForDigests(claims.length);
    claims.moveDigests(expected);
    return { paths: claims.paths, expected };
  }
  const lawful = [...claims].filter((claim) => claim.lawful);
  return {
    paths: lawful.map(({ path }) => path),
    expected: layOutDigests(lawful.map(({ digest }) => digest)),
  };
}
