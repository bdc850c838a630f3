/**
 * Proofs that name each other, oldest first (PROTOCOL 10): the first names none before it, each other the
 * `proof_hash` of the one before.
 *
 * @module
 */

import { computeProofHash } from "../artifacts/proof-hash.ts";
import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import { type HexDigest, isHexDigest } from "../bytes/hex.ts";
import type { JsonObject, JsonValue } from "../json/json-value.ts";

/** Proofs that are one chain. */
export interface ProofChain {
  readonly ok: true;
  readonly code: "CHAIN_VALID";
  readonly length: number;
  /** The hash of the first proof. */
  readonly root: HexDigest;
  /** The hash of the last. */
  readonly head: HexDigest;
}

/** What keeps proofs from being a chain. */
export type ProofChainCode =
  | "CHAIN_EMPTY"
  | "CHAIN_ROOT_HAS_PREVIOUS"
  | "PROOF_HASH_MISSING"
  | "PROOF_HASH_MISMATCH"
  | "CHAIN_LINK_MISSING"
  | "CHAIN_LINK_MISMATCH";

/** Proofs that are no chain. */
export interface ProofChainFault {
  readonly ok: false;
  readonly code: ProofChainCode;
  readonly length: number;
  /** What the first proof says its hash is; undefined where it says none. */
  readonly root: HexDigest | undefined;
  /** The proof at which it failed, from 0; undefined for an empty chain. */
  readonly index: number | undefined;
}

/**
 * Verifies a chain of proofs: first that the first names none before it, then every proof's hash, then every
 * link. The first failure decides. Whether each proof holds, and who made it, is another question.
 */
export function verifyProofChain(
  proofs: readonly JsonObject[],
  crypto: Crypto,
): ProofChain | ProofChainFault {
  const [first] = proofs;
  const declared = first?.get("proof_hash");
  const root = isHexDigest(declared) ? declared : undefined;
  const fail = (code: ProofChainCode, index?: number): ProofChainFault => {
    return { ok: false, code, length: proofs.length, root, index };
  };
  if (first === undefined) return fail("CHAIN_EMPTY");
  if (previousOf(first) !== undefined) return fail("CHAIN_ROOT_HAS_PREVIOUS", 0);
  const hashes: HexDigest[] = [];
  for (const [index, proof] of proofs.entries()) {
    const hash = checkDeclaredHash(proof, crypto);
    if (!isHexDigest(hash)) return fail(hash, index);
    hashes.push(hash);
  }
  for (const [index, proof] of proofs.entries()) {
    const before = hashes[index - 1];
    if (before === undefined) continue;
    const previous = previousOf(proof);
    if (previous === undefined) return fail("CHAIN_LINK_MISSING", index);
    if (!matchesDigest(before, previous, crypto)) return fail("CHAIN_LINK_MISMATCH", index);
  }
  const head = hashes.at(-1);
  if (root === undefined || head === undefined) throw new TypeError("every hash of the chain was checked");
  return { ok: true, code: "CHAIN_VALID", length: proofs.length, root, head };
}

/** What a proof names as the one before it. `null` is read as absent, though it is never written. */
export function previousOf(proof: JsonObject): JsonValue | undefined {
  return proof.get("previous_proof_hash") ?? undefined;
}

/** The hash that a proof declares and has, or what is wrong with it. An empty text is none. */
function checkDeclaredHash(
  proof: JsonObject,
  crypto: Crypto,
): HexDigest | "PROOF_HASH_MISSING" | "PROOF_HASH_MISMATCH" {
  const declared = proof.get("proof_hash");
  if (typeof declared !== "string" || declared === "") return "PROOF_HASH_MISSING";
  const computed = computeProofHash(proof, crypto);
  const holds = computed.ok && matchesDigest(computed.value, declared, crypto);
  return holds ? computed.value : "PROOF_HASH_MISMATCH";
}
