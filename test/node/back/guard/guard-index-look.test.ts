import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, type TestContext } from "vitest";
import { folderIn } from "../../../support/bundles/index-scene.ts";
import { digestOf, digestsOf, GuardScene } from "../../../support/faults/guard-scene.ts";
import { MountedFolder } from "../../../support/files/file-systems.ts";

/** A disk on which an index may answer, with three files to guard that are older than a look. */
class IndexedScene implements Disposable {
  readonly disk: MountedFolder = MountedFolder.typed("ext4");
  readonly scene: GuardScene;

  constructor(skip: TestContext["skip"]) {
    if (this.disk.obstacle !== undefined) {
      this.disk[Symbol.dispose]();
      skip(this.disk.obstacle);
    }
    this.scene = new GuardScene(folderIn(this.disk.folder));
    for (const name of ["a", "b", "c"]) this.write(name, `text of ${name}`);
  }

  get index(): string {
    return join(this.scene.home, "index");
  }

  write(name: string, text: string): void {
    writeFileSync(this.scene.at(name), text);
  }

  /** Looks once the clock of the disk is past all changes. */
  async look(patterns: readonly string[] = []) {
    await setTimeout(20);
    return await this.scene.look({ patterns });
  }

  [Symbol.dispose](): void {
    this.disk[Symbol.dispose]();
  }
}

describe("a look with a stat index", () => {
  it("reads only what changed since the look before", async ({ skip }) => {
    using disk = new IndexedScene(skip);
    expect(await disk.look()).toMatchObject({ hashed: 3, fromIndex: 0 });
    expect(await disk.look()).toMatchObject({ hashed: 0, fromIndex: 3 });
    disk.write("b", "other text");
    const look = await disk.look();
    expect(look).toMatchObject({ hashed: 1, fromIndex: 2 });
    expect(digestsOf(look)).toEqual({
      a: digestOf("text of a"),
      b: digestOf("other text"),
      c: digestOf("text of c"),
    });
    expect(disk.scene.missing(look)).toEqual([]);
    expect(await disk.look()).toMatchObject({ hashed: 0, fromIndex: 3 });
  });

  it("finds the files of the index where others were added and removed", async ({ skip }) => {
    using disk = new IndexedScene(skip);
    await disk.look();
    rmSync(disk.scene.at("b"));
    disk.write("a-b", "new");
    disk.write("z", "new");
    expect(await disk.look()).toMatchObject({ hashed: 2, fromIndex: 2 });
    expect(await disk.look()).toMatchObject({ hashed: 0, fromIndex: 4 });
  });

  it("reads a file again if its bytes are not in the store any more", async ({ skip }) => {
    using disk = new IndexedScene(skip);
    await disk.look();
    for (const folder of ["objects", "packs"])
      rmSync(join(disk.scene.home, ".runseal", folder), { recursive: true, force: true });
    const look = await disk.look();
    expect(look).toMatchObject({ hashed: 3, fromIndex: 0 });
    expect(disk.scene.missing(look)).toEqual([]);
  });

  it("reads all files by other patterns", async ({ skip }) => {
    using disk = new IndexedScene(skip);
    await disk.look();
    expect(await disk.look(["c"])).toMatchObject({ hashed: 2, fromIndex: 0 });
  });

  it.for([
    ["nothing", () => Buffer.alloc(0)],
    ["text", () => Buffer.from("an index\n")],
    ["half of it", (index: Buffer) => index.subarray(0, index.length / 2)],
    ["a digest of other bytes", (index: Buffer) => index.fill(1, index.length - 200, index.length - 190)],
  ] as const)("drops an index that was replaced by %s", async ([, replace], { skip }) => {
    using disk = new IndexedScene(skip);
    await disk.look();
    writeFileSync(disk.index, replace(readFileSync(disk.index)));
    expect(await disk.look()).toMatchObject({ hashed: 3, fromIndex: 0 });
    expect(await disk.look()).toMatchObject({ hashed: 0, fromIndex: 3 });
  });

  it("leaves an index in place that answered for every file", async ({ skip }) => {
    using disk = new IndexedScene(skip);
    await disk.look();
    const { ino } = statSync(disk.index);
    await disk.look();
    expect(statSync(disk.index).ino).toBe(ino);
  });
});
