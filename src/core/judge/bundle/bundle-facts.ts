/**
 * What stays of a bundle when its artifacts are let go.
 *
 * @module
 */

import type { Binding } from "../../records/artifacts/binding.ts";
import type { SignerIdentity } from "../../records/artifacts/identity.ts";
import type { OutputClaims } from "../../records/artifacts/output-claims.ts";
import type { SealedTree } from "../../records/tree/output-tree.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { itemAt, type Listing, makeListing } from "../../system/bytes/listing.ts";
import type { JsonObject } from "../../system/json/json-value.ts";
import type { OutputPath } from "../../system/paths/output-path.ts";
import { type CountersignatureFinding, findCountersignatures } from "./countersignature.ts";
import type { FindingTable } from "./phases/findings.ts";
import type { SignedBundle, VerifyContext } from "./phases/judging.ts";
import { type BundleTimestamps, findTimestamps } from "./timestamps.ts";

/** What is known of a bundle that can be restored. */
export interface BundleFacts {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  /** In the order of the document. */
  readonly outputs: Listing<VerifiedOutput>;
  /** Bytes of all outputs together. */
  readonly bytes: number;
  /** Undefined for a plain SPECTRUM bundle (`bound: false`). */
  readonly binding: Binding | undefined;
  readonly taskSpec: JsonObject;
  readonly outputHashes: JsonObject;
  /** Undefined for a bundle without a tree. */
  readonly tree: SealedTree | undefined;
  /** Others who vouch for it, or claim to; no phase looks at them. */
  readonly countersignatures: readonly CountersignatureFinding[];
  /** Tokens over its signature, not judged; undefined without a TIMESTAMPS.json. */
  readonly timestamps: BundleTimestamps | undefined;
}

/** Facts that need no outputs. */
export type KeptFacts = Omit<BundleFacts, "outputs" | "bytes" | "tree">;

/** One output of a verified bundle. */
export interface VerifiedOutput {
  readonly path: OutputPath;
  readonly digest: HexDigest;
  readonly bytes: number;
  /** Its number among the claims of its bundle. */
  readonly row: number;
}

/** The facts of a signed bundle that need no outputs. */
export function keptFacts(
  { bundleRoot, opened, outputHashes, signer, taskSpec }: SignedBundle,
  binding: Binding | undefined,
  { crypto }: VerifyContext,
): KeptFacts {
  const countersignatures = findCountersignatures(opened.countersignatures, bundleRoot, crypto);
  return {
    runId: opened.runId,
    bundleRoot,
    signer,
    binding,
    taskSpec,
    outputHashes: outputHashes.object,
    countersignatures,
    timestamps: findTimestamps(opened),
  };
}

/** The facts of outputs that were found to be as claimed, of all or of these rows. The caller has seen phase 9 pass. */
export function outputFacts(
  claims: OutputClaims,
  findings: FindingTable,
  rows?: Uint32Array,
): Pick<BundleFacts, "outputs" | "bytes"> {
  // A copy, which no caller can change.
  const sizes = findings.columns.sizes.slice(0, claims.length);
  const all = listOutputs(claims, sizes);
  if (rows !== undefined) {
    const outputs = makeListing(rows.length, (index) => itemAt(all, itemAt(rows, index)));
    return { outputs, bytes: rows.reduce((sum, row) => sum + (sizes[row] ?? 0), 0) };
  }
  // A second lock beside phase 9.
  if (findings.digestsOfFiles(0, claims.length) === undefined) throw new TypeError(NO_FILE);
  return { outputs: all, bytes: findings.bytes };
}

const NO_FILE = "a verified output was found as a file";

/** Lists outputs of these sizes, which were all found to be as claimed. */
function listOutputs(claims: OutputClaims, sizes: Float64Array): Listing<VerifiedOutput> {
  return makeListing(claims.length, (index) => {
    const claim = claims.at(index);
    const bytes = sizes[index];
    if (claim?.lawful !== true || claim.digest === undefined || bytes === undefined)
      throw new TypeError(NO_FILE);
    // Field by field: V8 gives each object that is spread with a number in it a shape of its own, 240 bytes.
    return { path: claim.path, digest: claim.digest, bytes, row: index };
  });
}
