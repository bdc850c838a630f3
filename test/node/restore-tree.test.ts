import { describe, expect, it } from "vitest";
import { undoRestore } from "../support/restore-acts.ts";
import { makeTreeScene } from "../support/restore-scene.ts";
import { snapshotTree, type TreeSnapshot } from "../support/tree.ts";

const RESULTS = ["RESTORE_TREE.json", "RESTORE_MANIFEST.json", "RESTORE_REPORT.json"];

/** What was restored, without the result artifacts. */
function restoredTree(target: string): TreeSnapshot {
  const found = new Map(snapshotTree(target));
  for (const name of RESULTS) expect(found.delete(name), name).toBe(true);
  return found;
}

describe("a restore of a bundle with a tree", () => {
  it("makes files, links and empty folders as they were sealed, in a new root", async () => {
    using scene = makeTreeScene();
    const target = scene.newTarget();
    expect(await scene.restore(target, undefined, { mkdir: true })).toMatchObject({ ok: true });
    expect(restoredTree(target)).toEqual(snapshotTree(scene.source("")));
  });

  it("makes them in an existing root", async () => {
    using scene = makeTreeScene();
    const target = scene.existingTarget({});
    expect(await scene.restore(target)).toMatchObject({ ok: true });
    expect(restoredTree(target)).toEqual(snapshotTree(scene.source("")));
  });

  it("is undone", async () => {
    using scene = makeTreeScene();
    const target = scene.existingTarget();
    const before = snapshotTree(target);
    expect(await scene.restore(target)).toMatchObject({ ok: true });
    expect(await undoRestore({ target })).toMatchObject({ ok: true, isClean: true });
    expect(snapshotTree(target)).toEqual(before);
  });
});
