/**
 * Makes PROOF.json, which says how a run left its scratch folders (PROTOCOL 10).
 *
 * @module
 */

import { computeProofHash } from "../artifacts/proof-hash.ts";
import type { Crypto } from "../bytes/crypto.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { ok, type Result } from "../bytes/result.ts";
import { compareUtf8 } from "../bytes/utf8.ts";
import { type JsonObject, jsonObject } from "../json/json-value.ts";
import { membershipProofObject, proveAllMemberships } from "./membership.ts";
import { buildMerkleTree, computeManifestRoot, type ManifestEntry } from "./merkle.ts";
import { joinDomains, type ProofDomain, type ProofRefusal, refuseProof } from "./proof-domains.ts";
import { areReferences } from "./proof-schema.ts";
import { compareStates, type FileManifest, type Restoration, restorationObject } from "./restoration.ts";

/** The contents of a proof. */
export interface ProofInput {
  readonly runId: string;
  /** RFC 3339 by the format. Readers do not check it. */
  readonly timestamp: string;
  /** The scratch folders, at least one, in any order. */
  readonly domains: readonly ProofDomain[];
  /** The `proof_hash` of the previous proof; absent in the first. */
  readonly previousProofHash?: HexDigest | undefined;
  /** `{ ledger_hash, jobspec_hash, validator_id? }`. */
  readonly referencedArtifacts?: JsonObject | undefined;
  /** Whether both states contain a membership proof of each file. */
  readonly withMembership?: boolean | undefined;
}

/** A proof and its result. */
export interface MadeProof {
  /** The contents of PROOF.json, `proof_hash` included. */
  readonly proof: JsonObject;
  readonly restoration: Restoration;
}

/**
 * Makes the proof of a run, also if the run changed its scratch folders: the proof then says so. Fails with
 * PROOF_REFUSED if the run id is empty, if the references are not of the format, or as `joinDomains` does.
 */
export function makeProof(input: ProofInput, crypto: Crypto): Result<MadeProof, ProofRefusal> {
  if (input.runId === "") return refuseProof("run-id-empty");
  const references = input.referencedArtifacts;
  if (references !== undefined && !areReferences(references)) return refuseProof("references-malformed");
  const states = joinDomains(input.domains);
  if (!states.ok) return states;
  const { before, after } = states.value;
  const restoration = compareStates(states.value, crypto);
  const unlinked = jsonObject({
    proof_version: "1.0.0",
    run_id: input.runId,
    timestamp: input.timestamp,
    catalytic_domains: input.domains.map(({ folder }) => folder).sort(compareUtf8),
    pre_state: stateObject(before, input.withMembership === true, crypto),
    post_state: stateObject(after, input.withMembership === true, crypto),
    restoration_result: restorationObject(restoration),
    referenced_artifacts: references,
  });
  return ok({ proof: linkProof(unlinked, input.previousProofHash, crypto), restoration });
}

/**
 * Copies a proof, replaces its link to the previous proof, and computes its hash again. A seal learns the
 * previous proof only when the rest is done. The proof must be one that runseal made.
 */
export function linkProof(proof: JsonObject, previous: HexDigest | undefined, crypto: Crypto): JsonObject {
  const linked = new Map(proof);
  linked.delete("proof_hash");
  linked.delete("previous_proof_hash");
  if (previous !== undefined) linked.set("previous_proof_hash", previous);
  const hash = computeProofHash(linked, crypto);
  if (!hash.ok) throw new TypeError("a proof made by runseal contains no numbers");
  return linked.set("proof_hash", hash.value);
}

function stateObject(manifest: FileManifest, withMembership: boolean, crypto: Crypto): JsonObject {
  const entries = Array.from(manifest, ([path, digest]): ManifestEntry => ({ path, digest }));
  const root = computeManifestRoot(entries, crypto);
  if (!root.ok) throw new TypeError("joined domains have only lawful entries, each once");
  return jsonObject({
    domain_root_hash: root.value,
    file_manifest: manifest,
    membership_proofs: withMembership ? membershipProofs(entries, crypto) : undefined,
  });
}

/** The proof of each file; `undefined`, which omits the member, without files. */
function membershipProofs(entries: readonly ManifestEntry[], crypto: Crypto): JsonObject | undefined {
  const tree = buildMerkleTree(entries, crypto);
  if (!tree.ok) return undefined;
  return new Map(
    Array.from(proveAllMemberships(tree.value), (proof) => [proof.path, membershipProofObject(proof)]),
  );
}
