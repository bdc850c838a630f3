import { describe, expect, it } from "vitest";
import type { SealedTree } from "../../../src/core/tree/output-tree.ts";
import { TextViews } from "../../../src/core/tree/text-views.ts";
import { compareTrees } from "../../../src/core/tree/tree-changes.ts";
import { type TreeMembers, treeOf } from "../../support/bundles/output-trees.ts";

function sealed(members: Partial<TreeMembers>, files: readonly string[] = []): SealedTree {
  return { ...treeOf(members), files: TextViews.of(files), rows: undefined };
}

const link = (path: string, target: string): { path: string; target: string } => ({ path, target });

describe("changes between two trees", () => {
  it("are absent between a tree and itself", () => {
    const tree = sealed({ modes: { "755": ["a"] }, links: [link("b", "a")], empty_folders: ["c"] }, ["a"]);
    expect(compareTrees(tree, tree)).toEqual({ added: [], removed: [], changed: [], bothHaveTree: true });
  });

  it("are links that came, went, or lead elsewhere, in byte order", () => {
    const before = sealed({ links: [link("a", "x"), link("b", "x"), link("d", "x")] });
    const after = sealed({ links: [link("A", "x"), link("b", "y"), link("c", "x"), link("d", "x")] });
    expect(compareTrees(before, after)).toMatchObject({
      added: [
        { path: "A", kind: "link", target: "x" },
        { path: "c", kind: "link", target: "x" },
      ],
      removed: [{ path: "a", kind: "link", target: "x" }],
      changed: [{ path: "b", aspect: "target", before: "x", after: "y" }],
    });
  });

  it("are folders only if the other tree does not have them at all", () => {
    const before = sealed({ empty_folders: ["filled", "gone"] }, ["emptied/a"]);
    const after = sealed({ empty_folders: ["emptied", "fresh"] }, ["filled/a"]);
    expect(compareTrees(before, after)).toMatchObject({
      added: [{ path: "fresh", kind: "folder" }],
      removed: [{ path: "gone", kind: "folder" }],
      changed: [],
    });
  });

  it("are modes of files that both have", () => {
    const before = sealed({ modes: { "755": ["gone", "was"] } }, ["gone", "same", "was", "will"]);
    const after = sealed({ modes: { "755": ["fresh", "will"] } }, ["fresh", "same", "was", "will"]);
    expect(compareTrees(before, after)).toMatchObject({
      added: [],
      removed: [],
      changed: [
        { path: "was", aspect: "mode", before: "755", after: "644" },
        { path: "will", aspect: "mode", before: "644", after: "755" },
      ],
    });
  });

  it("are modes of folders between two snapshots", () => {
    const snapshot = (mode: string): SealedTree =>
      sealed({ kind: "snapshot", folder_modes: { [mode]: ["a"] } }, ["a/b"]);
    expect(compareTrees(snapshot("700"), snapshot("750")).changed).toEqual([
      { path: "a", aspect: "mode", before: "700", after: "750" },
    ]);
    const usual = sealed({ kind: "snapshot" }, ["a/b"]);
    expect(compareTrees(usual, snapshot("750")).changed).toEqual([
      { path: "a", aspect: "mode", before: "755", after: "750" },
    ]);
  });

  it("do not name the bits of a snapshot that an outputs tree does not know", () => {
    const snapshot = sealed({ kind: "snapshot", modes: { "600": ["a"], "700": ["b"] } }, ["a", "b"]);
    const outputs = sealed({ modes: { "755": ["b"] } }, ["a", "b"]);
    expect(compareTrees(snapshot, outputs).changed).toEqual([]);
  });

  it("have an entry that became one of another kind in two lists", () => {
    const before = sealed({ empty_folders: ["a"] });
    const after = sealed({ links: [link("a", "b")] });
    expect(compareTrees(before, after)).toMatchObject({
      added: [{ path: "a", kind: "link" }],
      removed: [{ path: "a", kind: "folder" }],
    });
  });

  it("are all links and empty folders if the other bundle has no tree, and no modes", () => {
    const tree = sealed({ modes: { "755": ["a"] }, links: [link("b", "a")], empty_folders: ["c"] }, ["a"]);
    expect(compareTrees(undefined, tree)).toEqual({
      added: [
        { path: "b", kind: "link", target: "a" },
        { path: "c", kind: "folder" },
      ],
      removed: [],
      changed: [],
      bothHaveTree: false,
    });
  });
});
