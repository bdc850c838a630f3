/**
 * The outputs of a verified bundle.
 *
 * @module
 */

import type { OutputClaims } from "../artifacts/output-claims.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { type Listing, makeListing } from "../bytes/listing.ts";
import type { OutputPath } from "../paths/output-path.ts";
import type { FindingTable } from "./phases/findings.ts";

/** One output of a verified bundle. */
export interface VerifiedOutput {
  readonly path: OutputPath;
  readonly digest: HexDigest;
  readonly bytes: number;
  /** Its number among the claims of its bundle. */
  readonly row: number;
}

const NO_FILE = "a verified output was found as a file";

/** Lists outputs that were all found to be as claimed. The caller has seen phase 9 pass. */
export function verifiedOutputs(claims: OutputClaims, findings: FindingTable): Listing<VerifiedOutput> {
  return listOutputs(claims, sizesOf(findings, claims.length));
}

/** The sizes of outputs that were all found to be as claimed: a copy, which no caller can change. */
export function sizesOf(findings: FindingTable, files: number): Float64Array {
  // A second lock beside phase 9.
  if (findings.digestsOfFiles(0, files) === undefined) throw new TypeError(NO_FILE);
  return findings.columns.sizes.slice(0, files);
}

/** Lists outputs of these sizes, which were all found to be as claimed. */
export function listOutputs(claims: OutputClaims, sizes: Float64Array): Listing<VerifiedOutput> {
  return makeListing(claims.length, (index) => {
    const claim = claims.at(index);
    const bytes = sizes[index];
    if (claim?.lawful !== true || claim.digest === undefined || bytes === undefined)
      throw new TypeError(NO_FILE);
    // Field by field: V8 gives each object that is spread with a number in it a shape of its own, 240 bytes.
    return { path: claim.path, digest: claim.digest, bytes, row: index };
  });
}
