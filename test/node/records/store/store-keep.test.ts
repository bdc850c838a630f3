import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { digestToHex, type HexDigest, objectPath, STORE_FOLDER } from "../../../../src/core/internal.ts";
import { keepOutputs } from "../../../../src/node/records/store/keep-outputs.ts";
import type { HashedOutput } from "../../../../src/node/records/store/keeping.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import { MountedFolder } from "../../../support/files/file-systems.ts";
import { makeFolder, removeTree, snapshotTree } from "../../../support/files/tree.ts";

function sha256(content: string | Uint8Array): HexDigest {
  return digestToHex(createHash("sha256").update(content).digest());
}

/** A project with files, as a seal would have hashed them. */
function makeProject(files: Readonly<Record<string, string>>): {
  readonly folder: string;
  readonly root: AnchoredRoot;
  readonly outputs: readonly HashedOutput[];
  readonly objectOf: (content: string) => string;
} {
  const folder = makeFolder();
  onTestFinished(() => removeTree(folder));
  return openProject(folder, files);
}

function openProject(folder: string, files: Readonly<Record<string, string>>) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const root = AnchoredRoot.open(folder);
  onTestFinished(() => root.close());
  const outputs = Object.entries(files).map(
    ([path, content]): HashedOutput => ({ path, digest: sha256(content), bytes: Buffer.byteLength(content) }),
  );
  const objectOf = (content: string) => join(folder, STORE_FOLDER, objectPath(sha256(content)));
  return { folder, root, outputs, objectOf };
}

/** The real file system, told of each call by its name. */
function watched(calls: string[]): FileSystem {
  return new Proxy(nodeFileSystem, {
    get(target, name: keyof FileSystem) {
      const call = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        calls.push(name);
        return call(...args);
      };
    },
  });
}

describe("keeping outputs", () => {
  it("keeps each under the SHA-256 of its bytes, to be read and not to be written", async () => {
    const { root, outputs, objectOf } = makeProject({ "out/a.txt": "alpha\n", "b.txt": "beta\n" });
    const kept = await keepOutputs(root, outputs);
    expect(kept).toMatchObject({ ok: true, value: { added: 2, bytes: 11 } });
    for (const content of ["alpha\n", "beta\n"]) {
      expect(readFileSync(objectOf(content), "utf8")).toBe(content);
      expect(lstatSync(objectOf(content)).mode & 0o7777).toBe(0o444 & ~process.umask());
    }
  });

  it("keeps equal bytes once, under whatever names they stand", async () => {
    const { folder, root, outputs } = makeProject({ a: "same", b: "same", "c/d": "same" });
    expect(await keepOutputs(root, outputs)).toMatchObject({ ok: true, value: { added: 1 } });
    expect(await keepOutputs(root, outputs)).toMatchObject({ ok: true, value: { added: 0, bytes: 0 } });
    expect(readdirSync(join(folder, STORE_FOLDER))).toEqual([sha256("same").slice(0, 2)]);
  });

  it("keeps an empty file too", async () => {
    const { root, outputs, objectOf } = makeProject({ empty: "" });
    await keepOutputs(root, outputs);
    expect(lstatSync(objectOf("")).size).toBe(0);
  });

  it("gives an object no more readers than the output had, and no execute bit", async () => {
    const { folder, root, outputs, objectOf } = makeProject({ private: "secret", tool: "#!/bin/sh\n" });
    chmodSync(join(folder, "private"), 0o600);
    chmodSync(join(folder, "tool"), 0o6755);
    await keepOutputs(root, outputs);
    expect(lstatSync(objectOf("secret")).mode & 0o7777).toBe(0o400);
    expect(lstatSync(objectOf("#!/bin/sh\n")).mode & 0o7777).toBe(0o444);
  });

  it("makes an object that doesn't change with the output", async () => {
    const { folder, root, outputs, objectOf } = makeProject({ a: "before" });
    await keepOutputs(root, outputs);
    writeFileSync(join(folder, "a"), "after!");
    expect(readFileSync(objectOf("before"), "utf8")).toBe("before");
    expect(lstatSync(objectOf("before")).nlink).toBe(1);
  });

  it("syncs all objects before the first has its name, and the folders after", async () => {
    const { root, outputs } = makeProject({ a: "alpha", b: "beta" });
    const calls: string[] = [];
    await keepOutputs(root, outputs, { fs: watched(calls) });
    const steps = calls.filter((name) => name === "fsyncSync" || name === "renameSync");
    const [first, second] = outputs.map(({ digest }) => digest.slice(0, 2));
    expect(first).not.toBe(second);
    expect(steps).toEqual([
      ...["fsyncSync", "fsyncSync"],
      ...["renameSync", "renameSync"],
      "fsyncSync", // the folder in which they were made
      ...["fsyncSync", "fsyncSync"], // the objects' folders
      ...["fsyncSync", "fsyncSync", "fsyncSync"], // the store, .runseal, the root
    ]);
  });

  it("syncs objects that were there already, and their folders: their maker may have been killed", async () => {
    const { root, outputs } = makeProject({ a: "alpha" });
    await keepOutputs(root, outputs);
    const calls: string[] = [];
    await keepOutputs(root, outputs, { fs: watched(calls) });
    expect(calls.filter((name) => name === "fsyncSync")).toHaveLength(5);
    expect(calls).not.toContain("renameSync");
  });

  it("undoes just what it added", async () => {
    const { folder, root, outputs, objectOf } = makeProject({ a: "alpha", b: "beta" });
    const [first] = outputs;
    if (first === undefined) throw new Error("there are two");
    await keepOutputs(root, [first]);
    const before = snapshotTree(folder);
    const kept = await keepOutputs(root, outputs);
    expect(existsSync(objectOf("beta"))).toBe(true);
    if (kept.ok) kept.value.undo();
    expect(snapshotTree(folder)).toEqual(before);
  });

  it("undoes the folders that it made, .runseal among them", async () => {
    const { folder, root, outputs } = makeProject({ a: "alpha" });
    const before = snapshotTree(folder);
    const kept = await keepOutputs(root, outputs);
    expect(kept.ok && kept.value.added).toBe(1);
    if (kept.ok) kept.value.undo();
    expect(snapshotTree(folder)).toEqual(before);
  });

  it("leaves folders that contain foreign files", async () => {
    const { folder, root, outputs } = makeProject({ a: "alpha" });
    const kept = await keepOutputs(root, outputs);
    writeFileSync(join(folder, ".runseal", "mine"), "");
    if (kept.ok) kept.value.undo();
    expect(readdirSync(join(folder, ".runseal"))).toEqual(["mine"]);
  });
});

