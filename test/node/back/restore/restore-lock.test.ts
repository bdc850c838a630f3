import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LOCK_NAME, RootLock } from "../../../../src/node/back/transaction/journal/root-lock.ts";
import { STAGED, Staging, stagingName } from "../../../../src/node/back/transaction/journal/staging.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import type { Owner } from "../../../../src/node/system/locks/owner.ts";
import { isSocketOwnerAlive, OwnerSocket } from "../../../../src/node/system/locks/owner-socket.ts";
import { makeFolder, removeTree, snapshotTree } from "../../../support/files/tree.ts";

const HOLDER = fileURLToPath(new URL("../../../support/files/hold-lock.mjs", import.meta.url));

/** A folder that restores fight for. */
class Arena implements Disposable {
  readonly folder: string = makeFolder();
  readonly lockPath: string = join(this.folder, LOCK_NAME);
  readonly #root: AnchoredDir = AnchoredDir.open(this.folder);
  readonly #owners: Owner[] = [];
  readonly #stagings: Staging[] = [];

  /** A staging folder with a sign of life, and a lock of its own. */
  async contender() {
    const staging = new Staging(this.#root, stagingName("staging"), nodeFileSystem);
    staging.make();
    this.#stagings.push(staging);
    const owner = await staging.announce();
    if (owner === undefined) throw new Error("this folder must be free");
    this.#owners.push(owner);
    const lock = new RootLock(this.#root);
    return { staging, owner, lock, acquire: () => lock.acquire(staging) };
  }

  /** Leaves the lock of a killed owner: its name leads to a socket without a listener. */
  async deadOwner(): Promise<void> {
    const { owner, staging } = await this.contender();
    linkSync(staging.address(STAGED.owner), this.lockPath);
    owner.close();
    expect(lstatSync(this.lockPath).isSocket()).toBe(true);
  }

  [Symbol.dispose](): void {
    for (const owner of this.#owners) owner.close();
    for (const staging of this.#stagings) staging.close();
    this.#root.close();
    removeTree(this.folder);
  }
}

const IS_ROOT = process.getuid?.() === 0;

describe("the lock of a root (SECURITY 3, step 0)", () => {
  it("is taken, held, and given back without a trace", async () => {
    using arena = new Arena();
    const { acquire, lock } = await arena.contender();
    const before = readdirSync(arena.folder);
    expect(await acquire()).toBe(true);
    expect(lock.isHeld()).toBe(true);
    expect(readdirSync(arena.folder)).toEqual([...before, LOCK_NAME].sort());
    expect(lock.release()).toBe(true);
    expect(readdirSync(arena.folder)).toEqual(before);
    expect(lock.isHeld()).toBe(false);
  });

  it("is refused while its owner lives, and taken once he has given it back", async () => {
    using arena = new Arena();
    const [first, second] = [await arena.contender(), await arena.contender()];
    expect(await first.acquire()).toBe(true);
    expect(await second.acquire()).toBe(false);
    expect(first.lock.isHeld()).toBe(true);
    expect(second.lock.isHeld()).toBe(false);
    expect(first.lock.release()).toBe(true);
    expect(await second.acquire()).toBe(true);
  });

  it("is not given back by one who was refused", async () => {
    using arena = new Arena();
    const [first, second] = [await arena.contender(), await arena.contender()];
    await first.acquire();
    await second.acquire();
    expect(second.lock.release()).toBe(true);
    expect(first.lock.isHeld()).toBe(true);
  });

  it("is refused while a process has it, and taken over when that was killed with SIGKILL", async () => {
    using arena = new Arena();
    const holder = spawn(process.execPath, [HOLDER, arena.folder], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const [said] = await once(holder.stdout, "data");
      expect(String(said)).toBe("held\n");
      const refused = await arena.contender();
      expect(await refused.acquire()).toBe(false);
      holder.kill("SIGKILL");
      await once(holder, "exit");
      expect(lstatSync(arena.lockPath).isSocket()).toBe(true);
      expect(await refused.acquire()).toBe(true);
    } finally {
      holder.kill("SIGKILL");
    }
  });

  it("goes to one of many who find a dead owner at once", async () => {
    using arena = new Arena();
    await arena.deadOwner();
    const contenders = await Promise.all(Array.from({ length: 8 }, () => arena.contender()));
    const won = await Promise.all(contenders.map(({ acquire }) => acquire()));
    expect(won.filter((one) => one)).toHaveLength(1);
    expect(contenders.map(({ lock }) => lock.isHeld())).toEqual(won);
  });

  it.each<[string, (path: string) => void]>([
    ["a file", (path) => writeFileSync(path, "other user")],
    ["an empty file", (path) => writeFileSync(path, "")],
    ["a folder", (path) => mkdirSync(path)],
    ["a FIFO", (path) => expect(spawnSync("mkfifo", [path]).status).toBe(0)],
    ["a link that leads nowhere", (path) => symlinkSync("nowhere", path)],
    ["a link to a file", (path) => symlinkSync("/etc/hostname", path)],
  ])("is refused where %s has its name, which stays", async (_what, make) => {
    using arena = new Arena();
    make(arena.lockPath);
    const { acquire, lock } = await arena.contender();
    const before = snapshotTree(arena.folder);
    expect(await acquire()).toBe(false);
    lock.release();
    expect(snapshotTree(arena.folder)).toEqual(before);
  });

  it.skipIf(!IS_ROOT)("is refused if a dead socket of another user has its name, which stays", async () => {
    using arena = new Arena();
    await arena.deadOwner();
    chownSync(arena.lockPath, 65_534, 65_534);
    const { acquire } = await arena.contender();
    expect(await acquire()).toBe(false);
    expect(lstatSync(arena.lockPath).isSocket()).toBe(true);
  });

  it("is neither held nor released any more once something else has its name", async () => {
    using arena = new Arena();
    const { acquire, lock } = await arena.contender();
    await acquire();
    unlinkSync(arena.lockPath);
    writeFileSync(arena.lockPath, "other user");
    expect(lock.isHeld()).toBe(false);
    expect(lock.release()).toBe(true);
    expect(lstatSync(arena.lockPath).isFile()).toBe(true);
  });

  it("can't be taken for a staging folder without a sign of life", async () => {
    using arena = new Arena();
    const { acquire, owner } = await arena.contender();
    owner.close();
    expect(await acquire()).toBe(false);
    expect(readdirSync(arena.folder)).not.toContain(LOCK_NAME);
  });
});

describe("a sign of life", () => {
  it("is there from announcing until falling silent", async () => {
    using arena = new Arena();
    const { owner, staging } = await arena.contender();
    expect(await isSocketOwnerAlive(staging.address(STAGED.owner))).toBe(true);
    owner.close();
    expect(await isSocketOwnerAlive(staging.address(STAGED.owner))).toBe(false);
    expect(staging.dir.names()).toEqual([]);
  });

  it("is given also while its owner does not get to run", async () => {
    using arena = new Arena();
    const holder = spawn(process.execPath, [HOLDER, arena.folder], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      await once(holder.stdout, "data");
      holder.kill("SIGSTOP");
      expect(await isSocketOwnerAlive(arena.lockPath)).toBe(true);
    } finally {
      holder.kill("SIGKILL");
      await once(holder, "exit");
    }
    expect(await isSocketOwnerAlive(arena.lockPath)).toBe(false);
  });

  it.each<[string, (path: string) => void]>([
    ["nothing", () => undefined],
    ["a file", (path) => writeFileSync(path, "")],
    ["a folder", (path) => mkdirSync(path)],
    ["a FIFO", (path) => expect(spawnSync("mkfifo", [path]).status).toBe(0)],
    ["a link that leads nowhere", (path) => symlinkSync("nowhere", path)],
  ])("is not given by %s", async (_what, make) => {
    using arena = new Arena();
    make(arena.lockPath);
    expect(await isSocketOwnerAlive(arena.lockPath)).toBe(false);
  });

  it.skipIf(IS_ROOT)(
    "is presumed where one may not even knock (skipped: nothing is closed to root)",
    async () => {
      using arena = new Arena();
      const closed = join(arena.folder, "closed");
      mkdirSync(closed);
      const owner = await OwnerSocket.listen(join(closed, "owner"));
      chmodSync(closed, 0);
      expect(await isSocketOwnerAlive(join(closed, "owner"))).toBe(true);
      chmodSync(closed, 0o700);
      owner.close();
    },
  );

  it("can't be given in a folder that was taken for a dead one's and removed: no error, but no owner", async () => {
    using arena = new Arena();
    const { owner, staging } = await arena.contender();
    owner.close();
    rmSync(join(arena.folder, staging.name), { recursive: true });
    expect(await staging.announce()).toBeUndefined();
  });

  it("can be given in a folder that was only moved", async () => {
    using arena = new Arena();
    const { owner, staging } = await arena.contender();
    owner.close();
    renameSync(join(arena.folder, staging.name), join(arena.folder, "moved"));
    const again = await staging.announce();
    expect(again).toBeDefined();
    expect(readdirSync(join(arena.folder, "moved"))).toEqual([STAGED.owner]);
    again?.close();
  });
});
