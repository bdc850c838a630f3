import { describe, expect, it } from "vitest";
import { computeBundleRoot } from "../../../../src/core/records/artifacts/bundle-root.ts";
import { computeChainRoot } from "../../../../src/core/records/artifacts/chain-root.ts";
import { parsePublicKey } from "../../../../src/core/records/artifacts/identity.ts";
import { encodeSigningMessage } from "../../../../src/core/records/artifacts/signing-message.ts";
import { type HexDigest, isHexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { isJsonObject, type JsonObject } from "../../../../src/core/system/json/json-value.ts";
import { parseStrictJson } from "../../../../src/core/system/json/strict-json.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { sealBundle, testSigner } from "../../../support/bundles/bundle.ts";
import { judge } from "../../../support/bundles/judge.ts";
import { type BytesSpec, bytesOf, readVectors, type VectorCase } from "../../../support/bundles/vectors.ts";

const CHAIN_ROOTS = readVectors("chain_root");
const SIGNINGS = readVectors("sign");
const VALIDATOR_IDS = readVectors("validator_id");

function digest(text: unknown): HexDigest {
  if (!isHexDigest(text)) throw new TypeError("the vector has no digest where one is needed");
  return text;
}

function objectOf(bytes: Uint8Array): JsonObject {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok || !isJsonObject(parsed.value))
    throw new TypeError("the vector's artifact is not an object");
  return parsed.value;
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

describe("chain root (PROTOCOL 6)", () => {
  const linksOf = ({ params }: VectorCase): Parameters<typeof computeChainRoot>[0] => {
    const roots = params["bundle_roots"] as readonly string[];
    const runIds = params["run_ids"] as readonly string[];
    return runIds.map((runId, index) => ({ runId, bundleRoot: digest(roots[index]) }));
  };

  it("has 2 vectors", () => {
    expect(CHAIN_ROOTS).toHaveLength(2);
  });

  it.each(CHAIN_ROOTS)("is the chain root of $name", (vector) => {
    expect(computeChainRoot(linksOf(vector), nodeCrypto)).toBe(vector.expect.chain_root);
  });
});

describe("signing (PROTOCOL 5 and 7)", () => {
  const artifactOf = ({ params }: VectorCase, name: string): Uint8Array => bytesOf(params[name] as BytesSpec);
  const inputOf = (vector: VectorCase): Parameters<typeof computeBundleRoot>[0] => {
    const hashes = objectOf(artifactOf(vector, "output_hashes")).get("hashes");
    if (!isJsonObject(hashes)) throw new TypeError("the vector has no hashes");
    return {
      outputHashes: hashes,
      status: objectOf(artifactOf(vector, "status")),
      taskSpec: artifactOf(vector, "task_spec"),
    };
  };
  const messageOf = ({ expect: expected }: VectorCase): Uint8Array =>
    encodeSigningMessage({
      bundleRoot: digest(expected.bundle_root),
      validatorId: digest(expected.validator_id),
    });

  it("has 6 vectors", () => {
    expect(SIGNINGS).toHaveLength(6);
  });

  it.each(SIGNINGS)("has the bundle root of $name", (vector) => {
    expect(computeBundleRoot(inputOf(vector), nodeCrypto)).toEqual({
      ok: true,
      value: vector.expect.bundle_root,
    });
  });

  it.each(SIGNINGS)("has the message of $name", (vector) => {
    expect(asText(messageOf(vector))).toBe(vector.expect.message_utf8);
  });

  it.each(SIGNINGS)("has the signature of $name", (vector) => {
    const signer = testSigner(String(vector.params["seed"]));
    expect(signer.publicKeyHex).toBe(vector.expect.public_key);
    expect(signer.sign(messageOf(vector))).toBe(vector.expect.signature);
  });
});

describe("bundle root (PROTOCOL 5)", () => {
  const bundle = sealBundle({ taskSpec: { note: "first" } });

  it("does not exist for `hashes` with such a number, and OUTPUT_HASHES.json is reported", () => {
    const verdict = judge(bundle, { "OUTPUT_HASHES.json": `{"hashes":{"a":1.0}}` });
    expect(verdict).toMatchObject({
      code: "SERIALIZATION_INVALID",
      details: { artifact: "OUTPUT_HASHES.json" },
    });
    expect(verdict).toHaveProperty("message", expect.stringContaining("OUTPUT_HASHES.json holds a number"));
  });

  it("is computed quickly even if a number has millions of digits", () => {
    const status = `{"cmp01":"pass","n":1.5${"0".repeat(5_000_000)}1,"status":"success"}`;
    expect(judge(bundle, { "STATUS.json": status })).toMatchObject({ code: "SERIALIZATION_INVALID" });
  });
});

describe("validator id (PROTOCOL 3)", () => {
  const keyOf = ({ params }: VectorCase): string => String(params["public_key"]);

  it("has 5 vectors", () => {
    expect(VALIDATOR_IDS).toHaveLength(5);
  });

  it.each(VALIDATOR_IDS)("and the key id are those of $name", (vector) => {
    const identity = parsePublicKey(keyOf(vector), nodeCrypto);
    expect(identity?.validatorId).toBe(vector.expect.validator_id);
    expect(identity?.keyId).toBe(vector.expect.key_id);
  });
});
