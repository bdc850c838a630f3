import { chmodSync, chownSync, existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { MAX_PACKED_BYTES } from "../../src/core/internal.ts";
import { collectGarbage } from "../../src/node/store/collect/collect-garbage.ts";
import { isStored, nameContents, packNames, packsOf, placeObject, placePackOf } from "../support/packs.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

function makeProject(named: readonly string[]): string {
  const root = makeFolder();
  onTestFinished(() => removeTree(root));
  nameContents(root, "one", named);
  return root;
}

async function repack(root: string, dryRun = false) {
  const collected = await collectGarbage({ root, repack: true, dryRun });
  if (!collected.ok) throw new Error(`not collected: ${collected.message}`);
  return collected.value;
}

describe("gc --repack", () => {
  it("puts objects for all users and those for their owner into different packs", async () => {
    const root = makeProject(["alpha", "beta"]);
    const files = [placeObject(root, "alpha"), placeObject(root, "beta", { mode: 0o400 })];
    expect(await repack(root)).toMatchObject({ packed: 2, packsWritten: 2, kept: 2, damaged: [] });
    expect(files.map((path) => existsSync(path))).toEqual([false, false]);
    const modes = packNames(root).map((name) => statSync(join(packsOf(root), name)).mode & 0o777);
    expect(modes.sort()).toEqual([0o400, 0o444]);
    for (const content of ["alpha", "beta"]) expect(isStored(root, content)).toBe(true);
  });

  it.each([0o440, 0o404])("leaves an object of mode %o a file", async (mode) => {
    const root = makeProject(["alpha"]);
    const path = placeObject(root, "alpha");
    chmodSync(path, mode);
    expect(await repack(root)).toMatchObject({ packed: 0, packsWritten: 0, kept: 1 });
    expect(lstatSync(path).mode & 0o777).toBe(mode);
  });

  it("leaves another user's object a file", async ({ skip }) => {
    skip(process.geteuid?.() !== 0, "only root can give a file away");
    const root = makeProject(["alpha"]);
    const path = placeObject(root, "alpha");
    chownSync(path, 12345, 12345);
    expect(await repack(root)).toMatchObject({ packed: 0, packsWritten: 0 });
    expect(existsSync(path)).toBe(true);
  });

  it("leaves an object with wrong bytes where it is, and reports it", async () => {
    const root = makeProject(["alpha", "beta"]);
    placeObject(root, "alpha");
    const path = placeObject(root, "beta", { bytes: "BETA" });
    const damaged = [{ path: expect.stringMatching(/^\.runseal\/objects\//), problem: "content" }];
    expect(await repack(root)).toMatchObject({ packed: 1, damaged });
    expect(existsSync(path)).toBe(true);
  });

  it("packs an object of 1 MiB, and none that is larger", async () => {
    const contents = ["x".repeat(MAX_PACKED_BYTES), "x".repeat(MAX_PACKED_BYTES + 1), ""];
    const root = makeProject(contents);
    const paths = contents.map((content) => placeObject(root, content));
    expect(await repack(root)).toMatchObject({ packed: 2, packsWritten: 1, kept: 3 });
    expect(paths.map((path) => existsSync(path))).toEqual([false, true, false]);
    for (const content of contents) expect(isStored(root, content)).toBe(true);
  });

  it("does not pack again what a pack holds, and packs what one holds with wrong bytes", async () => {
    const root = makeProject(["alpha", "beta"]);
    placePackOf(root, ["alpha", { of: "beta", bytes: "BETA" }]);
    for (const content of ["alpha", "beta"]) placeObject(root, content);
    expect(await repack(root)).toMatchObject({ packed: 2, kept: 2 });
    for (const content of ["alpha", "beta"]) expect(isStored(root, content)).toBe(true);
    expect(readdirSync(join(root, ".runseal", "objects"))).toEqual([]);
  });

  it("removes what no bundle names instead of packing it", async () => {
    const root = makeProject(["alpha"]);
    placeObject(root, "alpha");
    placeObject(root, "garbage");
    expect(await repack(root, true)).toMatchObject({ removed: 1, packed: 1, packsWritten: 1 });
    expect(existsSync(packsOf(root)), "a dry run makes no folder").toBe(false);
    expect(await repack(root)).toMatchObject({ removed: 1, packed: 1, packsWritten: 1 });
  });
});
