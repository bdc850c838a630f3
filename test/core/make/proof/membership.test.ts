import { describe, expect, it } from "vitest";
import {
  checkMembership,
  membershipProofObject,
  proveMembership,
} from "../../../../src/core/make/proof/membership.ts";
import {
  buildMerkleTree,
  type ManifestEntry,
  type MerkleTree,
} from "../../../../src/core/make/proof/merkle.ts";
import type { JsonObject } from "../../../../src/core/system/json/json-value.ts";
import { jsonObject } from "../../../../src/core/system/json/json-value.ts";
import { digestOf, nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { arbitraryManifest, readJson } from "../../../support/bundles/manifest.ts";
import { readVectors } from "../../../support/bundles/vectors.ts";
import { fc } from "../../../support/rings/properties.ts";

const VECTORS = readVectors("membership");

function treeOf(entries: readonly ManifestEntry[]): MerkleTree {
  const tree = buildMerkleTree(entries, nodeCrypto);
  if (!tree.ok) throw new TypeError("a lawful manifest has a tree");
  return tree.value;
}

/** Five files: the last is repeated at two levels. */
const FIVE = treeOf(["a", "b", "c", "d", "e"].map((path) => ({ path, digest: digestOf(Buffer.from(path)) })));

function proofOf(tree: MerkleTree, path: string): JsonObject {
  const proof = proveMembership(tree, path);
  if (proof === undefined) throw new TypeError("the path is in the tree");
  return membershipProofObject(proof);
}

function entryOf(tree: MerkleTree, path: string): ManifestEntry {
  return [...tree.entries].find((entry) => entry.path === path) as ManifestEntry;
}

/** A lowercase hex digest with one bit turned. */
function turnBit(digest: string, bit: number): string {
  const bytes = Buffer.from(digest, "hex");
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
  return bytes.toString("hex");
}

describe("membership (PROTOCOL 10)", () => {
  it("has 36 vectors", () => {
    expect(VECTORS).toHaveLength(36);
  });

  it.each(VECTORS)("gives the result of $name", ({ params, expect: expected }) => {
    const claim = { path: String(params["path"]), digest: String(params["bytes_hash"]) };
    const fault = checkMembership(claim, readJson(params["proof"]), params["root"], nodeCrypto);
    expect(fault?.code ?? "VERIFIED").toBe(expected.code);
    expect(fault === undefined).toBe(expected.ok);
  });

  it("holds for every leaf of every tree", () => {
    fc.assert(
      fc.property(arbitraryManifest({ minLength: 1, maxLength: 40 }), (entries) => {
        const tree = treeOf(entries);
        for (const entry of entries) {
          expect(checkMembership(entry, proofOf(tree, entry.path), tree.root, nodeCrypto)).toBeUndefined();
        }
      }),
    );
  });

  it("is undefined for a path that is not in the tree", () => {
    for (const path of ["", "aa", "f", "A", "e/", "\ud800"]) {
      expect(proveMembership(FIVE, path)).toBeUndefined();
    }
  });

  it("fails if any bit of digest, siblings or root differs", () => {
    const bit = fc.nat(255);
    fc.assert(
      fc.property(
        arbitraryManifest({ minLength: 2, maxLength: 40 }),
        fc.nat(),
        bit,
        (entries, at, turned) => {
          const tree = treeOf(entries);
          const entry = entries[at % entries.length] as ManifestEntry;
          const proof = proveMembership(tree, entry.path);
          if (proof === undefined) throw new TypeError("the path is in the tree");
          const other = { path: entry.path, digest: turnBit(entry.digest, turned) };
          const check = (claim: ManifestEntry, shown: JsonObject, root: string): unknown =>
            checkMembership(claim, shown, root, nodeCrypto)?.reason;
          const shown = membershipProofObject(proof);
          expect(check(other, shown, tree.root)).toBe("digest-differs");
          expect(check(other, new Map([...shown, ["bytes_hash", other.digest]]), tree.root)).toBe(
            "root-differs",
          );
          expect(check(entry, shown, turnBit(tree.root, turned))).toBe("root-differs");
          for (const [index, step] of proof.steps.entries()) {
            const sibling = turnBit(step.sibling, turned) as typeof step.sibling;
            const steps = proof.steps.with(index, { ...step, sibling });
            expect(check(entry, membershipProofObject({ ...proof, steps }), tree.root)).toBe("root-differs");
          }
        },
      ),
    );
  });

  it("gives the side of a sibling, unless a level repeats its last digest", () => {
    const flipped = (path: string): readonly boolean[] => {
      const proof = proveMembership(FIVE, path);
      if (proof === undefined) throw new TypeError("the path is in the tree");
      return proof.steps.map((step, index) => {
        const steps = proof.steps.with(index, { ...step, siblingIsLeft: !step.siblingIsLeft });
        const shown = membershipProofObject({ ...proof, steps });
        return checkMembership(entryOf(FIVE, path), shown, FIVE.root, nodeCrypto) === undefined;
      });
    };
    expect(flipped("a")).toEqual([false, false, false]);
    expect(flipped("e")).toEqual([true, true, false]);
  });

  it("fails for an inner node presented as a leaf", () => {
    // A node's preimage is two digests: no leaf's is, which has a colon between path and digest.
    const claim = { path: hexAt(FIVE, 0, 0), digest: hexAt(FIVE, 0, 1) };
    const proof = jsonObject({ path: claim.path, bytes_hash: claim.digest, steps: [] });
    expect(checkMembership(claim, proof, hexAt(FIVE, 1, 0), nodeCrypto)?.reason).toBe("root-differs");
  });

  it.each([
    ["a path that can't be a leaf's", { path: "C:x" }, "claim-malformed"],
    ["a path that leaves the root", { path: "../a" }, "claim-malformed"],
    ["an uppercase digest", { digest: "A".repeat(64) }, "claim-malformed"],
  ])("fails for %s", (_, changed, reason) => {
    const claim = { ...entryOf(FIVE, "a"), ...changed };
    expect(checkMembership(claim, proofOf(FIVE, "a"), FIVE.root, nodeCrypto)).toEqual({
      ok: false,
      code: "VERIFICATION_FAILED",
      reason,
    });
  });

  it("fails for more than 64 steps, before reading any", () => {
    const step = jsonObject({ sibling: FIVE.root, sibling_is_left: true });
    const check = (steps: number): unknown => {
      const proof = new Map([...proofOf(FIVE, "a"), ["steps", Array.from({ length: steps }, () => step)]]);
      return checkMembership(entryOf(FIVE, "a"), proof, FIVE.root, nodeCrypto)?.reason;
    };
    expect(check(64)).toBe("root-differs");
    expect(check(65)).toBe("too-many-steps");
  });

  it("fails without an exception for any JSON value as proof and any value as root", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.anything(), (proof, root) => {
        expect(checkMembership(entryOf(FIVE, "a"), readJson(proof), FIVE.root, nodeCrypto)?.ok).toBe(false);
        expect(checkMembership(entryOf(FIVE, "a"), proofOf(FIVE, "a"), root, nodeCrypto)?.ok).toBe(false);
        for (const steps of [proof, [proof], [{ sibling: proof, sibling_is_left: true }]]) {
          const odd = new Map([...proofOf(FIVE, "a"), ["steps", readJson(steps)]]);
          expect(checkMembership(entryOf(FIVE, "a"), odd, FIVE.root, nodeCrypto)?.ok).toBe(false);
        }
      }),
    );
  });
});

function hexAt(tree: MerkleTree, level: number, index: number): string {
  const bytes = tree.levels[level] ?? new Uint8Array();
  return Buffer.from(bytes.subarray(index * 32, index * 32 + 32)).toString("hex");
}
