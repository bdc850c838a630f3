/**
 * Proofs with a link and a hash, and with the members of the format that runseal does not write.
 *
 * @module
 */

import {
  linkProof,
  type MadeProof,
  makeProof,
  type ProofInput,
} from "../../../src/core/make/proof/make-proof.ts";
import { membershipProofObject, proveMembership } from "../../../src/core/make/proof/membership.ts";
import { buildMerkleTree } from "../../../src/core/make/proof/merkle.ts";
import { type HexDigest, isHexDigest } from "../../../src/core/system/bytes/hex.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../src/core/system/json/json-value.ts";
import { nodeCrypto } from "../../../src/node/system/runtime/node-crypto.ts";

/** Optional members of a proof. */
export interface FurtherMembers {
  readonly previous?: HexDigest | undefined;
  readonly references?: JsonObject | undefined;
  /** Whether both states contain a membership proof of each file. */
  readonly withMembership?: boolean;
}

/** Makes a proof, adds the members and links it. */
export function wholeProof(input: ProofInput, further: FurtherMembers = {}): MadeProof {
  const made = makeProof(input, nodeCrypto);
  const proof = new Map(made.proof);
  if (further.references !== undefined) proof.set("referenced_artifacts", further.references);
  if (further.withMembership === true) {
    for (const state of ["pre_state", "post_state"]) proof.set(state, withMembershipProofs(proof.get(state)));
  }
  return { ...made, proof: linkProof(proof, further.previous, nodeCrypto).proof };
}

function withMembershipProofs(state: JsonValue | undefined): JsonObject {
  const manifest = isJsonObject(state) ? state.get("file_manifest") : undefined;
  if (!isJsonObject(state) || !isJsonObject(manifest)) throw new TypeError("a state has a manifest");
  const entries = Array.from(manifest, ([path, digest]) => {
    if (!isHexDigest(digest)) throw new TypeError("a manifest has digests");
    return { path, digest };
  });
  const tree = buildMerkleTree(entries, nodeCrypto);
  // A state without files has no tree, and the member is absent.
  if (!tree.ok) return state;
  const proofs = entries.map(({ path }): [string, JsonObject] => {
    const proof = proveMembership(tree.value, path);
    if (proof === undefined) throw new TypeError("each file is in the tree");
    return [path, membershipProofObject(proof)];
  });
  return new Map([...state, ["membership_proofs", new Map(proofs)]]);
}