describe("keeping outputs as clones", () => {
  /** What FICLONE gives, made by a copy: this machine's file systems may have no clones. */
  const clone = (fd: number, address: string): boolean => {
    copyFileSync(`/proc/self/fd/${fd}`, address);
    return true;
  };

  it("hashes and closes the clone, and gives it the mode of an object", async () => {
    const { folder, root, outputs, objectOf } = makeProject({ a: "alpha", b: "beta" });
    chmodSync(join(folder, "a"), 0o4755);
    const calls: string[] = [];
    const kept = await keepOutputs(root, outputs, { clone, fs: watched(calls) });
    expect(kept).toMatchObject({ ok: true, value: { added: 2, bytes: 9 } });
    expect(readFileSync(objectOf("alpha"), "utf8")).toBe("alpha");
    expect(lstatSync(objectOf("alpha")).mode & 0o7777).toBe(0o444);
    expect(calls, "nothing is copied besides").not.toContain("writeSync");
  });

  it("refuses a clone with other bytes than were hashed", async () => {
    const { folder, root, outputs } = makeProject({ a: "alpha", b: "beta" });
    writeFileSync(join(folder, "b"), "BETA");
    const before = snapshotTree(folder);
    const kept = await keepOutputs(root, outputs, { clone });
    expect(kept).toMatchObject({ ok: false, code: "CHANGED_WHILE_READ", details: { path: "b" } });
    expect(snapshotTree(folder)).toEqual(before);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "copies where the owner of the store exchanged the folder in which objects are made",
    async () => {
      const { folder, outputs, objectOf } = makeProject({ a: "alpha" });
      let asked = 0;
      const counting = (): boolean => {
        asked++;
        return false;
      };
      const exchanging: FileSystem = {
        ...nodeFileSystem,
        mkdirSync: ((address: string, mode: number) => {
          nodeFileSystem.mkdirSync(address, mode);
          if (address.endsWith(".partial")) chownSync(address, 65_534, 65_534);
        }) as FileSystem["mkdirSync"],
      };
      using root = AnchoredRoot.open(folder, exchanging);
      expect(await keepOutputs(root, outputs, { clone: counting, fs: exchanging })).toMatchObject({
        ok: true,
      });
      expect(asked, "a clone's mode is set by its name, which may be another file's by then").toBe(0);
      expect(readFileSync(objectOf("alpha"), "utf8")).toBe("alpha");
    },
  );

  it.for(["mkfs.btrfs", "mkfs.xfs"])(
    "takes no room on a file system with clones (%s)",
    async (program, { skip }) => {
      using disk = MountedFolder.formatted(program, ["-q"], 400 * 1024);
      skip(disk.obstacle !== undefined, disk.obstacle);
      const { root, outputs } = openProject(disk.folder, { big: "x".repeat(20_000_000) });
      const free = (): number => {
        spawnSync("sync", ["-f", disk.folder]);
        const { bfree, bsize } = statfsSync(disk.folder);
        return bfree * bsize;
      };
      const before = free();
      expect(await keepOutputs(root, outputs)).toMatchObject({ ok: true, value: { added: 1 } });
      root.closeFolders();
      expect(before - free()).toBeLessThan(2_000_000);
    },
  );
});

describe("keeping outputs, on bad input", () => {
  const untouched = async (
    project: ReturnType<typeof makeProject>,
    code: string,
    details: object = {},
  ): Promise<void> => {
    const before = snapshotTree(project.folder);
    const kept = await keepOutputs(project.root, project.outputs);
    expect(kept).toMatchObject({ ok: false, code, details });
    expect(snapshotTree(project.folder), "nothing may be left").toEqual(before);
  };

  it.each<[string, (path: string) => void]>([
    ["has other bytes than were hashed, of the same length", (path) => writeFileSync(path, "BETA")],
    ["grew before a byte of it is copied", (path) => writeFileSync(path, "beta and more")],
    ["went away", (path) => renameSync(path, `${path}.moved`)],
  ])("refuses an output that %s", async (_what, change) => {
    const project = makeProject({ a: "alpha", b: "beta" });
    change(join(project.folder, "b"));
    await untouched(project, "CHANGED_WHILE_READ", { path: "b" });
  });

  it("names a link in an object's place as corrupted, wherever it leads", async () => {
    const project = makeProject({ a: "alpha" });
    mkdirSync(join(project.objectOf("alpha"), ".."), { recursive: true });
    symlinkSync(join(project.folder, "a"), project.objectOf("alpha"));
    await untouched(project, "STORE_DAMAGED", { reason: "object" });
  });

  it.each([[".runseal"], [STORE_FOLDER]])("follows no link at %s", async (place) => {
    const elsewhere = makeFolder();
    onTestFinished(() => removeTree(elsewhere));
    const project = makeProject({ a: "alpha" });
    mkdirSync(join(project.folder, place, ".."), { recursive: true });
    symlinkSync(elsewhere, join(project.folder, place));
    await untouched(project, "STORE_UNUSABLE", { reason: "folder", path: STORE_FOLDER });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it("follows no link in the store", async () => {
    const elsewhere = makeFolder();
    onTestFinished(() => removeTree(elsewhere));
    const project = makeProject({ a: "alpha", b: "beta" });
    mkdirSync(join(project.folder, STORE_FOLDER), { recursive: true });
    symlinkSync(elsewhere, join(project.objectOf("beta"), ".."));
    await untouched(project, "STORE_UNUSABLE", { reason: "folder" });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it("leaves nothing when it is stopped in the middle", async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, `${index}`]));
    const { folder, root, outputs } = makeProject(files);
    const before = snapshotTree(folder);
    const stop = new AbortController();
    let renamed = 0;
    const fs: FileSystem = {
      ...nodeFileSystem,
      renameSync: (from, to) => {
        nodeFileSystem.renameSync(from, to);
        if (++renamed === 100) stop.abort();
      },
    };
    await expect(keepOutputs(root, outputs, { signal: stop.signal, fs })).rejects.toThrow(Interruption);
    expect(renamed).toBeGreaterThan(99);
    expect(renamed).toBeLessThan(200);
    expect(snapshotTree(folder)).toEqual(before);
  });

  it("leaves nothing whichever call fails", async () => {
    const { folder, outputs } = makeProject({ a: "alpha", "b/c": "beta" });
    const before = snapshotTree(folder);
    const failures: string[] = [];
    for (let doomed = 0; ; doomed++) {
      let count = 0;
      let failed = false;
      let isArmed = false;
      // Only what the keeping itself does: an undo, and closing, go on.
      const fs = new Proxy(nodeFileSystem, {
        get(target, name: keyof FileSystem) {
          const call = target[name] as (...args: unknown[]) => unknown;
          return (...args: unknown[]) => {
            if (isArmed && name !== "closeSync" && count++ === doomed) {
              failed = true;
              failures.push(name);
              throw Object.assign(new Error("EIO"), { code: "EIO", syscall: "test" });
            }
            return call(...args);
          };
        },
      });
      using root = AnchoredRoot.open(folder, fs);
      isArmed = true;
      const kept = await keepOutputs(root, outputs, { fs });
      if (!failed) {
        expect(kept.ok).toBe(true);
        break;
      }
      // A failure of the clean-up after the last object does not fail the seal.
      if (kept.ok) {
        kept.value.undo();
        expect(snapshotTree(folder), `call ${doomed}`).toEqual(before);
        continue;
      }
      expect(["WRITE_FAILED", "READ_FAILED"]).toContain(kept.code);
      expect(snapshotTree(folder), `call ${doomed}`).toEqual(before);
    }
    expect(failures.length).toBeGreaterThan(20);
    expect(failures).toEqual(expect.arrayContaining(["mkdirSync", "openSync", "renameSync", "rmdirSync"]));
  });
});
