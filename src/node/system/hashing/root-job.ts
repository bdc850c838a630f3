/** The job of a worker that computes the Merkle root of the outputs while the caller signs (PROTOCOL 10). @module */

import { computeRootOfLeaves, type HexDigest } from "../../../core/internal.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** Computes the root above leaves of 32 raw bytes each. Overwrites the leaves. */
export async function run(leaves: Uint8Array<SharedArrayBuffer>): Promise<HexDigest> {
  return computeRootOfLeaves(leaves, nodeCrypto);
}
