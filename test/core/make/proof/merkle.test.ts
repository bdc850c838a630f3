import { describe, expect, it } from "vitest";
import { membershipProofObject, proveMembership } from "../../../../src/core/make/proof/membership.ts";
import {
  buildMerkleTree,
  computeManifestRoot,
  type ManifestEntry,
} from "../../../../src/core/make/proof/merkle.ts";
import { digestOf, nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { arbitraryManifest, entriesOf } from "../../../support/bundles/manifest.ts";
import { toPlain } from "../../../support/bundles/plain-json.ts";
import { readVectors, type VectorCase } from "../../../support/bundles/vectors.ts";
import { fc } from "../../../support/rings/properties.ts";

const VECTORS = readVectors("merkle_root");
const WITH_PROOFS = VECTORS.filter(({ params }) => params["proofs"] === true);

/** A tree needs a leaf; where a case allows an empty manifest, it asks for the root alone. */
function rootOf({ params }: VectorCase): unknown {
  const entries = entriesOf(params["manifest"]);
  if (params["sentinel"] === true) return computeManifestRoot(entries, nodeCrypto);
  const tree = buildMerkleTree(entries, nodeCrypto);
  return tree.ok ? { ok: true, value: tree.value.root } : tree;
}

/** The tree as the protocol tells it, with texts: an oracle that shares nothing with the flat arrays. */
function rootByTheText(entries: readonly ManifestEntry[]): string {
  const hash = (text: string): string => digestOf(Buffer.from(text));
  const byBytes = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  let level = byBytes.map(({ path, digest }) => hash(`${path}:${digest}`));
  while (level.length > 1) {
    const below = level;
    const lefts = below.filter((_, index) => index % 2 === 0);
    level = lefts.map((left, index) => hash(left + (below[index * 2 + 1] ?? left)));
  }
  return level[0] ?? hash("");
}

describe("merkle root (PROTOCOL 10)", () => {
  it("has 33 vectors, 10 of them with a proof of each leaf", () => {
    expect(VECTORS).toHaveLength(33);
    expect(WITH_PROOFS).toHaveLength(10);
  });

  it.each(VECTORS)("is the root of $name", (vector) => {
    const { code, ok, root } = vector.expect;
    expect(rootOf(vector)).toEqual(ok ? { ok, value: root } : { ok, code });
  });

  it.each(WITH_PROOFS)("has the membership proof of each leaf of $name", ({ params, expect: expected }) => {
    const tree = buildMerkleTree(entriesOf(params["manifest"]), nodeCrypto);
    if (!tree.ok) throw new TypeError("the vector has no tree");
    const proofs = Array.from(tree.value.entries, ({ path }) => {
      const proof = proveMembership(tree.value, path);
      return [path, proof && toPlain(membershipProofObject(proof))];
    });
    expect(Object.fromEntries(proofs)).toEqual(expected.proofs);
  });

  it("equals a direct computation by the protocol, for any manifest and order of entries", () => {
    fc.assert(
      fc.property(arbitraryManifest({ minLength: 0, maxLength: 70 }), (entries) => {
        expect(computeManifestRoot(entries, nodeCrypto)).toEqual({ ok: true, value: rootByTheText(entries) });
      }),
    );
  });

  it("does not exist if a path occurs twice, at any position", () => {
    fc.assert(
      fc.property(arbitraryManifest({ minLength: 1 }), fc.nat(), fc.nat(), (entries, from, to) => {
        const twice = entries[from % entries.length] as ManifestEntry;
        const doubled = entries.toSpliced(to % (entries.length + 1), 0, twice);
        expect(computeManifestRoot(doubled, nodeCrypto)).toEqual({ ok: false, code: "MANIFEST_INVALID" });
      }),
    );
  });

  it("exists for a path of the greatest length", () => {
    const path = [...Array.from({ length: 15 }, () => "p".repeat(255)), "p".repeat(254), "p"].join("/");
    expect(path).toHaveLength(4096);
    const entries = [
      { path, digest: digestOf(Buffer.from("long")) },
      { path: "short", digest: digestOf(Buffer.from("short")) },
    ];
    expect(computeManifestRoot(entries, nodeCrypto)).toEqual({ ok: true, value: rootByTheText(entries) });
  });
});
