import { describe, expect, it } from "vitest";
import type { OutputClaims } from "../../../../src/core/records/artifacts/output-claims.ts";
import type { SealedTree } from "../../../../src/core/records/tree/output-tree.ts";
import { compareSealed, type SealedChanges } from "../../../../src/core/records/tree/tree-changes.ts";
import { TextViews } from "../../../../src/core/system/json/text-views.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { claimsOf } from "../../../support/bundles/claims.ts";
import { type TreeMembers, treeOf } from "../../../support/bundles/output-trees.ts";
import { fc } from "../../../support/rings/properties.ts";

function sealed(members: Partial<TreeMembers>, files: readonly string[] = []): SealedTree {
  return { ...treeOf(members), files: TextViews.of(files), rows: undefined };
}

const link = (path: string, target: string): { path: string; target: string } => ({ path, target });

/** The changes between two bundles, whose files are all empty. */
function compareTrees(
  before: SealedTree | undefined,
  after: SealedTree | undefined,
): SealedChanges["changes"] {
  const [old, fresh] = [before, after].map((tree) => ({
    claims: claimsOf([...(tree?.files ?? [])].map((path) => [path, declared("")])),
    tree,
  }));
  if (old === undefined || fresh === undefined) throw new TypeError("two trees were given");
  return compareSealed(old, fresh, nodeCrypto).changes;
}

function declared(content: string): string {
  return `sha256:${sha256(content)}`;
}

describe("changes between two trees", () => {
  it("are absent between a tree and itself", () => {
    const tree = sealed({ modes: { "755": ["a"] }, links: [link("b", "a")], empty_folders: ["c"] }, ["a"]);
    expect(compareTrees(tree, tree)).toEqual([]);
  });

  it("are links that came, went, or lead elsewhere, in byte order", () => {
    const before = sealed({ links: [link("a", "x"), link("b", "x"), link("d", "x")] });
    const after = sealed({ links: [link("A", "x"), link("b", "y"), link("c", "x"), link("d", "x")] });
    expect(compareTrees(before, after)).toEqual([
      { path: "A", kind: "link", change: "added", after: "x" },
      { path: "a", kind: "link", change: "removed", before: "x" },
      { path: "b", kind: "link", change: "changed", before: "x", after: "y" },
      { path: "c", kind: "link", change: "added", after: "x" },
    ]);
  });

  it("are folders only if the other tree does not have them at all", () => {
    const before = sealed({ empty_folders: ["filled", "gone"] }, ["emptied/a"]);
    const after = sealed({ empty_folders: ["emptied", "fresh"] }, ["filled/a"]);
    expect(compareTrees(before, after).filter(({ kind }) => kind === "folder")).toEqual([
      { path: "fresh", kind: "folder", change: "added" },
      { path: "gone", kind: "folder", change: "removed" },
    ]);
  });

  it("are modes of files that both have", () => {
    const before = sealed({ modes: { "755": ["gone", "was"] } }, ["gone", "same", "was", "will"]);
    const after = sealed({ modes: { "755": ["fresh", "will"] } }, ["fresh", "same", "was", "will"]);
    expect(compareTrees(before, after)).toMatchObject([
      { path: "fresh", change: "added" },
      { path: "gone", change: "removed" },
      { path: "was", kind: "file", change: "mode", before: "755", after: "644" },
      { path: "will", kind: "file", change: "mode", before: "644", after: "755" },
    ]);
  });

  it("are modes of folders between two snapshots", () => {
    const snapshot = (mode: string): SealedTree =>
      sealed({ kind: "snapshot", folder_modes: { [mode]: ["a"] } }, ["a/b"]);
    expect(compareTrees(snapshot("700"), snapshot("750"))).toEqual([
      { path: "a", kind: "folder", change: "mode", before: "700", after: "750" },
    ]);
    const usual = sealed({ kind: "snapshot" }, ["a/b"]);
    expect(compareTrees(usual, snapshot("750"))).toEqual([
      { path: "a", kind: "folder", change: "mode", before: "755", after: "750" },
    ]);
  });

  it("do not name the bits of a snapshot that an outputs tree does not know", () => {
    const snapshot = sealed(
      { kind: "snapshot", modes: { "600": ["a"], "700": ["b"] }, folder_modes: { "700": ["d"] } },
      ["a", "b", "d/e"],
    );
    const outputs = sealed({ modes: { "755": ["b"] } }, ["a", "b", "d/e"]);
    expect(compareTrees(snapshot, outputs)).toEqual([]);
  });

  it("are two for an entry that became one of another kind", () => {
    const before = sealed({ empty_folders: ["a"] });
    const after = sealed({ links: [link("a", "b")] });
    expect(compareTrees(before, after)).toEqual([
      { path: "a", kind: "link", change: "added", after: "b" },
      { path: "a", kind: "folder", change: "removed" },
    ]);
  });

  it("are two for a file with other bytes and another mode", () => {
    const state = (content: string, programs: readonly string[]) => ({
      claims: claimsOf([["a", declared(content)]]),
      tree: sealed({ modes: programs.length === 0 ? {} : { "755": programs } }, ["a"]),
    });
    expect(compareSealed(state("1", []), state("2", ["a"]), nodeCrypto)).toEqual({
      changes: [
        { path: "a", kind: "file", change: "changed", before: declared("1"), after: declared("2") },
        { path: "a", kind: "file", change: "mode", before: "644", after: "755" },
      ],
      same: 0,
    });
  });

  it("are all links and empty folders if the other bundle has no tree, and no modes", () => {
    const tree = sealed({ modes: { "755": ["a"] }, links: [link("b", "a")], empty_folders: ["c"] }, ["a"]);
    const bare = { claims: claimsOf([["a", declared("")]]), tree: undefined };
    expect(compareSealed(bare, { ...bare, tree }, nodeCrypto)).toEqual({
      changes: [
        { path: "b", kind: "link", change: "added", after: "a" },
        { path: "c", kind: "folder", change: "added" },
      ],
      same: 1,
    });
  });
});

