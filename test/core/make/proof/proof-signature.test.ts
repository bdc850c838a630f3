import { describe, expect, it } from "vitest";
import { encodeProofMessage, verifyProofSignature } from "../../../../src/core/make/proof/proof-signature.ts";
import { identityOf } from "../../../../src/core/records/artifacts/identity.ts";
import { isJsonObject, type JsonObject, jsonObject } from "../../../../src/core/system/json/json-value.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { readBytes, readJson } from "../../../support/bundles/manifest.ts";
import { toPlain } from "../../../support/bundles/plain-json.ts";
import { type BytesSpec, bytesOf, readVectors, type VectorCase } from "../../../support/bundles/vectors.ts";
import { fc } from "../../../support/rings/properties.ts";

const SIGNINGS = readVectors("sign_proof");
const VERIFICATIONS = readVectors("verify_proof_signature");

function proofOf({ params }: VectorCase): JsonObject {
  const proof = readBytes(bytesOf(params["input"] as BytesSpec));
  if (!isJsonObject(proof)) throw new TypeError("the vector's proof is an object");
  return proof;
}

/** Signs a proof as a sealer would. */
function sign(proof: JsonObject, seed: string, timestamp: string): JsonObject {
  const signer = testSigner(seed);
  const message = encodeProofMessage(proof);
  if (!message.ok) throw new TypeError(message.code);
  const { keyId, publicKeyHex } = identityOf(new Uint8Array(signer.publicKey), nodeCrypto);
  return jsonObject({
    signature: signer.sign(message.value),
    public_key: publicKeyHex,
    key_id: keyId,
    algorithm: "Ed25519",
    timestamp,
  });
}

describe("signing a proof (PROTOCOL 10)", () => {
  it("has 2 vectors", () => {
    expect(SIGNINGS).toHaveLength(2);
  });

  it.each(SIGNINGS.filter(({ expect: expected }) => expected.ok))("gives the result of $name", (vector) => {
    const { message, bundle } = vector.expect;
    const encoded = encodeProofMessage(proofOf(vector));
    expect(encoded.ok && Buffer.from(encoded.value)).toEqual(Buffer.from(bytesOf(message as BytesSpec)));
    const { seed, timestamp } = vector.params;
    expect(toPlain(sign(proofOf(vector), String(seed), String(timestamp)))).toEqual(bundle);
    expect(verifyProofSignature(proofOf(vector), readJson(bundle), undefined, nodeCrypto).ok).toBe(true);
  });

  it.each(SIGNINGS.filter(({ expect: expected }) => !expected.ok))("refuses $name", (vector) => {
    expect(encodeProofMessage(proofOf(vector))).toEqual({ ok: false, code: "PROOF_ALREADY_SIGNED" });
  });

  it("refuses a number without an agreed form", () => {
    const proof = readBytes(Buffer.from(`{"n":1.0}`));
    expect(isJsonObject(proof) && encodeProofMessage(proof)).toEqual({
      ok: false,
      code: "SERIALIZATION_INVALID",
    });
  });
});

describe("verifying a proof signature (PROTOCOL 10)", () => {
  const proof = readJson({ run_id: "x", proof_hash: "y" }) as JsonObject;
  const signature = sign(proof, FIRST_SEED, "2026-11-25T00:00:00Z");
  const reasonOf = (value: JsonObject, over: JsonObject = proof, key?: string): unknown => {
    const verified = verifyProofSignature(over, value, key, nodeCrypto);
    return verified.ok ? "holds" : verified.reason;
  };

  it("has 13 vectors", () => {
    expect(VERIFICATIONS).toHaveLength(13);
  });

  it.each(VERIFICATIONS)("gives the result of $name", (vector) => {
    const { public_key: key, signature_bundle: bundle } = vector.params;
    const expectedKey = typeof key === "string" ? key : undefined;
    const verified = verifyProofSignature(proofOf(vector), readJson(bundle), expectedKey, nodeCrypto);
    expect(verified.ok ? "VERIFIED" : verified.code).toBe(vector.expect.code);
  });

  it("gives the signer", () => {
    const verified = verifyProofSignature(proof, signature, undefined, nodeCrypto);
    const { publicKeyHex } = testSigner(FIRST_SEED);
    expect(verified).toMatchObject({ ok: true, value: { signer: { publicKeyHex } } });
  });

  it("refuses a signature with any bit flipped", () => {
    fc.assert(
      fc.property(fc.nat(511), (bit) => {
        const bytes = Buffer.from(String(signature.get("signature")), "hex");
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(reasonOf(new Map([...signature, ["signature", bytes.toString("hex")]]))).toBe("does-not-hold");
      }),
    );
  });

  it("refuses a key of small order, whose one signature holds for every message", () => {
    const point = `01${"00".repeat(31)}`;
    const keyId = identityOf(Buffer.from(point, "hex"), nodeCrypto).keyId;
    const weak = new Map([...signature, ["public_key", point], ["key_id", keyId]]);
    expect(reasonOf(weak.set("signature", `${point}${"00".repeat(32)}`))).toBe("malformed");
  });

  it("refuses a missing or an unknown member", () => {
    expect(reasonOf(new Map([...signature, ["note", ""]]))).toBe("malformed");
    for (const field of signature.keys()) {
      const without = new Map(signature);
      without.delete(field);
      expect(reasonOf(without)).toBe("malformed");
    }
  });

  it("fails without an exception for any JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...signature.keys()), (value, field) => {
        expect(verifyProofSignature(proof, readJson(value), undefined, nodeCrypto).ok).toBe(false);
        verifyProofSignature(proof, new Map([...signature, [field, readJson(value)]]), undefined, nodeCrypto);
      }),
    );
  });
});
