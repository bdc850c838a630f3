import { createHash } from "node:crypto";
import {
  chmodSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { digestToHex, type HexDigest, objectPath, STORE_FOLDER } from "../../../../src/core/internal.ts";
import { type KeptOutputs, keepOutputs } from "../../../../src/node/records/store/keep-outputs.ts";
import type { HashedOutput } from "../../../../src/node/records/store/keeping.ts";
import { ObjectMemory } from "../../../../src/node/records/store/object-memory.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

/** The types of two file systems, of which syncfs(2) is known to sync all files. */
const EXT = 0xef53;
const TMPFS = 0x01021994;

function sha256(content: string): HexDigest {
  return digestToHex(createHash("sha256").update(content).digest());
}

/** A project with outputs, and a state folder beside it. */
class Scene {
  readonly folder: string = makeFolder();
  readonly project: string = join(this.folder, "project");
  readonly state: string = join(this.folder, "state");
  readonly outputs: readonly HashedOutput[];
  readonly root: AnchoredRoot;

  constructor(...contents: readonly string[]) {
    mkdirSync(this.project);
    for (const content of contents) writeFileSync(join(this.project, sha256(content)), content);
    this.outputs = contents.map((content) => ({
      path: sha256(content),
      digest: sha256(content),
      bytes: Buffer.byteLength(content),
    }));
    this.root = AnchoredRoot.open(this.project);
    onTestFinished(() => {
      this.root.close();
      removeTree(this.folder);
    });
  }

  objectOf(content: string): string {
    return join(this.project, STORE_FOLDER, objectPath(sha256(content)));
  }

  /** Puts an object into the store as an archive would. */
  plant(content: string, bytes: string): void {
    const address = this.objectOf(content);
    mkdirSync(dirname(address), { recursive: true });
    rmSync(address, { force: true });
    writeFileSync(address, bytes, { mode: 0o444 });
  }

  /** What a seal keeps, some time after all files were changed; and how many objects it read. */
  async keep(
    fs: FileSystem = nodeFileSystem,
    laterMs = 60_000,
  ): Promise<KeptOutputs & { readonly hashed: number }> {
    const later = (): number => Date.now() + laterMs;
    const memory = ObjectMemory.of({ XDG_STATE_HOME: this.state }, this.root, later);
    let hashed = 0;
    const count = (phase: string, { files = 0 }: { readonly files?: number | undefined }): void => {
      if (phase === "check") hashed += files;
    };
    const progress = { begin: count, beginWhole: () => undefined, end: () => undefined };
    const kept = await keepOutputs(this.root, this.outputs, { memory, fs, progress });
    if (!kept.ok) throw new Error(kept.code);
    return { ...kept.value, hashed };
  }
}

describe("an object that is there already, when a seal needs it", () => {
  it("is replaced by a new file: another name of the wrong one keeps its bytes", async () => {
    const scene = new Scene("alpha");
    scene.plant("alpha", "ALPHA");
    linkSync(scene.objectOf("alpha"), join(scene.project, "other"));
    await scene.keep();
    expect(readFileSync(join(scene.project, "other"), "utf8")).toBe("ALPHA");
  });

  it("is synced before its replacement has the name, which is before the folders are synced", async () => {
    const scene = new Scene("alpha");
    scene.plant("alpha", "ALPHA");
    const calls: string[] = [];
    const fs = new Proxy(nodeFileSystem, {
      get(target, name: keyof FileSystem) {
        const call = target[name] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          calls.push(name);
          return call(...args);
        };
      },
    });
    await scene.keep(fs);
    const steps = calls.filter((name) => name === "fsyncSync" || name === "renameSync");
    expect(steps).toEqual([
      "fsyncSync", // what was there, before it is hashed
      "fsyncSync",
      "renameSync",
      "fsyncSync", // the folder in which it was made
      ...["fsyncSync", "fsyncSync", "fsyncSync", "fsyncSync"], // its folder, the store, .runseal, the root
    ]);
  });

  it.each([
    ["each by itself where nothing else is known to sync them", "", 600],
    ["all at once where the file system can", process.env["PATH"] ?? "", 0],
  ])("is one of many that are synced %s", async (_how, path, files) => {
    const contents = Array.from({ length: 600 }, (_, index) => `${index}`);
    const scene = new Scene(...contents);
    for (const content of contents) scene.plant(content, content);
    const synced = new Set<number>();
    const fs: FileSystem = {
      ...nodeFileSystem,
      fsyncSync: (fd) => {
        const stats = fstatSync(fd);
        if (stats.isFile()) synced.add(stats.ino);
        nodeFileSystem.fsyncSync(fd);
      },
    };
    vi.stubEnv("PATH", path);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(await scene.keep(fs)).toMatchObject({ added: 0, replaced: 0, hashed: 600 });
    const isKnownToSyncAll = [EXT, TMPFS].includes(statfsSync(scene.folder).type);
    expect(synced.size).toBe(isKnownToSyncAll ? files : 600);
  });

  it("stays as it was replaced, where the seal is undone", async () => {
    const scene = new Scene("alpha", "beta");
    scene.plant("alpha", "ALPHA");
    (await scene.keep()).undo();
    expect(readFileSync(scene.objectOf("alpha"), "utf8")).toBe("alpha");
    expect(lstatSync(scene.objectOf("beta"), { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe("objects that were written or hashed before", () => {
  it("are remembered in one file: what a seal left that was killed while it wrote it is removed", async () => {
    const scene = new Scene("alpha");
    scene.plant("alpha", "alpha");
    expect(await scene.keep()).toMatchObject({ hashed: 1 });
    const folder = join(scene.state, "runseal/objects");
    const [name = ""] = readdirSync(folder);
    writeFileSync(join(folder, `${name}.${"0".repeat(16)}.new`), "half of it");
    expect(await scene.keep()).toMatchObject({ hashed: 0 });
    expect(readdirSync(folder)).toEqual([name]);
  });

  it("are not hashed by a later seal of the user who wrote them", async () => {
    const scene = new Scene("alpha", "beta");
    scene.plant("alpha", "alpha");
    expect(await scene.keep()).toMatchObject({ added: 1, hashed: 1 });
    expect(await scene.keep()).toMatchObject({ added: 0, hashed: 0 });
  });

  it.each<[string, (scene: Scene, address: string) => void]>([
    ["was replaced by one of the same length", (scene) => scene.plant("alpha", "ALPHA")],
    [
      "was written to, and its time put back",
      (_scene, address) => {
        const { atime, mtime } = lstatSync(address);
        chmodSync(address, 0o644);
        writeFileSync(address, "ALPHA");
        chmodSync(address, 0o444);
        utimesSync(address, atime, mtime);
      },
    ],
  ])("are hashed again where one %s", async (_what, change) => {
    const scene = new Scene("alpha", "beta");
    await scene.keep();
    await scene.keep();
    change(scene, scene.objectOf("alpha"));
    expect(await scene.keep()).toMatchObject({ hashed: 1, replaced: 1 });
    expect(readFileSync(scene.objectOf("alpha"), "utf8")).toBe("alpha");
  });

  it("are not remembered while they have only just been changed", async () => {
    const scene = new Scene("alpha");
    scene.plant("alpha", "alpha");
    expect(await scene.keep(nodeFileSystem, 0)).toMatchObject({ hashed: 1 });
    expect(await scene.keep(nodeFileSystem, 0)).toMatchObject({ hashed: 1 });
  });

  it("are remembered outside of the project, in a file of the user's alone", async () => {
    const scene = new Scene("alpha");
    await scene.keep();
    await scene.keep();
    const objects = join(scene.state, "runseal/objects");
    const [name = ""] = readdirSync(objects);
    expect(name).toBe(sha256(`${scene.project}/${STORE_FOLDER}`));
    expect(lstatSync(join(objects, name)).mode & 0o7777).toBe(0o600);
    expect(lstatSync(objects).mode & 0o7777).toBe(0o700);
  });

  it.each<[string, (file: string) => void]>([
    ["is gone", (file) => rmSync(file)],
    ["is garbage", (file) => writeFileSync(file, "garbage")],
    ["can be written by others", (file) => chmodSync(file, 0o622)],
    ["is in a folder that others can write to", (file) => chmodSync(dirname(file), 0o777)],
  ])("are hashed again where the file %s", async (_what, spoil) => {
    const scene = new Scene("alpha", "beta");
    await scene.keep();
    await scene.keep();
    const objects = join(scene.state, "runseal/objects");
    spoil(join(objects, readdirSync(objects)[0] ?? ""));
    expect(await scene.keep()).toMatchObject({ hashed: 2, replaced: 0 });
  });
});
