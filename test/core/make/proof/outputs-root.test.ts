import { describe, expect, it } from "vitest";
import { computeManifestRoot } from "../../../../src/core/make/proof/merkle.ts";
import {
  encodeOutputsMessage,
  encodeOutputsRoot,
  parseOutputsRoot,
  type SignedOutputsStatement,
  statementHolds,
} from "../../../../src/core/make/proof/outputs-root.ts";
import { encodeSigningMessage } from "../../../../src/core/records/artifacts/signing-message.ts";
import type { HexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import {
  canonical,
  FIRST_SEED,
  SECOND_SEED,
  sealBundle,
  sha256,
  testSigner,
} from "../../../support/bundles/bundle.ts";
import { SEALED_AT, saidOf, signStatement } from "../../../support/bundles/outputs-root.ts";
import { fc } from "../../../support/rings/properties.ts";

const BUNDLE = sealBundle({ bind: true });
const SAID = saidOf(BUNDLE);
const SIGNED = signStatement(SAID);
const KEY = testSigner(FIRST_SEED).publicKey;

function parse(value: unknown): SignedOutputsStatement {
  const parsed = parseOutputsRoot(Buffer.from(canonical(value)));
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.value;
}

function entriesOf(outputs: Readonly<Record<string, string>>): { path: string; digest: string }[] {
  return Object.entries(outputs).map(([path, content]) => ({ path, digest: sha256(content) }));
}

describe("the statement of outputs (PROTOCOL 18)", () => {
  it("contains the bundle, its tree, its run, its time and its signer", () => {
    const root = computeManifestRoot(entriesOf(BUNDLE.outputs), nodeCrypto);
    if (!root.ok) throw new Error(root.code);
    const statement = {
      bundleRoot: SAID.bundle_root as HexDigest,
      outputsRoot: root.value,
      runId: "run-001",
      sealedAt: SEALED_AT,
      validatorId: SAID.validator_id as HexDigest,
      signature: Buffer.from(SIGNED.signature, "hex"),
    };
    expect(Buffer.from(encodeOutputsRoot(statement)).toString()).toBe(canonical(SIGNED));
  });

  it("is signed with its own domain prefix, over the canonical form of its five members", () => {
    expect(Buffer.from(encodeOutputsMessage(parse(SIGNED))).toString()).toBe(
      `RUNSEAL-OUTPUTS-ROOT-v1:{"bundle_root":"${SAID.bundle_root}","outputs_root":"${SAID.outputs_root}",` +
        `"run_id":"run-001","sealed_at":"${SEALED_AT}","validator_id":"${SAID.validator_id}"}`,
    );
  });

  it("holds with the key that signed it and with no other", () => {
    expect(statementHolds(parse(SIGNED), KEY, nodeCrypto)).toBe(true);
    expect(statementHolds(parse(SIGNED), testSigner(SECOND_SEED).publicKey, nodeCrypto)).toBe(false);
  });

  it("has a signature that does not hold for a bundle, or the reverse", () => {
    const bundleSignature = JSON.parse(String(BUNDLE.artifacts["SIGNATURE.json"])).signature;
    expect(statementHolds(parse({ ...SAID, signature: bundleSignature }), KEY, nodeCrypto)).toBe(false);
    const facts = { bundleRoot: parse(SIGNED).bundleRoot, validatorId: parse(SIGNED).validatorId };
    const bundleMessage = encodeSigningMessage(facts);
    expect(nodeCrypto.verifyEd25519(KEY, bundleMessage, parse(SIGNED).signature)).toBe(false);
  });

  it.each<[string, unknown]>([
    ["a list", []],
    ["with an extra member", { ...SIGNED, note: "" }],
    ["without its signature", SAID],
    ["with an uppercase digest", { ...SIGNED, outputs_root: "A".repeat(64) }],
    ["with a number for a digest", { ...SIGNED, validator_id: 5 }],
    ["with a short signature", { ...SIGNED, signature: SIGNED.signature.slice(2) }],
    ["with an empty run id", { ...SIGNED, run_id: "" }],
    ["with a run id that is a path", { ...SIGNED, run_id: "a/b" }],
    ["with a time that does not exist", { ...SIGNED, sealed_at: "2026-02-30T00:00:00Z" }],
  ])("is malformed: %s", (_what, value) => {
    expect(parseOutputsRoot(Buffer.from(JSON.stringify(value)))).toEqual({
      ok: false,
      code: "OUTPUTS_ROOT_INVALID",
    });
  });

  it("is malformed after a byte-order mark, with a duplicate key, or with trailing bytes", () => {
    const text = canonical(SIGNED);
    const twice = text.replace("{", `{"run_id":"run-001",`);
    for (const bytes of [`\ufeff${text}`, twice, `${text}}`, `${text}\0`, ""]) {
      expect(parseOutputsRoot(Buffer.from(bytes)).ok).toBe(false);
    }
  });

  it("does not hold after any byte is changed", () => {
    const bytes = Buffer.from(canonical(SIGNED));
    const place = fc.integer({ min: 0, max: bytes.length - 1 });
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (index, difference) => {
        const changed = Buffer.from(bytes);
        changed[index] = ((changed[index] ?? 0) + difference) % 256;
        const parsed = parseOutputsRoot(changed);
        return !parsed.ok || !statementHolds(parsed.value, KEY, nodeCrypto);
      }),
    );
  });
});
