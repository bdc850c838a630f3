import { describe, expect, it } from "vitest";
import { verifyProofChain, walkProofHistory } from "../../../../src/core/make/proof/proof-chain.ts";
import { computeProofHash } from "../../../../src/core/records/artifacts/proof-hash.ts";
import type { Crypto } from "../../../../src/core/system/bytes/crypto.ts";
import { digestToHex, type HexDigest, isHexDigest } from "../../../../src/core/system/bytes/hex.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../../../src/core/system/json/json-value.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { readJson } from "../../../support/bundles/manifest.ts";
import { readVectors, type VectorCase } from "../../../support/bundles/vectors.ts";
import { wholeProof } from "../../../support/bundles/whole-proof.ts";

const VECTORS = readVectors("proof_chain");

function proofsOf({ params }: VectorCase): readonly JsonObject[] {
  return (params["proofs"] as readonly unknown[]).map(readJson).filter(isJsonObject);
}

function hashOf(proof: JsonObject | undefined): HexDigest {
  const hash = proof?.get("proof_hash");
  if (!isHexDigest(hash)) throw new TypeError("runseal's own proofs have a hash");
  return hash;
}

/** Some proofs, each of which names the one before it. */
function chainOf(length: number): readonly JsonObject[] {
  const proofs: JsonObject[] = [];
  while (proofs.length < length) {
    const previous = proofs.length === 0 ? undefined : hashOf(proofs.at(-1));
    const domains = [{ folder: "d", before: [], after: [] }];
    const input = { runId: `run-${proofs.length}`, timestamp: "t", domains };
    proofs.push(wholeProof(input, { previous }).proof);
  }
  return proofs;
}

/** A proof with one member replaced and its hash made anew. */
function rehashed(proof: JsonObject, key: string, value: JsonValue, crypto: Crypto = nodeCrypto): JsonObject {
  const changed = new Map([...proof, [key, value]]);
  const hash = computeProofHash(changed, crypto);
  return changed.set("proof_hash", hash.ok ? hash.value : null);
}

describe("proof chain (PROTOCOL 10)", () => {
  it("has 18 vectors", () => {
    expect(VECTORS).toHaveLength(18);
  });

  it.each(VECTORS)("gives the result of $name", (vector) => {
    const proofs = proofsOf(vector);
    expect(proofs).toHaveLength(vector.expect.chain_length ?? Number.NaN);
    const chain = verifyProofChain(proofs, nodeCrypto);
    expect({
      ok: chain.ok,
      code: chain.code,
      chain_length: chain.length,
      chain_root: chain.root ?? null,
      chain_head: chain.ok ? chain.head : null,
      failed_at_index: chain.ok ? null : (chain.index ?? null),
    }).toEqual(vector.expect);
  });

  it("holds for the proofs that runseal writes", () => {
    const proofs = chainOf(5);
    expect(verifyProofChain(proofs, nodeCrypto)).toEqual({
      ok: true,
      code: "CHAIN_VALID",
      length: 5,
      root: hashOf(proofs[0]),
      head: hashOf(proofs[4]),
    });
  });

  it.each(["", "x", 0, false, {}, []])("treats %j neither as a link nor as a missing one", (link) => {
    const [first = new Map(), second = new Map()] = chainOf(2);
    const value = readJson(link);
    const linked = rehashed(second, "previous_proof_hash", value);
    expect(verifyProofChain([first, linked], nodeCrypto)).toMatchObject({
      code: "CHAIN_LINK_MISMATCH",
      index: 1,
    });
    const root = rehashed(first, "previous_proof_hash", value);
    expect(verifyProofChain([root], nodeCrypto)).toMatchObject({ code: "CHAIN_ROOT_HAS_PREVIOUS", index: 0 });
  });
});

describe("walking from a head backwards (PROTOCOL 10)", () => {
  const proofs = chainOf(4);
  const byHash = new Map(proofs.map((proof) => [hashOf(proof), proof]));
  const head = hashOf(proofs.at(-1));
  const lookup = (hash: HexDigest): JsonObject | undefined => byHash.get(hash);
  const walk = (from: HexDigest, find = lookup): readonly unknown[] =>
    [...walkProofHistory(from, find, nodeCrypto)].map((step) => (step.ok ? step.value.hash : step));

  it("gives all proofs, newest first", () => {
    expect(walk(head)).toEqual(proofs.map(hashOf).reverse());
  });

  it("ends at a missing proof", () => {
    const gone = hashOf(proofs[1]);
    const find = (hash: HexDigest): JsonObject | undefined => (hash === gone ? undefined : byHash.get(hash));
    expect(walk(head, find)).toEqual([
      head,
      hashOf(proofs[2]),
      { ok: false, code: "PROOF_NOT_FOUND", hash: gone },
    ]);
  });

  it("ends if the lookup gives another proof", () => {
    const find = (hash: HexDigest): JsonObject | undefined =>
      hash === head ? byHash.get(hash) : byHash.get(hashOf(proofs[0]));
    expect(walk(head, find)).toEqual([
      head,
      { ok: false, code: "PROOF_HASH_MISMATCH", hash: hashOf(proofs[2]) },
    ]);
  });

  it("ends at a proof that was changed but kept its hash", () => {
    const changed = new Map([...(proofs.at(-1) ?? new Map()), ["run_id", "another"]]);
    expect(walk(head, () => changed)).toEqual([{ ok: false, code: "PROOF_HASH_MISMATCH", hash: head }]);
  });

  it("ends at a link that is not a hash", () => {
    const odd = rehashed(proofs[0] ?? new Map(), "previous_proof_hash", "x");
    expect(walk(hashOf(odd), () => odd)).toEqual([
      hashOf(odd),
      { ok: false, code: "PROOF_LINK_MALFORMED", hash: hashOf(odd) },
    ]);
  });

  it("treats a null link as missing", () => {
    const first = rehashed(proofs[0] ?? new Map(), "previous_proof_hash", null);
    expect(walk(hashOf(first), () => first)).toEqual([hashOf(first)]);
  });

  it("ends at a circle of links, which a broken hash function allows", () => {
    const broken: Crypto = { ...nodeCrypto, sha256: () => new Uint8Array(32) };
    const zero = digestToHex(new Uint8Array(32));
    const proof = rehashed(proofs[0] ?? new Map(), "previous_proof_hash", zero, broken);
    const steps = [...walkProofHistory(zero, () => proof, broken)];
    expect(steps).toMatchObject([{ ok: true }, { ok: false, code: "PROOF_SEEN_TWICE", hash: zero }]);
  });

  it("ends at the limit of runs", () => {
    const steps = [...walkProofHistory(head, lookup, nodeCrypto, { runs: 2 })];
    expect(steps).toMatchObject([{ ok: true }, { ok: true }, { ok: false, code: "HISTORY_TOO_LONG" }]);
    expect([...walkProofHistory(head, lookup, nodeCrypto, { runs: 4 })]).toHaveLength(4);
  });
});
