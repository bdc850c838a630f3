import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { collectGarbage } from "../../../../src/node/records/store/collect/collect-garbage.ts";
import type { CollectRequest } from "../../../../src/node/records/store/collect/removals.ts";
import { StoredObjects } from "../../../../src/node/records/store/stored-objects.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { digestOf } from "../../../support/store/keep.ts";
import {
  indexAt,
  isStored,
  nameContents,
  offsetsOf,
  overwrite,
  packAt,
  packNames,
  packsOf,
  placeIndexOf,
  placePackOf,
} from "../../../support/store/packs.ts";

const KEPT = ["alpha", "beta", "gamma"];

/** More than a pack may waste. */
const LARGE: readonly string[] = ["x", "y"].map((letter) => letter.repeat(700_000));

function makeProject(named: readonly string[] = KEPT): string {
  const root = makeFolder();
  onTestFinished(() => removeTree(root));
  nameContents(root, "one", named);
  return root;
}

async function collect(root: string, options: Partial<CollectRequest> = {}) {
  const collected = await collectGarbage({ root, ...options });
  if (!collected.ok) throw new Error(`not collected: ${collected.message}`);
  return collected.value;
}

function expectStored(root: string, contents: readonly string[] = KEPT): void {
  for (const content of contents) expect(isStored(root, content), content.slice(0, 20)).toBe(true);
}

describe("prune and packs: what becomes of a pack", () => {
  it("removes a pack of which nothing is needed, and its index", async () => {
    const root = makeProject();
    placePackOf(root, ["garbage", "more garbage"]);
    const kept = placePackOf(root, KEPT);
    expect(await collect(root)).toMatchObject({
      removed: 2,
      bytes: 19,
      kept: 3,
      packsRemoved: 1,
      packsWritten: 0,
    });
    expect(readdirSync(packsOf(root)).sort()).toEqual([`${kept}.idx`, `${kept}.pack`]);
    expectStored(root);
  });

  it("keeps a pack of which little is not needed, and says how much that is", async () => {
    const root = makeProject();
    const id = placePackOf(root, [...KEPT, "garbage"]);
    expect(await collect(root)).toMatchObject({ removed: 0, kept: 3, waste: 7, packsRemoved: 0 });
    expect(packNames(root)).toEqual([`${id}.pack`]);
  });

  it("rewrites a pack of which less than half is needed and more than 1 MiB is not", async () => {
    const root = makeProject();
    const id = placePackOf(root, ["alpha", LARGE[0] ?? "", "beta", LARGE[1] ?? "", "gamma"]);
    expect(await collect(root)).toMatchObject({
      removed: 2,
      bytes: 1_400_000,
      kept: 3,
      packsRemoved: 1,
      packsWritten: 1,
      waste: 0,
    });
    expect(packNames(root)).not.toContain(`${id}.pack`);
    expect(packNames(root, ".idx")).toHaveLength(1);
    expectStored(root);
    const [name = ""] = packNames(root);
    expect(statSync(join(packsOf(root), name)).mode & 0o777).toBe(0o444);
    expect(await collect(root)).toMatchObject({ removed: 0, packsRemoved: 0, packsWritten: 0 });
  });

  it("keeps a pack of which at least half is needed, however much is not", async () => {
    const large = LARGE.map((content) => `${content}!`);
    const root = makeProject(large);
    placePackOf(root, [...LARGE, ...large]);
    expect(await collect(root)).toMatchObject({ removed: 0, waste: 1_400_000, packsRemoved: 0 });
  });

  it("rewrites a pack for its owner into one for its owner", async () => {
    const root = makeProject();
    placePackOf(root, [...KEPT, ...LARGE], 0o400);
    expect(await collect(root)).toMatchObject({ packsWritten: 1 });
    const names = readdirSync(packsOf(root));
    expect(names).toHaveLength(2);
    for (const name of names) expect(statSync(join(packsOf(root), name)).mode & 0o777).toBe(0o400);
  });

  it("says the same with --dry-run, and changes nothing", async () => {
    const root = makeProject();
    placePackOf(root, [...KEPT, ...LARGE]);
    placePackOf(root, ["garbage"]);
    writeFileSync(join(packsOf(root), ".0123456789abcdef.partial"), "half");
    const before = readdirSync(packsOf(root));
    const told = await collect(root, { dryRun: true });
    expect(told).toMatchObject({
      removed: 3,
      bytes: 1_400_007,
      kept: 3,
      packsRemoved: 2,
      packsWritten: 1,
      partial: 1,
    });
    expect(readdirSync(packsOf(root))).toEqual(before);
    expect(await collect(root)).toEqual(told);
  });

  it("joins packs of one mode, and not those of different modes", async () => {
    const root = makeProject(["a", "b", "c", "d"]);
    placePackOf(root, ["a"]);
    placePackOf(root, ["b"]);
    placePackOf(root, ["c"], 0o400);
    placePackOf(root, ["d"], 0o400);
    expect(await collect(root)).toMatchObject({ packsRemoved: 4, packsWritten: 2, kept: 4 });
    const modes = packNames(root).map((name) => statSync(join(packsOf(root), name)).mode & 0o777);
    expect(modes.sort()).toEqual([0o400, 0o444]);
    expectStored(root, ["a", "b", "c", "d"]);
  });

  it("leaves out what is not needed when it joins packs", async () => {
    const root = makeProject();
    placePackOf(root, ["alpha", "garbage"]);
    placePackOf(root, ["beta", "gamma", "more garbage"]);
    expect(await collect(root)).toMatchObject({ removed: 2, bytes: 19, kept: 3, packsWritten: 1, waste: 0 });
    expectStored(root);
  });

  it("leaves alone packs whose modes are not those of runseal", async () => {
    const root = makeProject();
    const ids = [placePackOf(root, ["alpha", "beta"]), placePackOf(root, ["gamma", ...LARGE])];
    for (const id of ids) chmodSync(packAt(root, id), 0o440);
    expect(await collect(root)).toMatchObject({ packsRemoved: 0, packsWritten: 0 });
  });
});

