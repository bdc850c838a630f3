/**
 * Follows the links of proofs (PROTOCOL 10): verifies a chain, oldest first, or walks from a head backwards. The
 * first proof has no link. Each other proof names the `proof_hash` of the previous proof.
 *
 * @module
 */

import { computeProofHash } from "../../records/artifacts/proof-hash.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { DEFAULT_LIMITS, type Limits } from "../../system/bytes/limits.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
import type { JsonObject, JsonValue } from "../../system/json/json-value.ts";

/** The result for proofs that form a chain. */
export interface ProofChain {
  readonly ok: true;
  readonly code: "CHAIN_VALID";
  readonly length: number;
  /** The hash of the first proof. */
  readonly root: HexDigest;
  /** The hash of the last proof. */
  readonly head: HexDigest;
}

/** Why proofs do not form a chain. */
export type ProofChainCode =
  | "CHAIN_EMPTY"
  | "CHAIN_ROOT_HAS_PREVIOUS"
  | "PROOF_HASH_MISSING"
  | "PROOF_HASH_MISMATCH"
  | "CHAIN_LINK_MISSING"
  | "CHAIN_LINK_MISMATCH";

/** The result for proofs that do not form a chain. */
export interface ProofChainFault extends Fault<ProofChainCode> {
  readonly length: number;
  /** The hash that the first proof declares; undefined if it declares none. */
  readonly root: HexDigest | undefined;
  /** The index of the proof that failed, from 0; undefined for an empty chain. */
  readonly index: number | undefined;
}

/**
 * Verifies a chain of proofs: that the first proof has no link, then the hash of every proof, then every link.
 * Reports the first failure. Does not check the contents of the proofs, or their signers.
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

/** The link of a proof to the previous one. Treats `null` as absent, though runseal never writes it. */
function previousOf(proof: JsonObject): JsonValue | undefined {
  return proof.get("previous_proof_hash") ?? undefined;
}

/** Checks the hash that a proof declares. Gives the hash, or the code of the failure. Treats an empty text as missing. */
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

/** One proof of a history. */
export interface HistoricProof {
  readonly hash: HexDigest;
  readonly proof: JsonObject;
}

/** Why the walk ended before the first proof. */
export interface ProofHistoryFault
  extends Fault<
    | "PROOF_NOT_FOUND"
    | "PROOF_HASH_MISMATCH"
    | "PROOF_LINK_MALFORMED"
    | "PROOF_SEEN_TWICE"
    | "HISTORY_TOO_LONG"
  > {
  /** The hash that was looked up; for a malformed link, the hash of the proof that has it. */
  readonly hash: HexDigest;
}

/** Finds a proof by its hash. Gives `undefined` if there is none. */
export type ProofLookup = (hash: HexDigest) => JsonObject | undefined;

/**
 * Walks from a head to the first proof, newest first, one proof at a time to save memory. A proof from the lookup
 * is untrusted until its hash is compared. Ends after a fault: PROOF_NOT_FOUND, PROOF_HASH_MISMATCH if the lookup
 * gave another proof, PROOF_LINK_MALFORMED, PROOF_SEEN_TWICE, or HISTORY_TOO_LONG beyond `limits.runs`.
 */
export function* walkProofHistory(
  head: HexDigest,
  lookup: ProofLookup,
  crypto: Crypto,
  limits: Pick<Limits, "runs"> = DEFAULT_LIMITS,
): Generator<Result<HistoricProof, ProofHistoryFault>, void, undefined> {
  const seen = new Set<HexDigest>();
  let hash = head;
  for (;;) {
    // A circle of links needs a collision of SHA-256. The walk ends even then.
    const steps = seen.size;
    if (seen.add(hash).size === steps) return yield fault("PROOF_SEEN_TWICE", hash);
    if (steps === limits.runs) return yield fault("HISTORY_TOO_LONG", hash);
    const proof = lookup(hash);
    if (proof === undefined) return yield fault("PROOF_NOT_FOUND", hash);
    if (!matchesDigest(hash, checkDeclaredHash(proof, crypto), crypto))
      return yield fault("PROOF_HASH_MISMATCH", hash);
    yield ok({ hash, proof });
    const previous = previousOf(proof);
    if (previous === undefined) return;
    if (!isHexDigest(previous)) return yield fault("PROOF_LINK_MALFORMED", hash);
    hash = previous;
  }
}

function fault(code: ProofHistoryFault["code"], hash: HexDigest): ProofHistoryFault {
  return { ok: false, code, hash };
}
