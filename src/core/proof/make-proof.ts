/**
 * PROOF.json: how a run left its scratch folders (PROTOCOL 10). The one writer of proofs.
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
import { computeManifestRoot, growMerkleTree, type ManifestEntry } from "./merkle.ts";
import { joinDomains, type ProofDomain, type ProofRefusal, refuseProof } from "./proof-domains.ts";
import { areReferences } from "./proof-schema.ts";
import { compareStates, type FileManifest, type Restoration, restorationObject } from "./restoration.ts";

/** What a proof is made of. */
export interface ProofInput {
  readonly runId: string;
  /** RFC 3339 by the format, though no reader judges it. */
  readonly timestamp: string;
  /** The scratch folders, at least one, in any order. */
  readonly domains: readonly ProofDomain[];
  /** The `proof_hash` of the proof before; absent on the first. */
  readonly previousProofHash?: HexDigest | undefined;
  /** `{ ledger_hash, jobspec_hash, validator_id? }`. */
  readonly referencedArtifacts?: JsonObject | undefined;
  /** Whether both states carry the membership proof of each file. */
  readonly withMembership?: boolean | undefined;
}

/** A proof, and what it says. */
export interface MadeProof {
  /** As PROOF.json has it, `proof_hash` included. */
  readonly proof: JsonObject;
  readonly restoration: Restoration;
}

/**
 * Makes the proof of a run, whatever its folders were left like: the proof says so. Fails with PROOF_REFUSED
 * where the run id is empty, where the references are not what the format has, or as `joinDomains` does.
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
 * A copy of a proof that names another proof, or none, as the one before it, with its hash computed anew.
 * For sealers who learn what came before when all else is done. The proof is one of runseal's own.
 */
export function linkProof(proof: JsonObject, previous: HexDigest | undefined, crypto: Crypto): JsonObject {
  const linked = new Map(proof);
  linked.delete("proof_hash");
  linked.delete("previous_proof_hash");
  if (previous !== undefined) linked.set("previous_proof_hash", previous);
  const hash = computeProofHash(linked, crypto);
  if (!hash.ok) throw new TypeError("a proof of runseal's own holds no numbers");
  return linked.set("proof_hash", hash.value);
}

function stateObject(manifest: FileManifest, withMembership: boolean, crypto: Crypto): JsonObject {
  const entries = Array.from(manifest, ([path, digest]): ManifestEntry => ({ path, digest }));
  const root = computeManifestRoot(entries, crypto);
  if (!root.ok) throw new TypeError("joined domains have lawful entries, each once");
  return jsonObject({
    domain_root_hash: root.value,
    file_manifest: manifest,
    membership_proofs: withMembership ? membershipProofs(entries, crypto) : undefined,
  });
}

/** The proof of each file; left out where there is none. */
function membershipProofs(entries: readonly ManifestEntry[], crypto: Crypto): JsonObject | undefined {
  const tree = growMerkleTree(entries, crypto);
  if (!tree.ok) return undefined;
  return new Map(
    Array.from(proveAllMemberships(tree.value), (proof) => [proof.path, membershipProofObject(proof)]),
  );
}
