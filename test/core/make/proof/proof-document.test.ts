import { describe, expect, it } from "vitest";
import { linkProof } from "../../../../src/core/make/proof/make-proof.ts";
import { checkProofDocument } from "../../../../src/core/make/proof/proof-document.ts";
import { parseProof } from "../../../../src/core/make/proof/proof-schema.ts";
import { computeProofHash } from "../../../../src/core/records/artifacts/proof-hash.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../../../src/core/system/json/json-value.ts";
import { digestOf, nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { readBytes, readJson } from "../../../support/bundles/manifest.ts";
import { toPlain } from "../../../support/bundles/plain-json.ts";
import { type BytesSpec, bytesOf, readVectors } from "../../../support/bundles/vectors.ts";
import { wholeProof } from "../../../support/bundles/whole-proof.ts";
import { fc } from "../../../support/rings/properties.ts";

const SCHEMAS = readVectors("proof_schema");
const HASHES = readVectors("proof_hash");

const DIGEST = digestOf(Buffer.from("a"));
const OTHER = digestOf(Buffer.from("b"));

/** A proof with a file in both states, their membership proofs and a link. */
const PROOF = proofOf([{ path: "a", digest: DIGEST }]);

function proofOf(after: readonly { readonly path: string; readonly digest: string }[]): JsonObject {
  const before = [{ path: "a", digest: DIGEST }];
  return wholeProof(
    { runId: "run", timestamp: "2026-11-25T00:00:00Z", domains: [{ folder: "d", before, after }] },
    { previous: OTHER, withMembership: true },
  ).proof;
}

/** A proof with some members replaced, and its hash made anew, as a forger would. */
function forged(members: Readonly<Record<string, unknown>>, proof: JsonObject = PROOF): JsonObject {
  const changed = readJson({ ...(toPlain(proof) as object), ...members });
  if (!isJsonObject(changed)) throw new TypeError("a proof is an object");
  const hash = computeProofHash(changed, nodeCrypto);
  return new Map([...changed, ["proof_hash", hash.ok ? hash.value : null]]);
}

function fieldOf(proof: JsonValue | undefined): unknown {
  const parsed = parseProof(proof, nodeCrypto);
  return parsed.ok ? "none" : parsed.field;
}

describe("proof schema (PROTOCOL 10)", () => {
  it("has 10 vectors", () => {
    expect(SCHEMAS).toHaveLength(10);
  });

  it.each(SCHEMAS)("gives the result of $name", ({ params, expect: expected }) => {
    const parsed = parseProof(readJson(params["proof"]), nodeCrypto);
    expect(parsed.ok).toBe(expected.ok);
    if (!parsed.ok) expect(parsed.code).toBe("PROOF_INVALID");
  });

  it("accepts the proofs that runseal writes", () => {
    expect(parseProof(PROOF, nodeCrypto)).toMatchObject({
      ok: true,
      value: { runId: "run", domains: ["d"], previousProofHash: OTHER, proofHash: PROOF.get("proof_hash") },
    });
  });

  it("names the missing member", () => {
    for (const field of PROOF.keys()) {
      if (field === "previous_proof_hash") continue;
      const without = new Map(PROOF);
      without.delete(field);
      expect(fieldOf(without)).toBe(field);
    }
  });

  const state = toPlain(PROOF.get("pre_state") ?? null) as object;

  it.each([
    ["run_id", ""],
    ["timestamp", 1],
    ["catalytic_domains", ["b", "a"]],
    ["pre_state", { ...state, extra: 1 }],
    ["pre_state", { ...state, domain_root_hash: "x" }],
    ["pre_state", { ...state, file_manifest: { "../a": DIGEST } }],
    ["pre_state", { ...state, file_manifest: { a: DIGEST.toUpperCase() } }],
    ["post_state", { ...state, membership_proofs: { a: { path: "a", bytes_hash: DIGEST } } }],
    ["restoration_result", { verified: true, condition: "RESTORED_IDENTICAL", mismatches: [{}] }],
    ["restoration_result", { verified: false, condition: "RESTORED_IDENTICAL" }],
    ["restoration_result", { verified: false, condition: "BROKEN", mismatches: [] }],
    ["restoration_result", failure({ path: "a", type: "lost" })],
    ["restoration_result", failure({ path: "a", type: "missing", actual_hash: DIGEST })],
    ["restoration_result", failure({ path: "a", type: "extra", note: 1 })],
    ["previous_proof_hash", OTHER.toUpperCase()],
    ["referenced_artifacts", { ledger_hash: DIGEST, jobspec_hash: DIGEST, validator_id: "x" }],
    ["signature", { signature: "x" }],
  ])("refuses a %s of %j", (field, value) => {
    expect(fieldOf(forged({ [field]: value }))).toBe(field);
  });

  it("fails without an exception for any JSON value, and for any value as a member", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...PROOF.keys(), "signature"), (value, field) => {
        expect(parseProof(readJson(value), nodeCrypto).ok).toBe(false);
        parseProof(new Map([...PROOF, [field, readJson(value)]]), nodeCrypto);
      }),
    );
  });
});

