import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { PROJECT_LOCK } from "../../../../src/node/records/project/project-names.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { takeLock } from "../../../../src/node/system/locks/take-lock.ts";
import type { FolderLock } from "../../../../src/node/system/locks/wanted-lock.ts";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import { openDescriptors } from "../../../support/faults/restore-scene.ts";
import { makeFolder, removeTree, snapshotTree } from "../../../support/files/tree.ts";

const HOLDER = fileURLToPath(new URL("../../../support/files/hold-project.mjs", import.meta.url));

/** The own folder of a project. */
class Arena implements Disposable {
  readonly path: string = makeFolder();
  readonly folder: AnchoredDir = AnchoredDir.open(this.path);
  readonly #children: ChildProcess[] = [];

  /** Takes the lock, which must not be occupied. */
  async acquire(signal?: AbortSignal): Promise<FolderLock> {
    const lock = await takeLock(this.folder, PROJECT_LOCK, signal);
    if (lock === "occupied") throw new Error("the lock is occupied");
    return lock;
  }

  /** Another process that has the lock. */
  async holder(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [HOLDER, this.path], { stdio: ["pipe", "pipe", "inherit"] });
    this.#children.push(child);
    const [said] = await once(child.stdout, "data");
    expect(String(said)).toBe("held\n");
    return child;
  }

  /** Leaves what an owner leaves who was killed with the lock. */
  async deadHolder(): Promise<void> {
    const child = await this.holder();
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(this.names()).toEqual(["lock"]);
  }

  names(): readonly string[] {
    return readdirSync(this.path).sort();
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
    this.folder.close();
    removeTree(this.path);
  }
}

