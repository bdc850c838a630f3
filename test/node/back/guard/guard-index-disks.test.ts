import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { readChangeClock, showsMappedStores } from "../../../../src/node/back/guard/index/change-clock.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { folderIn, IndexScene, type Looked } from "../../../support/bundles/index-scene.ts";
import { MountedFolder } from "../../../support/files/file-systems.ts";
import { MappedWriterProgram } from "../../../support/files/mapped-writer.ts";
import { removeTree } from "../../../support/files/tree.ts";
import { ofRing } from "../../../support/rings/ring.ts";

/*
 * The stat index on real file systems (GUARD 2.5, 2.14). Where none can be mounted, as where the tests don't run as root, each test
 * is skipped and says why.
 */

/** A file system, how it is mounted, and how it is made. */
type Disk = readonly ["btrfs" | "ext4" | "tmpfs" | "vfat" | "xfs", readonly string[], readonly string[]];

/** Its inodes have no room for parts of a second. */
const SECONDS: Disk = ["ext4", [], ["-I", "128"]];

/** File systems whose index may answer. */
const ANSWERING: readonly Disk[] = [
  ["ext4", [], []],
  ["ext4", ["data=journal"], []],
  ["ext4", ["lazytime"], []],
  SECONDS,
  ["btrfs", [], []],
  ["btrfs", ["nodatacow"], []],
  ["xfs", [], []],
];

/** All others that are tried. */
const SILENT: readonly Disk[] = [
  ["tmpfs", [], []],
  ["vfat", [], []],
];

const ALL: readonly Disk[] = [...ANSWERING, ...SILENT];
const FEW: readonly Disk[] = [...ANSWERING.slice(0, 1), ...SILENT.slice(0, 1)];

const program = new MappedWriterProgram();
afterAll(() => program[Symbol.dispose]());

function mount(...[type, options, making]: Disk): MountedFolder {
  return type === "tmpfs" ? MountedFolder.tmpfs("size=8m") : MountedFolder.typed(type, options, making);
}

/** Waits until the clock of a file system is past all changes so far. */
async function pass(folder: string): Promise<void> {
  const file = join(folder, ".clock");
  const last = Date.now();
  do {
    await setTimeout(5);
    writeFileSync(file, "");
  } while (statSync(file).ctimeMs <= last);
  removeTree(file);
  await setTimeout(5);
}

/** A file of two pages and more, so that half of it is whole pages. */
const BYTES = 65_536;

function fill(file: string, letter: string): void {
  writeFileSync(file, Buffer.alloc(BYTES, letter));
}

/** Expects each digest of a look to be that of the file now. */
function expectTrue(scene: IndexScene, { digests }: Looked): void {
  expect(digests).toEqual(Object.fromEntries(Object.keys(digests).map((path) => [path, scene.digest(path)])));
}

describe.each(ofRing([...FEW, SECONDS], ALL))(
  "on %s %s %s, an index never gives an old digest",
  (type, options, making) => {
    it("after writes of the same size in a loop", async ({ skip }) => {
      using disk = mount(type, options, making);
      if (disk.obstacle !== undefined) skip(disk.obstacle);
      using scene = new IndexScene(folderIn(disk.folder));
      const file = join(scene.folder, "file");
      for (let turn = 0; turn < ofRing(30, 150); turn++) {
        writeFileSync(file, `${turn % 10} before\n`);
        // The second write follows the look at once, or the first one does.
        if (turn % 3 === 0) await setTimeout(turn % 8);
        await scene.look({ onRead: () => writeFileSync(file, `${turn % 10} during\n`) });
        expectTrue(scene, await scene.look());
        writeFileSync(file, `${turn % 10} after.\n`);
        expectTrue(scene, await scene.look());
      }
    });
  },
);