describe("prune and packs: copies of one object", () => {
  it("keeps an object once when it joins packs that hold it", async () => {
    const root = makeProject();
    placePackOf(root, KEPT);
    placePackOf(root, [...KEPT, "garbage"]);
    expect(await collect(root)).toMatchObject({ packsRemoved: 2, packsWritten: 1, removed: 1, kept: 3 });
    expect(packNames(root)).toEqual([`${placePackOf(makeProject(), KEPT)}.pack`]);
    expectStored(root);
  });

  it("copies the bytes of another pack where a record has wrong ones", async () => {
    const root = makeProject();
    placePackOf(root, KEPT);
    placePackOf(root, [...KEPT.slice(0, 2), { of: "gamma", bytes: "GAMMA" }, "garbage"]);
    expect(await collect(root)).toMatchObject({ packsRemoved: 2, packsWritten: 1, damaged: [] });
    expectStored(root);
  });

  it("takes good bytes from a pack that more users may read, and leaves that pack as it is", async () => {
    const root = makeProject();
    const other = placePackOf(root, KEPT);
    placePackOf(root, ["alpha", { of: "beta", bytes: "BETA" }, ...LARGE], 0o400);
    expect(await collect(root)).toMatchObject({ packsRemoved: 1, packsWritten: 1, damaged: [] });
    rmSync(packAt(root, other));
    expectStored(root, ["alpha", "beta"]);
  });

  it("shows no bytes of a pack for its owner to all users", async () => {
    const root = makeProject();
    placePackOf(root, KEPT, 0o400);
    const id = placePackOf(root, ["alpha", { of: "beta", bytes: "BETA" }, ...LARGE]);
    const damaged = [{ path: `.runseal/packs/${id}.pack`, problem: "content" }];
    expect(await collect(root)).toMatchObject({ packsRemoved: 0, packsWritten: 0, damaged });
  });

  it("takes good bytes from a pack that this prune made", async () => {
    const root = makeProject();
    placePackOf(root, [...KEPT, ...LARGE]);
    placePackOf(root, ["alpha", { of: "beta", bytes: "BETA" }, "garbage"]);
    expect(await collect(root)).toMatchObject({ damaged: [] });
    expectStored(root);
  });
});

