import { cpSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { MAX_PACK_BYTES, MAX_PACK_RECORDS } from "../../../../src/core/internal.ts";
import { joinPacks, SPARED_PACKS } from "../../../../src/node/records/store/join-packs.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import type { PackFile } from "../../../../src/node/system/packs/pack-file.ts";
import { planJoins } from "../../../../src/node/system/packs/plan-joins.ts";
import { faultyFileSystem } from "../../../support/files/faulty-file-system.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { isStored, packNames, packsOf, placeObject, placePackOf } from "../../../support/store/packs.ts";

function makeRoot(): string {
  const root = makeFolder();
  onTestFinished(() => removeTree(root));
  return root;
}

async function joinIn(root: string, fs?: FileSystem, signal?: AbortSignal): Promise<void> {
  using project = AnchoredRoot.open(root, fs);
  await joinPacks(project, { ...(fs === undefined ? {} : { fs }), signal });
}

/** More packs than a seal spares, each with one object. */
function makeManyPacks(root: string, mode = 0o444): readonly string[] {
  const contents = Array.from({ length: SPARED_PACKS + 1 }, (_, index) => `${mode} ${index}`);
  for (const content of contents) placePackOf(root, [content], mode);
  return contents;
}

function expectStored(root: string, contents: readonly string[]): void {
  for (const content of contents) expect(isStored(root, content), content).toBe(true);
}

/** Refuses to remove packs and indexes. */
function keepPacks(unlink: FileSystem["unlinkSync"]): FileSystem["unlinkSync"] {
  return (path) => {
    if (String(path).endsWith(".partial")) unlink(path);
  };
}

/** As the plan sees a pack. */
function packOf(bytes: number, records = 1): PackFile {
  const { ctimeMs, ctimeNs, dev, ino, mtimeNs, uid } = statSync(makeRoot(), { bigint: true });
  const stats = { ctimeMs, ctimeNs, dev, ino, mode: 0o100444n, mtimeNs, size: BigInt(bytes), uid };
  return { id: "0".repeat(64) as PackFile["id"], records, stats };
}

const sizesOf = (groups: readonly (readonly PackFile[])[]) =>
  groups.map((group) => group.map(({ stats }) => Number(stats.size)));

describe("which packs are joined", () => {
  it("are never more than one pack may hold", () => {
    const half = MAX_PACK_BYTES / 2;
    expect(sizesOf(planJoins([packOf(half), packOf(half), packOf(half)], 1))).toEqual([[half, half]]);
    expect(planJoins([packOf(half + 1), packOf(half + 1)], 1)).toEqual([]);
    const many = MAX_PACK_RECORDS / 2;
    expect(planJoins([packOf(1, many), packOf(1, many), packOf(1, many)], 1)[0]).toHaveLength(2);
  });
});

describe("joining after a seal", () => {
  it("leaves few packs after many seals, and copies each object few times", async () => {
    const root = makeRoot();
    const contents: string[] = [];
    let copied = 0;
    for (let seal = 0; seal < 100; seal++) {
      contents.push(`object ${seal}`);
      placePackOf(root, [`object ${seal}`]);
      const placed = packNames(root);
      await joinIn(root);
      const now = packNames(root);
      for (const name of now) copied += placed.includes(name) ? 0 : statSync(join(packsOf(root), name)).size;
      expect(now.length).toBeLessThanOrEqual(SPARED_PACKS + 1);
    }
    const bytes = packNames(root).reduce((sum, name) => sum + statSync(join(packsOf(root), name)).size, 0);
    expect(copied / bytes, "about the logarithm of their number").toBeLessThan(8);
    expectStored(root, contents);
    expect(packNames(root, ".idx")).toHaveLength(packNames(root).length);
  });

  it("spares a few packs", async () => {
    const root = makeRoot();
    for (let seal = 0; seal < SPARED_PACKS; seal++) placePackOf(root, [`${seal}`]);
    await joinIn(root);
    expect(packNames(root)).toHaveLength(SPARED_PACKS);
  });

  it("keeps the modes, and each object once", async () => {
    const root = makeRoot();
    const contents = [...makeManyPacks(root), ...makeManyPacks(root, 0o400)];
    placePackOf(root, [contents[0] ?? "", "new"]);
    await joinIn(root);
    const packs = packNames(root).map((name) => statSync(join(packsOf(root), name)));
    expect(packs.map(({ mode }) => mode & 0o777).sort()).toEqual([0o400, 0o444]);
    expectStored(root, [...contents, "new"]);
  });

  it("leaves a pack with wrong bytes as it is, and joins the others", async () => {
    const root = makeRoot();
    const contents = makeManyPacks(root);
    const bad = placePackOf(root, [{ of: "right", bytes: "wrong" }]);
    await joinIn(root);
    expect(packNames(root)).toHaveLength(2);
    expect(packNames(root)).toContain(`${bad}.pack`);
    expectStored(root, contents);
  });

  it("clears up after a seal that was killed before it removed what it had joined", async () => {
    const root = makeRoot();
    const contents = makeManyPacks(root);
    await joinIn(root, { ...nodeFileSystem, unlinkSync: keepPacks(nodeFileSystem.unlinkSync) });
    expect(packNames(root)).toHaveLength(contents.length + 1);
    await joinIn(root);
    expect(packNames(root)).toHaveLength(1);
    expect(packNames(root, "")).toHaveLength(2);
    expectStored(root, contents);
  });

  it("does nothing where there is no folder of packs, or a file in its place", async () => {
    const root = makeRoot();
    await joinIn(root);
    placeObject(root, "alpha");
    await joinIn(root);
    expect(readdirSync(join(root, ".runseal"))).toEqual(["objects"]);
  });

  it("ends on a signal, and leaves what was there", async () => {
    const root = makeRoot();
    const contents = makeManyPacks(root);
    const before = packNames(root, "");
    await joinIn(root, undefined, AbortSignal.abort());
    const after = packNames(root, "");
    expect([before.length, 2]).toContain(after.length);
    expect(after.filter((name) => name.endsWith(".partial"))).toEqual([]);
    expectStored(root, contents);
  });

  it.each([
    ["ENOSPC", "before"],
    ["EIO", "after"],
  ] as const)(
    "never throws, and loses nothing, whatever call fails with %s %s it did its work",
    async (errno, when) => {
      const template = makeRoot();
      const contents = makeManyPacks(template);
      for (let at = 0; ; at++) {
        const root = makeFolder();
        cpSync(template, root, { recursive: true });
        const { calls, fs } = faultyFileSystem({ kind: "change", at, errno, when, persists: false });
        await joinIn(root, fs);
        expectStored(root, contents);
        const failed = calls[at];
        const partials = packNames(root, ".partial");
        removeTree(root);
        if (failed === undefined) break;
        if (!["unlinkSync", "openSync"].includes(failed)) expect(partials, `${failed} ${at}`).toEqual([]);
      }
    },
  );

  it("loses nothing if a disk fills up for good", async () => {
    const template = makeRoot();
    const contents = makeManyPacks(template);
    for (let at = 0; ; at++) {
      const root = makeFolder();
      cpSync(template, root, { recursive: true });
      const { calls, fs } = faultyFileSystem({
        kind: "change",
        at,
        errno: "ENOSPC",
        when: "before",
        persists: true,
      });
      await joinIn(root, fs);
      expectStored(root, contents);
      removeTree(root);
      if (calls.length <= at) break;
    }
  });
});
