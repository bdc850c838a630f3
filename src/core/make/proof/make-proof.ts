/**
 * Makes PROOF.json, which says how a run left its scratch folders (PROTOCOL 10).
 *
 * @module
 */

import { computeProofHash } from "../../records/artifacts/proof-hash.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { compareUtf8 } from "../../system/bytes/utf8.ts";
import { type JsonObject, jsonObject } from "../../system/json/json-value.ts";
import { computeManifestRoot } from "./merkle.ts";
import { joinDomains, type ProofDomain } from "./proof-domains.ts";
import { compareStates, type FileManifest, type Restoration, restorationObject } from "./restoration.ts";

/** The contents of a proof. */
export interface ProofInput {
  readonly runId: string;
  /** RFC 3339 by the format. Readers do not check it. */
  readonly timestamp: string;
  /** The scratch folders, at least one, in any order. */
  readonly domains: readonly ProofDomain[];
}

/** A proof and its result. */
export interface MadeProof {
  /** The contents of PROOF.json except for its link and its hash, which `linkProof` adds. */
  readonly proof: JsonObject;
  readonly restoration: Restoration;
}

/** The contents of PROOF.json and its hash. */
export interface LinkedProof {
  readonly proof: JsonObject;
  readonly proofHash: HexDigest;
}

/**
 * Makes the proof of a run, also if the run changed its scratch folders: the proof then says so. Throws a
 * RangeError if the run id is empty, and as `joinDomains` does.
 */
export function makeProof(input: ProofInput, crypto: Crypto): MadeProof {
  if (input.runId === "") throw new RangeError("no proof can be made: the run id is empty");
  const states = joinDomains(input.domains);
  const { before, after } = states;
  const restoration = compareStates(states, crypto);
  const proof = jsonObject({
    proof_version: "1.0.0",
    run_id: input.runId,
    timestamp: input.timestamp,
    catalytic_domains: input.domains.map(({ folder }) => folder).sort(compareUtf8),
    pre_state: stateObject(before, crypto),
    post_state: stateObject(after, crypto),
    restoration_result: restorationObject(restoration),
  });
  return { proof, restoration };
}

/**
 * Adds the link to the previous proof, whose `proof_hash` is given, and the hash over all of it. A seal learns the
 * previous proof only when the rest is done.
 */
export function linkProof(proof: JsonObject, previous: HexDigest | undefined, crypto: Crypto): LinkedProof {
  const linked = new Map(proof);
  if (previous !== undefined) linked.set("previous_proof_hash", previous);
  const hash = computeProofHash(linked, crypto);
  if (!hash.ok) throw new TypeError("a proof made by runseal contains no numbers");
  return { proof: linked.set("proof_hash", hash.value), proofHash: hash.value };
}

function stateObject(manifest: FileManifest, crypto: Crypto): JsonObject {
  const entries = Array.from(manifest, ([path, digest]) => ({ path, digest }));
  const root = computeManifestRoot(entries, crypto);
  if (!root.ok) throw new TypeError("joined domains have only lawful entries, each once");
  return jsonObject({ domain_root_hash: root.value, file_manifest: manifest });
}
