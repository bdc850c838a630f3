/**
 * The outputs of a verified bundle, as its claims and what was found of them say.
 *
 * @module
 */

import { ManyClaims } from "../artifacts/many-claims.ts";
import type { OutputClaim, OutputClaims } from "../artifacts/output-claims.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { itemsOf, type Listing } from "../bytes/listing.ts";
import type { OutputPath } from "../paths/output-path.ts";
import { ManyFindings } from "./phases/finding-columns.ts";
import type { OutputFindings } from "./phases/outputs.ts";

/** One output of a verified bundle. */
export interface VerifiedOutput {
  readonly path: OutputPath;
  readonly digest: HexDigest;
  readonly bytes: number;
}

const NO_FILE = "a verified output was found as a file";

/** Lists outputs that were all found to be as claimed, which is the caller's to know: phase 9. */
export function verifiedOutputs(claims: OutputClaims, findings: OutputFindings): Listing<VerifiedOutput> {
  if (claims instanceof ManyClaims && findings instanceof ManyFindings) {
    // A second lock beside phase 9.
    if (findings.digestsOfFiles(0, claims.length) === undefined) throw new TypeError(NO_FILE);
    return new ManyOutputs(claims, findings.copySizes());
  }
  return Array.from(claims, (claim, index) => {
    const finding = findings.at(index);
    return outputOf(claim, finding?.kind === "file" ? finding.bytes : undefined);
  });
}

class ManyOutputs implements Listing<VerifiedOutput> {
  readonly length: number;
  readonly #claims: OutputClaims;
  readonly #sizes: Float64Array;

  constructor(claims: OutputClaims, sizes: Float64Array) {
    this.length = claims.length;
    this.#claims = claims;
    this.#sizes = sizes;
  }

  at(index: number): VerifiedOutput | undefined {
    const claim = this.#claims.at(index);
    return claim && outputOf(claim, this.#sizes[index]);
  }

  [Symbol.iterator](): Generator<VerifiedOutput, undefined> {
    return itemsOf(this.length, (index) => outputOf(this.#claims.at(index), this.#sizes[index]));
  }
}

function outputOf(claim: OutputClaim | undefined, bytes: number | undefined): VerifiedOutput {
  if (claim?.lawful !== true || claim.digest === undefined || bytes === undefined)
    throw new TypeError(NO_FILE);
  // Field by field: V8 gives each object that is spread with a number in it a shape of its own, 240 bytes.
  return { path: claim.path, digest: claim.digest, bytes };
}