type Outputs = Readonly<Record<string, string>>;

/** Compares two bundles with these paths and contents, without trees. */
function compareOutputs(before: Outputs, after: Outputs): SealedChanges {
  const claims = (outputs: Outputs): OutputClaims =>
    claimsOf(Object.entries(outputs).map(([path, content]) => [path, declared(content)]));
  return compareSealed(
    { claims: claims(before), tree: undefined },
    { claims: claims(after), tree: undefined },
    nodeCrypto,
  );
}

const anyOutputs = fc.dictionary(fc.constantFrom("a", "b", "c/d", "c/e", "é"), fc.constantFrom("x", "y"), {
  noNullPrototype: true,
});

describe("comparing two bundles, output by output", () => {
  it("lists added, removed and changed outputs, and counts the rest", () => {
    const changes = compareOutputs(
      { same: "1", gone: "2", other: "3" },
      { same: "1", other: "4", fresh: "2" },
    );
    expect(changes).toEqual({
      changes: [
        { path: "fresh", kind: "file", change: "added", after: declared("2") },
        { path: "gone", kind: "file", change: "removed", before: declared("2") },
        { path: "other", kind: "file", change: "changed", before: declared("3"), after: declared("4") },
      ],
      same: 1,
    });
  });

  it("finds no difference between a bundle and itself, in any order", () => {
    fc.assert(
      fc.property(anyOutputs, (outputs) => {
        const reversed = Object.fromEntries(Object.entries(outputs).reverse());
        expect(compareOutputs(outputs, reversed)).toEqual({
          changes: [],
          same: Object.keys(outputs).length,
        });
      }),
    );
  });

  it("includes every output exactly once", () => {
    fc.assert(
      fc.property(anyOutputs, anyOutputs, (left, right) => {
        const { changes, same } = compareOutputs(left, right);
        expect(new Set(changes.map(({ path }) => path)).size).toBe(changes.length);
        expect(changes.length + same).toBe(new Set([...Object.keys(left), ...Object.keys(right)]).size);
      }),
    );
  });

  it("lists paths in the order of their bytes", () => {
    const { changes } = compareOutputs({}, { "\u{ffff}": "", "\u{10000}": "", a: "", Z: "" });
    expect(changes.map(({ path }) => path)).toEqual(["Z", "a", "\u{ffff}", "\u{10000}"]);
  });

  it("treats a malformed digest as different from everything, itself included", () => {
    const state = { claims: claimsOf([["a", "sha256:none"]]), tree: undefined };
    expect(compareSealed(state, state, nodeCrypto)).toEqual({
      changes: [{ path: "a", kind: "file", change: "changed" }],
      same: 0,
    });
  });
});