describe("proof hash (PROTOCOL 10 and 4.4)", () => {
  it("has 8 vectors", () => {
    expect(HASHES).toHaveLength(8);
  });

  it.each(HASHES)("is the hash of $name", ({ params, expect: expected }) => {
    const proof = readBytes(bytesOf(params["input"] as BytesSpec));
    if (!isJsonObject(proof)) throw new TypeError("the vector's proof is an object");
    expect(computeProofHash(proof, nodeCrypto)).toEqual({ ok: true, value: expected.hash });
  });
});

describe("checking a whole proof", () => {
  const reasonOf = (proof: JsonObject): unknown => {
    const checked = checkProofDocument(proof, nodeCrypto);
    return checked.ok ? "none" : checked.code === "PROOF_UNTRUE" ? checked.reason : checked.field;
  };

  it("accepts a proof whose claims are true", () => {
    expect(reasonOf(PROOF)).toBe("none");
    expect(reasonOf(proofOf([{ path: "a", digest: OTHER }]))).toBe("none");
  });

  it("refuses another hash", () => {
    expect(reasonOf(new Map([...PROOF, ["proof_hash", DIGEST]]))).toBe("proof-hash-differs");
  });

  it("refuses a file that the root does not cover", () => {
    const state = toPlain(PROOF.get("pre_state") ?? null) as object;
    const swapped = { ...state, file_manifest: { a: OTHER } };
    expect(reasonOf(forged({ pre_state: swapped, post_state: swapped }))).toBe("root-differs");
  });

  it("refuses a membership proof of another file, or of one file fewer", () => {
    const state = toPlain(PROOF.get("pre_state") ?? null) as object;
    const other = { a: { path: "a", bytes_hash: OTHER, steps: [] } };
    expect(reasonOf(forged({ pre_state: { ...state, membership_proofs: other } }))).toBe("membership-fails");
    expect(reasonOf(forged({ pre_state: { ...state, membership_proofs: {} } }))).toBe("membership-fails");
  });

  it("refuses a result that calls different states restored, or equal ones changed", () => {
    const identical = { verified: true, condition: "RESTORED_IDENTICAL" };
    const changed = proofOf([{ path: "a", digest: OTHER }]);
    expect(reasonOf(forged({ restoration_result: identical }, changed))).toBe("result-contradicts");
    const lie = failure({ path: "a", type: "missing", expected_hash: DIGEST });
    expect(reasonOf(forged({ restoration_result: lie }))).toBe("result-contradicts");
  });

  it("accepts a completely recomputed forgery, which only a signature can detect", () => {
    expect(reasonOf(linkProof(PROOF, DIGEST, nodeCrypto).proof)).toBe("none");
  });
});

function failure(mismatch: object): object {
  return { verified: false, condition: "RESTORATION_FAILED_HASH_MISMATCH", mismatches: [mismatch] };
}