describe.each(ofRing(FEW, ALL))(
  "on %s %s %s, an index never gives an old digest",
  (type, options, making) => {
    it("after a write of the same size whose mtime is put back", async ({ skip }) => {
      using disk = mount(type, options, making);
      if (disk.obstacle !== undefined) skip(disk.obstacle);
      using scene = new IndexScene(folderIn(disk.folder));
      const file = join(scene.folder, "file");
      writeFileSync(file, "before\n");
      const hour = new Date("2026-01-01T00:00:00Z");
      utimesSync(file, hour, hour);
      await pass(disk.folder);
      await scene.look();
      writeFileSync(file, "after.\n");
      utimesSync(file, hour, hour);
      expectTrue(scene, await scene.look());
    });

    it("after a file of the same size and mtime is renamed over another", async ({ skip }) => {
      using disk = mount(type, options, making);
      if (disk.obstacle !== undefined) skip(disk.obstacle);
      using scene = new IndexScene(folderIn(disk.folder));
      const hour = new Date("2026-01-01T00:00:00Z");
      for (const [name, text] of [
        ["file", "before\n"],
        ["other", "after.\n"],
      ] as const) {
        writeFileSync(join(scene.folder, name), text);
        utimesSync(join(scene.folder, name), hour, hour);
      }
      await pass(disk.folder);
      await scene.look();
      renameSync(join(scene.folder, "other"), join(scene.folder, "file"));
      expectTrue(scene, await scene.look());
    });

    it("after a folder is covered by another one of the same disk", async ({ skip }) => {
      using disk = mount(type, options, making);
      if (disk.obstacle !== undefined) skip(disk.obstacle);
      using scene = new IndexScene(folderIn(disk.folder));
      const hour = new Date("2026-01-01T00:00:00Z");
      const [inside, outside] = [join(scene.folder, "folder"), join(disk.folder, "outside")];
      for (const [folder, text] of [
        [inside, "before\n"],
        [outside, "after.\n"],
      ] as const) {
        mkdirSync(folder);
        writeFileSync(join(folder, "file"), text);
        utimesSync(join(folder, "file"), hour, hour);
      }
      await pass(disk.folder);
      await scene.look();
      using cover = MountedFolder.inside(inside, "bind", outside);
      if (cover.obstacle !== undefined) skip(cover.obstacle);
      expectTrue(scene, await scene.look());
    });

    it.for(["before", "after"] as const)(
      "after a store through a map whose page was made dirty %s the look",
      async (moment, { skip }) => {
        if (program.obstacle !== undefined) skip(program.obstacle);
        using disk = mount(type, options, making);
        if (disk.obstacle !== undefined) skip(disk.obstacle);
        using scene = new IndexScene(folderIn(disk.folder));
        const file = join(scene.folder, "file");
        fill(file, "a");
        await using writer = program.open(file);
        await writer.step("map");
        if (moment === "before") await writer.step("store b");
        await pass(disk.folder);
        await scene.look();
        await writer.step("store c");
        expectTrue(scene, await scene.look());
        await writer.step("store d");
        expectTrue(scene, await scene.look());
      },
    );

    it("after a write that was in progress during the look", async ({ skip }) => {
      if (program.obstacle !== undefined) skip(program.obstacle);
      // A reader of XFS waits for the writer.
      if (type === "xfs") skip("no file of XFS can be read while it is written");
      if (type === "btrfs") skip("an fsync of btrfs waits for the writer");
      using disk = mount(type, options, making);
      if (disk.obstacle !== undefined) skip(disk.obstacle);
      using scene = new IndexScene(folderIn(disk.folder));
      const file = join(scene.folder, "file");
      fill(file, "a");
      await using writer = program.open(file);
      if (!(await writer.step("begin b"))) skip("userfaultfd is closed to this user");
      await pass(disk.folder);
      await scene.look();
      expect(await writer.step("finish")).toBe(true);
      expectTrue(scene, await scene.look());
    });
  },
);

describe.each(ofRing(ANSWERING.slice(0, 1), ANSWERING))("on %s %s %s, an index", (type, options, making) => {
  it("answers for each file that did not change, also where the disk is mounted again", async ({ skip }) => {
    using disk = mount(type, options, making);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new IndexScene(folderIn(disk.folder));
    for (let file = 0; file < 20; file++) writeFileSync(join(scene.folder, `file-${file}`), String(file));
    await pass(disk.folder);
    expect((await scene.look()).read).toHaveLength(20);
    // An index of the same tick is dropped.
    await pass(disk.folder);
    const again = await scene.look();
    expect(again.read).toEqual([]);
    expectTrue(scene, again);
    disk.remount();
    await pass(disk.folder);
    expect((await scene.look()).read).toEqual([]);
    await pass(disk.folder);
    writeFileSync(join(scene.folder, "file-7"), "x");
    expect((await scene.look()).read).toEqual(["file-7"]);
  });

  it("is believed as the file system shows a store through a clean page in ctime", async ({ skip }) => {
    if (program.obstacle !== undefined) skip(program.obstacle);
    using disk = mount(type, options, making);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using folder = AnchoredDir.open(disk.folder);
    expect(showsMappedStores(folder)).toBe(true);
    expect(readChangeClock(folder, nodeFileSystem)).toBeTypeOf("number");
    expect(await seesStores(disk.folder)).toEqual({ dirty: false, clean: true });
  });

  it("is not touched by the clock that it asks, and neither is the folder", async ({ skip }) => {
    using disk = mount(type, options, making);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    const before = statSync(disk.folder, { bigint: true });
    await pass("/tmp");
    using folder = AnchoredDir.open(disk.folder);
    readChangeClock(folder, nodeFileSystem);
    const after = statSync(disk.folder, { bigint: true });
    expect([after.mtimeNs, after.ctimeNs]).toEqual([before.mtimeNs, before.ctimeNs]);
  });
});

describe.each(SILENT)("on %s %s %s, an index", (type, options, making) => {
  it("answers for no file", async ({ skip }) => {
    using disk = mount(type, options, making);
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using scene = new IndexScene(folderIn(disk.folder));
    writeFileSync(join(scene.folder, "file"), "text");
    await pass(disk.folder);
    await scene.look();
    expect((await scene.look()).read).toEqual(["file"]);
  });
});

/** Whether a store through a map moves ctime: into a dirty page, and into a clean one. */
async function seesStores(disk: string): Promise<{ readonly dirty: boolean; readonly clean: boolean }> {
  const file = join(disk, "mapped");
  fill(file, "a");
  await using writer = program.open(file);
  await writer.step("map");
  await writer.step("store b");
  const sees = async (): Promise<boolean> => {
    const before = statSync(file, { bigint: true }).ctimeNs;
    await pass(disk);
    await writer.step("store c");
    return statSync(file, { bigint: true }).ctimeNs !== before;
  };
  const dirty = await sees();
  const fd = openSync(file, "r");
  fsyncSync(fd);
  closeSync(fd);
  return { dirty, clean: await sees() };
}
