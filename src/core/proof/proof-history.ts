/**
 * Follows the links of proofs from a head backwards. A lookup finds each previous proof by its hash (PROTOCOL 10).
 * The result of the lookup is untrusted until its hash is compared.
 *
 * @module
 */

import { computeProofHash } from "../artifacts/proof-hash.ts";
import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import { type HexDigest, isHexDigest } from "../bytes/hex.ts";
import { DEFAULT_LIMITS, type Limits } from "../bytes/limits.ts";
import { ok, type Result } from "../bytes/result.ts";
import type { JsonObject } from "../json/json-value.ts";
import { previousOf } from "./proof-chain.ts";

/** One proof of a history. */
export interface HistoricProof {
  readonly hash: HexDigest;
  readonly proof: JsonObject;
}

/** Why the walk ended before the first proof. */
export interface ProofHistoryFault {
  readonly ok: false;
  readonly code:
    | "PROOF_NOT_FOUND"
    | "PROOF_HASH_MISMATCH"
    | "PROOF_LINK_MALFORMED"
    | "PROOF_SEEN_TWICE"
    | "HISTORY_TOO_LONG";
  /** The hash that was looked up; for a malformed link, the hash of the proof that has it. */
  readonly hash: HexDigest;
}

/** Finds a proof by its hash. Gives `undefined` if there is none. */
export type ProofLookup = (hash: HexDigest) => JsonObject | undefined;

/**
 * Walks from a head to the first proof, newest first. Yields one proof at a time, to save memory, and ends after
 * a fault: PROOF_NOT_FOUND, PROOF_HASH_MISMATCH if the lookup gave another proof, PROOF_LINK_MALFORMED,
 * PROOF_SEEN_TWICE, or HISTORY_TOO_LONG beyond `limits.runs`.
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
    if (!isProofOf(hash, proof, crypto)) return yield fault("PROOF_HASH_MISMATCH", hash);
    yield ok({ hash, proof });
    const previous = previousOf(proof);
    if (previous === undefined) return;
    if (!isHexDigest(previous)) return yield fault("PROOF_LINK_MALFORMED", hash);
    hash = previous;
  }
}

/** Whether a proof declares this hash and has it. */
function isProofOf(hash: HexDigest, proof: JsonObject, crypto: Crypto): boolean {
  const computed = computeProofHash(proof, crypto);
  const declares = matchesDigest(hash, proof.get("proof_hash"), crypto);
  return declares && computed.ok && matchesDigest(hash, computed.value, crypto);
}

function fault(code: ProofHistoryFault["code"], hash: HexDigest): ProofHistoryFault {
  return { ok: false, code, hash };
}
