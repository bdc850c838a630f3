import { describe, expect, it } from "vitest";
import { linkProof, type MadeProof } from "../../../../src/core/make/proof/make-proof.ts";
import type { ManifestEntry } from "../../../../src/core/make/proof/merkle.ts";
import { checkProofDocument } from "../../../../src/core/make/proof/proof-document.ts";
import type { ProofDomain } from "../../../../src/core/make/proof/proof-domains.ts";
import { type HexDigest, isHexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { isJsonObject } from "../../../../src/core/system/json/json-value.ts";
import { digestOf, nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { arbitraryManifest, readJson } from "../../../support/bundles/manifest.ts";
import { toPlain } from "../../../support/bundles/plain-json.ts";
import { readVectors, type VectorCase } from "../../../support/bundles/vectors.ts";
import { wholeProof } from "../../../support/bundles/whole-proof.ts";
import { fc } from "../../../support/rings/properties.ts";

const VECTORS = readVectors("make_proof");

type States = Readonly<Record<string, Readonly<Record<string, string>>>>;

function filesOf(states: unknown, folder: string): readonly ManifestEntry[] {
  return Object.entries((states as States)[folder] ?? {}).map(([path, digest]) => ({ path, digest }));
}

function proofOf({ params }: VectorCase): MadeProof {
  const references = readJson(params["referenced_artifacts"] ?? null);
  const folders = params["catalytic_domains"] as readonly string[];
  const input = {
    runId: String(params["run_id"]),
    timestamp: String(params["timestamp"]),
    domains: folders.map((folder) => ({
      folder,
      before: filesOf(params["pre_state"], folder),
      after: filesOf(params["post_state"], folder),
    })),
  };
  return wholeProof(input, {
    previous: params["previous_proof_hash"] as HexDigest | undefined,
    references: isJsonObject(references) ? references : undefined,
    withMembership: params["include_membership_proofs"] === true,
  });
}

function file(path: string, content = path): ManifestEntry {
  return { path, digest: digestOf(Buffer.from(content)) };
}

function made(domains: readonly ProofDomain[]): MadeProof {
  return wholeProof({ runId: "run", timestamp: "2026-11-25T00:00:00Z", domains });
}

describe("making a proof (PROTOCOL 10)", () => {
  it("has 21 vectors", () => {
    expect(VECTORS).toHaveLength(21);
  });

  it.each(VECTORS)("gives the result of $name", (vector) => {
    if (vector.expect.ok) expect(toPlain(proofOf(vector).proof)).toEqual(vector.expect.proof);
    else expect(() => proofOf(vector)).toThrow("no proof can be made");
  });

  it("makes a proof that holds for any states of two folders", () => {
    const files = arbitraryManifest({ maxLength: 6 });
    fc.assert(
      fc.property(files, files, files, fc.boolean(), (before, after, other, withMembership) => {
        const domains = [
          { folder: "one", before, after },
          { folder: "two", before: other, after: before },
        ];
        const proof = wholeProof({ runId: "run", timestamp: "t", domains }, { withMembership });
        const checked = checkProofDocument(proof.proof, nodeCrypto);
        expect(checked).toMatchObject({ ok: true, value: { restoration: proof.restoration } });
      }),
    );
  });

  it("does not depend on the order of folders and files", () => {
    const [a, b] = [file("a"), file("b")];
    const forth = made([
      { folder: "x", before: [a, b], after: [b, a] },
      { folder: "y", before: [], after: [] },
    ]);
    const back = made([
      { folder: "y", before: [], after: [] },
      { folder: "x", before: [b, a], after: [a, b] },
    ]);
    expect(back.proof.get("proof_hash")).toBe(forth.proof.get("proof_hash"));
  });
});

describe("makeProof refuses scratch folders", () => {
  it("if a file before the run and another after it have one key", () => {
    // The first folder lost its file, the second gained one: without the refusal, all would be as found.
    const domains = [
      { folder: "a", before: [file("b/x", "same")], after: [] },
      { folder: "a/b", before: [], after: [file("x", "same")] },
    ];
    expect(() => made(domains)).toThrow("keys collide: a/b/x");
  });

  it("if one file has two names", () => {
    const domains = [{ folder: "d", before: [file("x"), file("./x")], after: [] }];
    expect(() => made(domains)).toThrow("keys collide: d/./x");
  });

  it.each(["../x", "/x", "x/", "x/.", "a/../x", "", ".", "a\\b", "C:x", "\ud800"])(
    "with a file named %j, and reports its path in the folder",
    (path) => {
      const domains = [{ folder: "d", before: [], after: [{ path, digest: file("x").digest }] }];
      expect(() => made(domains)).toThrow(`unlawful entry: d/${path}`);
    },
  );

  it.each(["", "/tmp", "../scratch", "a//b", "a/"])("if one is named %j", (folder) => {
    expect(() => made([{ folder, before: [], after: [] }])).toThrow(`unlawful domain: ${folder}`);
  });

  it("if one is given twice", () => {
    const domain = { folder: "d", before: [], after: [] };
    expect(() => made([domain, domain])).toThrow("domain twice: d");
  });
});

describe("a changed scratch folder", () => {
  const before = [file("kept"), file("gone"), file("changed", "before")];

  it("is detected by a new link, which has no digest", () => {
    const { proof, restoration } = made([{ folder: "d", before: [], after: [], undigested: ["link"] }]);
    expect(restoration).toEqual({
      condition: "RESTORATION_FAILED_EXTRA_FILES",
      mismatches: [{ path: "link", type: "extra" }],
    });
    expect(checkProofDocument(proof, nodeCrypto).ok).toBe(true);
  });

  it("is detected if a link replaces a file", () => {
    const [kept] = before;
    const domain = { folder: "d", before: [kept ?? file("kept")], after: [], undigested: ["kept"] };
    expect(made([domain]).restoration).toMatchObject({
      condition: "RESTORATION_FAILED_HASH_MISMATCH",
      mismatches: [{ path: "kept", type: "hash_mismatch", expected: file("kept").digest }],
    });
  });

  it("is reported as unreachable before any other difference", () => {
    const { proof, restoration } = made([{ folder: "d", before, after: [], unreachable: true }]);
    expect(restoration.condition).toBe("RESTORATION_FAILED_DOMAIN_UNREACHABLE");
    expect(restoration.mismatches).toHaveLength(3);
    expect(checkProofDocument(proof, nodeCrypto).ok).toBe(true);
  });

  it("is reported as unreachable even if it was empty", () => {
    const { proof } = made([{ folder: "d", before: [], after: [], unreachable: true }]);
    expect(toPlain(proof.get("restoration_result") ?? null)).toEqual({
      verified: false,
      condition: "RESTORATION_FAILED_DOMAIN_UNREACHABLE",
      mismatches: [],
    });
    expect(checkProofDocument(proof, nodeCrypto).ok).toBe(true);
  });
});

describe("the link of a proof", () => {
  const { proof } = made([{ folder: "d", before: [file("a")], after: [file("a")] }]);
  const previous = digestOf(Buffer.from("before"));

  it("is covered by the proof's hash", () => {
    const { proof: linked, proofHash } = linkProof(proof, previous, nodeCrypto);
    expect(isHexDigest(proofHash)).toBe(true);
    expect(linked.get("proof_hash")).toBe(proofHash);
    expect(linked.get("previous_proof_hash")).toBe(previous);
    expect(proofHash).not.toBe(proof.get("proof_hash"));
    expect(checkProofDocument(linked, nodeCrypto).ok).toBe(true);
  });
});
