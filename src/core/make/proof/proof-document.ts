/**
 * Checks everything that a proof declares about itself (PROTOCOL 10): its hash, the roots of its manifests, its
 * membership proofs, and its result, which must be "restored" exactly for equal states.
 *
 * @module
 */

import { computeProofHash } from "../../records/artifacts/proof-hash.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
import type { JsonValue } from "../../system/json/json-value.ts";
import { isJsonObject } from "../../system/json/json-value.ts";
import { checkMembership } from "./membership.ts";
import { computeManifestRoot } from "./merkle.ts";
import { type Proof, type ProofSchemaFault, type ProofState, parseProof } from "./proof-schema.ts";

/** A proof of the right form with a false claim. */
export interface UntrueProofFault extends Fault<"PROOF_UNTRUE"> {
  readonly reason: "proof-hash-differs" | "root-differs" | "membership-fails" | "result-contradicts";
}

/**
 * Parses a proof and recomputes everything that it declares. Fails with PROOF_INVALID as `parseProof` does, or with
 * PROOF_UNTRUE. Does not read any files, and does not check the proof's signer.
 */
export function checkProofDocument(
  value: JsonValue | undefined,
  crypto: Crypto,
): Result<Proof, ProofSchemaFault | UntrueProofFault> {
  const parsed = parseProof(value, crypto);
  if (!parsed.ok || !isJsonObject(value)) return parsed;
  const proof = parsed.value;
  const hash = computeProofHash(value, crypto);
  if (!hash.ok || !matchesDigest(hash.value, proof.proofHash, crypto)) return untrue("proof-hash-differs");
  for (const state of [proof.before, proof.after]) {
    const root = rootOf(state, crypto);
    if (root === undefined || !matchesDigest(root, state.root, crypto)) return untrue("root-differs");
    if (!membershipsHold(state, crypto)) return untrue("membership-fails");
  }
  return isResultConsistent(proof, crypto) ? ok(proof) : untrue("result-contradicts");
}

/** Whether the result follows from the states. Equal states are restored, unless an entry had no digest or was unreachable. */
function isResultConsistent({ before, after, restoration }: Proof, crypto: Crypto): boolean {
  const { condition, mismatches } = restoration;
  const identical = matchesDigest(before.root, after.root, crypto);
  const claimed = condition === "RESTORED_IDENTICAL";
  if (claimed || !identical) return claimed === identical;
  const undigested = mismatches.some(({ type, actual }) => type !== "missing" && actual === undefined);
  return undigested || condition === "RESTORATION_FAILED_DOMAIN_UNREACHABLE";
}

function rootOf(state: ProofState, crypto: Crypto): HexDigest | undefined {
  const entries = Array.from(state.manifest, ([path, digest]) => ({ path, digest }));
  const root = computeManifestRoot(entries, crypto);
  return root.ok ? root.value : undefined;
}

/** Checks the membership proofs of a state. They are optional, but if present there is one for each file. */
function membershipsHold({ manifest, membershipProofs, root }: ProofState, crypto: Crypto): boolean {
  if (membershipProofs === undefined) return true;
  if (membershipProofs.size !== manifest.size) return false;
  return [...manifest].every(
    ([path, digest]) =>
      checkMembership({ path, digest }, membershipProofs.get(path), root, crypto) === undefined,
  );
}

function untrue(reason: UntrueProofFault["reason"]): UntrueProofFault {
  return { ok: false, code: "PROOF_UNTRUE", reason };
}
