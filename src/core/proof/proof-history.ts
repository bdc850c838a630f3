/**
 * History from its head backwards: each proof names the hash of the one before it, and a lookup finds it
 * (PROTOCOL 10). What the lookup gives is a stranger's until its hash is the one that was asked for.
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

/** Why a history can't be followed further. */
export interface ProofHistoryFault {
  readonly ok: false;
  readonly code:
    | "PROOF_NOT_FOUND"
    | "PROOF_HASH_MISMATCH"
    | "PROOF_LINK_MALFORMED"
    | "PROOF_SEEN_TWICE"
    | "HISTORY_TOO_LONG";
  /** The proof that was asked for; of a malformed link, the one that has it. */
  readonly hash: HexDigest;
}

/** Finds a proof by its hash, or nothing. */
export type ProofLookup = (hash: HexDigest) => JsonObject | undefined;

/**
 * Walks from a head to the first proof, newest first, one at a time: no proof is held. A fault is the last
 * that is given. It ends with PROOF_NOT_FOUND, with PROOF_HASH_MISMATCH where a proof is not the one that
 * was asked for, with PROOF_LINK_MALFORMED, PROOF_SEEN_TWICE, or HISTORY_TOO_LONG beyond `limits.runs`.
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
    // A proof can't be before itself, unless SHA-256 is broken: then the walk still ends.
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

/** Whether a proof both declares and has a hash. */
function isProofOf(hash: HexDigest, proof: JsonObject, crypto: Crypto): boolean {
  const computed = computeProofHash(proof, crypto);
  const declares = matchesDigest(hash, proof.get("proof_hash"), crypto);
  return declares && computed.ok && matchesDigest(hash, computed.value, crypto);
}

function fault(code: ProofHistoryFault["code"], hash: HexDigest): ProofHistoryFault {
  return { ok: false, code, hash };
}