describe("the lock of a project", () => {
  it("is one process's at a time, though several take turns in a hurry", async () => {
    using arena = new Arena();
    const turns = Array.from({ length: 4 }, () => spawn(process.execPath, [HOLDER, arena.path, "12"]));
    const codes = await Promise.all(turns.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(readFileSync(join(arena.path, "log"), "utf8").split("\n")).toHaveLength(49);
    expect(arena.names()).toEqual(["log"]);
  });

  it("is taken over from a process that was killed with it, and says so", async () => {
    using arena = new Arena();
    await arena.deadHolder();
    const lock = await arena.acquire();
    expect(lock.fromDead).toBe(true);
    lock.release();
    expect(arena.names()).toEqual([]);
  });

  it("goes to one after the other also when many find a dead owner at once", async () => {
    using arena = new Arena();
    await arena.deadHolder();
    let holders = 0;
    const most = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const lock = await arena.acquire();
        const now = ++holders;
        await new Promise(setImmediate);
        holders--;
        lock.release();
        return now;
      }),
    );
    expect(Math.max(...most)).toBe(1);
  });

  it("stays with its owner while the owner is stopped, and a waiting process can be interrupted", async () => {
    using arena = new Arena();
    const holder = await arena.holder();
    holder.kill("SIGSTOP");
    const interrupt = new AbortController();
    const waiting = arena.acquire(interrupt.signal);
    const [contender] = arena.names();
    expect(contender).toMatch(/^\.lock-/);
    interrupt.abort();
    await expect(waiting).rejects.toThrow(Interruption);
    expect(arena.names()).toEqual(["lock"]);
  });

  it("is free as soon as its owner is killed, for one who waits already", async () => {
    using arena = new Arena();
    const holder = await arena.holder();
    const waiting = arena.acquire();
    await new Promise(setImmediate);
    holder.kill("SIGKILL");
    const lock = await waiting;
    expect(arena.names()).toEqual(["lock"]);
    lock.release();
  });

  it.each<[string, (path: string) => void]>([
    ["a file", (path) => writeFileSync(path, "other user")],
    ["a FIFO", (path) => expect(spawnSync("mkfifo", [path]).status).toBe(0)],
    ["a link that leads nowhere", (path) => symlinkSync("nowhere", path)],
    ["a link to a folder", (path) => symlinkSync("/", path)],
    ["a folder with something else in it", (path) => mkdirSync(join(path, "deep"), { recursive: true })],
  ])("is occupied where %s has its name, which stays", async (_what, make) => {
    using arena = new Arena();
    make(join(arena.path, "lock"));
    const before = snapshotTree(arena.path);
    expect(await takeLock(arena.folder, PROJECT_LOCK, undefined)).toBe("occupied");
    expect(snapshotTree(arena.path)).toEqual(before);
  });

  it.each<[string, (path: string) => void]>([
    ["a file", (path) => writeFileSync(path, "other user")],
    ["a FIFO", (path) => expect(spawnSync("mkfifo", [path]).status).toBe(0)],
    ["a link to a socket", (path) => symlinkSync("/run/other.sock", path)],
  ])("knocks at sockets only: %s of a socket's name stays", async (_what, make) => {
    using arena = new Arena();
    const name = "00000000-0000-0000-0000-000000000000";
    mkdirSync(join(arena.path, `.lock-${name}`));
    make(join(arena.path, `.lock-${name}`, name));
    const before = snapshotTree(arena.path);
    const lock = await arena.acquire();
    await lock.sweep();
    lock.release();
    expect(snapshotTree(arena.path)).toEqual(before);

    renameSync(join(arena.path, `.lock-${name}`), join(arena.path, "lock"));
    expect(await takeLock(arena.folder, PROJECT_LOCK, undefined)).toBe("occupied");
    expect(arena.names()).toEqual(["lock"]);
    expect(readdirSync(join(arena.path, "lock"))).toEqual([name]);
  });

  it("does not wait for a stranger who listens behind a link in its folder", async () => {
    using arena = new Arena();
    using stranger = new Arena();
    const theirs = await stranger.acquire();
    const [socket = ""] = readdirSync(join(stranger.path, "lock"));
    mkdirSync(join(arena.path, "lock"));
    symlinkSync(join(stranger.path, "lock", socket), join(arena.path, "lock", socket));
    expect(await takeLock(arena.folder, PROJECT_LOCK, undefined)).toBe("occupied");
    theirs.release();
  });

  it("is taken where an empty folder has its name, as in the moment between two owners", async () => {
    using arena = new Arena();
    mkdirSync(join(arena.path, "lock"));
    (await arena.acquire()).release();
    expect(arena.names()).toEqual([]);
  });

  it("removes contenders that died while they waited, and no living one", async () => {
    using arena = new Arena();
    const holder = await arena.holder();
    const dead = spawn(process.execPath, [HOLDER, arena.path], { stdio: ["pipe", "pipe", "inherit"] });
    while (arena.names().length < 2) await new Promise((done) => setTimeout(done, 5));
    // It has made its folder, and is given the time to listen in it.
    const [name = ""] = arena.names();
    while (readdirSync(join(arena.path, name)).length === 0) await new Promise((done) => setTimeout(done, 5));
    dead.kill("SIGKILL");
    await once(dead, "exit");
    const living = arena.acquire();
    holder.kill("SIGKILL");
    const lock = await living;
    expect(existsSync(join(arena.path, name))).toBe(true);
    const waiting = arena.acquire();
    await lock.sweep();
    expect(existsSync(join(arena.path, name))).toBe(false);
    lock.release();
    (await waiting).release();
    expect(arena.names()).toEqual([]);
  });

  it("leaves a foreign folder with the name of a contender alone", async () => {
    using arena = new Arena();
    const name = ".lock-00000000-0000-0000-0000-000000000000";
    mkdirSync(join(arena.path, name, "deep"), { recursive: true });
    const lock = await arena.acquire();
    await lock.sweep();
    lock.release();
    expect(arena.names()).toEqual([name]);
    rmSync(join(arena.path, name), { recursive: true });
  });

  it("leaves no descriptor open", async () => {
    const descriptors = openDescriptors();
    {
      using arena = new Arena();
      const lock = await arena.acquire();
      const waiting = arena.acquire();
      await new Promise(setImmediate);
      lock.release();
      (await waiting).release();
    }
    expect(openDescriptors()).toEqual(descriptors);
  });
});
