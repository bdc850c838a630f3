import { describe, expect, it } from "vitest";
import { compareOutputs, type OutputChanges } from "../../../src/core/artifacts/compare-outputs.ts";
import type { OutputClaims } from "../../../src/core/artifacts/output-claims.ts";
import { nodeCrypto } from "../../../src/node/runtime/node-crypto.ts";
import { sha256 } from "../../support/bundles/bundle.ts";
import { claimsOf } from "../../support/bundles/claims.ts";
import { fc } from "../../support/rings/properties.ts";

type Outputs = Readonly<Record<string, string>>;

/** Compares two bundles with these paths and contents. */
function compare(before: Outputs, after: Outputs): OutputChanges {
  const claims = (outputs: Outputs): OutputClaims =>
    claimsOf(Object.entries(outputs).map(([path, content]) => [path, `sha256:${sha256(content)}`]));
  return compareOutputs(claims(before), claims(after), nodeCrypto);
}

const anyOutputs = fc.dictionary(fc.constantFrom("a", "b", "c/d", "c/e", "é"), fc.constantFrom("x", "y"), {
  noNullPrototype: true,
});

describe("comparing two bundles, output by output", () => {
  it("lists added, removed and changed outputs, and counts the rest", () => {
    const changes = compare({ same: "1", gone: "2", other: "3" }, { same: "1", other: "4", fresh: "2" });
    expect(changes).toEqual({
      added: [{ path: "fresh", digest: sha256("2") }],
      removed: [{ path: "gone", digest: sha256("2") }],
      changed: [{ path: "other", before: sha256("3"), after: sha256("4") }],
      same: 1,
    });
  });

  it("finds no difference between a bundle and itself, in any order", () => {
    fc.assert(
      fc.property(anyOutputs, (outputs) => {
        const reversed = Object.fromEntries(Object.entries(outputs).reverse());
        expect(compare(outputs, reversed)).toEqual({
          added: [],
          removed: [],
          changed: [],
          same: Object.keys(outputs).length,
        });
      }),
    );
  });

  it("includes every output exactly once", () => {
    fc.assert(
      fc.property(anyOutputs, anyOutputs, (left, right) => {
        const { added, removed, changed, same } = compare(left, right);
        const named = [...added, ...removed, ...changed].map(({ path }) => path);
        expect(new Set(named).size).toBe(named.length);
        expect(named.length + same).toBe(new Set([...Object.keys(left), ...Object.keys(right)]).size);
      }),
    );
  });

  it("lists paths in the order of their bytes", () => {
    const { added } = compare({}, { "\u{ffff}": "", "\u{10000}": "", a: "", Z: "" });
    expect(added.map(({ path }) => path)).toEqual(["Z", "a", "\u{ffff}", "\u{10000}"]);
  });

  it("treats a malformed digest as different from everything, itself included", () => {
    const claims = claimsOf([["a", "sha256:none"]]);
    expect(compareOutputs(claims, claims, nodeCrypto)).toMatchObject({
      changed: [{ path: "a", before: undefined, after: undefined }],
      same: 0,
    });
  });
});