describe("prune and packs: nothing is lost", () => {
  it("keeps a pack whose record has wrong bytes and no other copy, and reports it", async () => {
    const root = makeProject();
    const id = placePackOf(root, ["alpha", { of: "beta", bytes: "BETA" }, "gamma", ...LARGE]);
    const damaged = [{ path: `.runseal/packs/${id}.pack`, problem: "content" }];
    expect(await collect(root)).toMatchObject({ damaged, packsRemoved: 0, packsWritten: 0, removed: 0 });
    expect(packNames(root, "")).toEqual([`${id}.idx`, `${id}.pack`]);
  });

  it("reads the records of a pack whose index omits one that is needed", async () => {
    const root = makeProject();
    const id = placePackOf(root, ["garbage", "gamma"]);
    placePackOf(root, ["alpha", "beta"]);
    placeIndexOf(root, id, [{ content: "garbage", offset: 16 }]);
    await collect(root);
    expectStored(root);
  });

  it("repairs an index with a right checksum and wrong offsets", async () => {
    const root = makeProject();
    const id = placePackOf(root, KEPT);
    const right = readFileSync(indexAt(root, id));
    const offsets = offsetsOf(KEPT).toReversed();
    placeIndexOf(
      root,
      id,
      KEPT.map((content, index) => ({ content, offset: offsets[index] ?? 0 })),
    );
    await collect(root);
    expect(readFileSync(indexAt(root, id)).compare(right)).toBe(0);
    expectStored(root);
  });

  it("makes a missing index, and removes one without a pack", async () => {
    const root = makeProject();
    const id = placePackOf(root, KEPT);
    const orphan = placePackOf(root, ["other"]);
    rmSync(indexAt(root, id));
    rmSync(packAt(root, orphan));
    await collect(root);
    expect(packNames(root, "")).toEqual([`${id}.idx`, `${id}.pack`]);
  });

  it("leaves a damaged pack as it is, and names it", async () => {
    const root = makeProject();
    const torn = placePackOf(root, [...KEPT, "garbage"]);
    placePackOf(root, KEPT.slice(0, 2));
    overwrite(packAt(root, torn), (bytes) => bytes.subarray(0, bytes.length - 60));
    const before = readFileSync(packAt(root, torn));
    const damaged = [{ path: `.runseal/packs/${torn}.pack`, problem: "torn" }];
    for (let again = 0; again < 2; again++) expect(await collect(root)).toMatchObject({ damaged, kept: 2 });
    expect(readFileSync(packAt(root, torn)).compare(before)).toBe(0);
    expectStored(root, KEPT.slice(0, 2));
  });

  it("replaces a damaged pack by a new one of its name", async () => {
    const root = makeProject();
    const id = placePackOf(root, KEPT);
    overwrite(packAt(root, id), (bytes) => bytes.subarray(0, bytes.length - 60));
    expect(isStored(root, "alpha")).toBe(false);
    expect(placePackOf(root, KEPT)).toBe(id);
    expect(packNames(root, "")).toEqual([`${id}.idx`, `${id}.pack`]);
    expectStored(root);
  });

  it.each<[string, (path: string) => void]>([
    ["a link", (path) => symlinkSync("/etc/passwd", path)],
    ["a folder", (path) => mkdirSync(path)],
    ["a FIFO", (path) => spawnSync("mkfifo", [path])],
  ])("leaves alone %s in the place of a pack, an index or a partial", async (_what, make) => {
    const root = makeProject();
    placePackOf(root, KEPT);
    const strays = [".0123456789abcdef.partial", `${"0".repeat(64)}.idx`, `${"0".repeat(64)}.pack`];
    for (const name of strays) make(join(packsOf(root), name));
    const shown = strays.map((name) => `.runseal/packs/${name}`);
    expect(await collect(root)).toMatchObject({ strays: shown, damaged: [], partial: 0 });
    expect(readdirSync(packsOf(root))).toHaveLength(5);
  });

  it("keeps a file that is no pack, or one of a newer runseal", async () => {
    const root = makeProject();
    const id = placePackOf(root, KEPT);
    overwrite(packAt(root, id), (bytes) => bytes.fill(2, 6, 7));
    const foreign = join(packsOf(root), `${"0".repeat(64)}.pack`);
    writeFileSync(foreign, "not a pack");
    const told = await collect(root);
    expect(told.damaged.map(({ problem }) => problem)).toEqual(["unknown-form", "unknown-form"]);
    expect(existsSync(foreign) && existsSync(packAt(root, id))).toBe(true);
  });
});

describe("prune and packs: others at work", () => {
  it("lets a reader that opened the store before find everything afterwards", async () => {
    const root = makeProject();
    placePackOf(root, [...KEPT.slice(0, 1), ...LARGE]);
    placePackOf(root, [...KEPT.slice(1), "garbage"]);
    const project = AnchoredRoot.open(root);
    const opened = StoredObjects.open(project);
    if (!opened.ok || opened.value === undefined) throw new Error("no store");
    using store = opened.value;
    expect(store.open(digestOf("beta"))).toMatchObject({ content: Buffer.from("beta") });
    await collect(root);
    for (const content of KEPT)
      expect(store.open(digestOf(content))).toMatchObject({ content: Buffer.from(content) });
    project.close();
  });
});
