import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { HeldFile, isFileHeld } from "../../../../src/node/system/locks/held-file.ts";
import { OpenFileLock } from "../../../../src/node/system/locks/open-file-lock.ts";
import { discardStaged, isStagedName } from "../../../../src/node/system/locks/staged-bytes.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

/*
 * Linux takes no notice of the flags that lock an open file, so one process shows here all but that another one is kept out:
 * test/elsewhere/scenario.mjs shows that on the systems themselves.
 */

const WANTED = { name: "lock", isPrivate: true, isLeftover: isStagedName, removeLeftovers: discardStaged };

/** A folder in which locks are taken. */
class Arena implements Disposable {
  readonly path: string = makeFolder();
  readonly folder: AnchoredDir = AnchoredDir.open(this.path);

  async acquire(): Promise<OpenFileLock> {
    const lock = await OpenFileLock.acquire(this.folder, WANTED, undefined);
    if (!(lock instanceof OpenFileLock)) throw new Error("the lock is occupied");
    return lock;
  }

  [Symbol.dispose](): void {
    this.folder.close();
    removeTree(this.path);
  }
}

describe("a file that its owner holds", () => {
  it("has one byte while it is in use, and is gone afterwards", () => {
    using arena = new Arena();
    const address = join(arena.path, "owner");
    const file = HeldFile.make(address);
    expect(readFileSync(address, "utf8")).toBe("1");
    expect(file.close()).toBeUndefined();
    expect(readdirSync(arena.path)).toEqual([]);
    expect(isFileHeld(address)).toBe(false);
  });

  it("is not made where the name is taken", () => {
    using arena = new Arena();
    const address = join(arena.path, "owner");
    writeFileSync(address, "");
    expect(() => HeldFile.make(address)).toThrow("EEXIST");
  });

  it.each([
    ["1", true],
    ["", false],
  ])("shows by what is left in it (%j) whether its owner was killed", (left, fromDead) => {
    using arena = new Arena();
    const address = join(arena.path, "owner");
    writeFileSync(address, left);
    const file = HeldFile.take(address);
    expect(file?.fromDead).toBe(fromDead);
    file?.close();
    expect(readdirSync(arena.path)).toEqual([]);
  });
});

describe("a lock by such a file", () => {
  it("is a folder that is closed to others, and leaves nothing", async () => {
    using arena = new Arena();
    const lock = await arena.acquire();
    expect(lock.fromDead).toBe(false);
    expect(readdirSync(join(arena.path, "lock"))).toEqual(["owner"]);
    expect(lock.release()).toBeUndefined();
    expect(readdirSync(arena.path)).toEqual([]);
  });

  it("removes what a killed lock holder staged, and says that it was killed", async () => {
    using arena = new Arena();
    mkdirSync(join(arena.path, "lock"));
    writeFileSync(join(arena.path, "lock", "owner"), "1");
    writeFileSync(join(arena.path, "lock", "5f0c3f6e-5b1c-4c3e-9c43-0f3f8f0f8d11.new"), "secret");
    const lock = await arena.acquire();
    expect(lock.fromDead).toBe(true);
    expect(readdirSync(join(arena.path, "lock"))).toEqual(["owner"]);
    lock.release();
  });

  it.each([
    [
      "a folder with something else in it",
      (path: string) => mkdirSync(join(path, "lock", "mine"), { recursive: true }),
    ],
    ["a file", (path: string) => writeFileSync(join(path, "lock"), "")],
  ])("does not touch %s", async (_what, arrange) => {
    using arena = new Arena();
    arrange(arena.path);
    const before = readdirSync(arena.path, { recursive: true });
    expect(await OpenFileLock.acquire(arena.folder, WANTED, undefined)).toBe("occupied");
    expect(readdirSync(arena.path, { recursive: true })).toEqual(before);
  });

  it("ends its wait when the signal fires", async () => {
    using arena = new Arena();
    const aborted = AbortSignal.abort();
    await expect(OpenFileLock.acquire(arena.folder, WANTED, aborted)).rejects.toThrow();
    expect(readdirSync(arena.path)).toEqual([]);
  });
});
