import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, lstatSync, openSync, readFileSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { changesOf, openDescriptors, Scene, UNCHANGED } from "../../../support/faults/restore-scene.ts";
import { CLONED_BYTES, cloningFileSystem } from "../../../support/files/cloning-file-system.ts";
import {
  type Call,
  interceptFileSystem,
  meddlingFileSystem,
} from "../../../support/files/faulty-file-system.ts";
import { MountedFolder } from "../../../support/files/file-systems.ts";

/** Two outputs that are cloned, and one that is not worth it. */
const OUTPUTS = {
  "bin/run": "r".repeat(CLONED_BYTES),
  "data/big.bin": "b".repeat(20_000_000),
  "small.txt": "small\n",
};

/** Fits the first write and the first clone into a staged file. */
function fills({ name }: Call): boolean {
  return name === "writeSync" || name === "copyFileSync";
}

/** Puts other bytes of the same number into a source. */
function change(address: string): void {
  const fd = openSync(address, "r+");
  writeSync(fd, "CHANGED", 1000);
  closeSync(fd);
}

describe("a restore on a file system with clones", () => {
  it.for(["existing", "new"] as const)(
    "gives the bytes and modes of copies, and nothing that is to be executed otherwise (%s root)",
    async (kind) => {
      using scene = new Scene(OUTPUTS);
      chmodSync(scene.source("data/big.bin"), 0o666);
      const target = kind === "new" ? scene.newTarget() : scene.existingTarget();
      const descriptors = openDescriptors();
      const clones: string[] = [];
      const fs = interceptFileSystem((call, proceed) => {
        if (call.name === "copyFileSync") clones.push(call.name);
        return proceed();
      }, cloningFileSystem());
      expect(await scene.restore(target, fs, { mkdir: kind === "new" })).toMatchObject({ ok: true });
      expect(openDescriptors()).toEqual(descriptors);
      expect(clones).toHaveLength(2);
      for (const [path, content] of Object.entries(OUTPUTS)) {
        expect(readFileSync(join(target, path), "utf8") === content, path).toBe(true);
        const mode = lstatSync(join(target, path)).mode & 0o7777;
        expect(mode, path).toBe(path === "bin/run" ? 0o755 : 0o644);
      }
    },
  );
});

describe.for(["mkfs.btrfs", "mkfs.xfs"])("a restore on a real file system with clones (%s)", (program) => {
  /** Bytes that a disk has left, once all is written. */
  function free(folder: string): number {
    spawnSync("sync", ["-f", folder]);
    const { bfree, bsize } = statfsSync(folder);
    return bfree * bsize;
  }

  it.for(["existing", "new"] as const)(
    "takes no room, and is not changed with its sources later (%s root)",
    async (kind, { skip }) => {
      using disk = MountedFolder.formatted(program, ["-q"], 400 * 1024);
      skip(disk.obstacle !== undefined, disk.obstacle);
      using scene = new Scene(OUTPUTS, disk.folder);
      const target = kind === "new" ? scene.newTarget() : scene.existingTarget();
      const before = free(disk.folder);
      expect(await scene.restore(target, undefined, { mkdir: kind === "new" })).toMatchObject({ ok: true });
      expect(before - free(disk.folder)).toBeLessThan(2_000_000);
      const restored = join(target, "data/big.bin");
      change(scene.source("data/big.bin"));
      expect(readFileSync(restored, "utf8") === OUTPUTS["data/big.bin"]).toBe(true);
      change(restored);
      expect(readFileSync(scene.source("bin/run"), "utf8") === OUTPUTS["bin/run"]).toBe(true);
      expect(lstatSync(restored).nlink).toBe(1);
    },
  );

  it.for(["before", "after"] as const)(
    "notices a source that is changed just %s it is cloned, and leaves nothing",
    async (when, { skip }) => {
      using disk = MountedFolder.formatted(program, ["-q"], 400 * 1024);
      skip(disk.obstacle !== undefined, disk.obstacle);
      using scene = new Scene(OUTPUTS, disk.folder);
      const target = scene.existingTarget();
      const fs = meddlingFileSystem(fills, () => change(scene.source("bin/run")), when);
      const { value: outcome, change: changed } = await changesOf(target, () => scene.restore(target, fs));
      expect(outcome).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH", details: { path: "bin/run" } });
      expect(changed).toEqual(UNCHANGED);
    },
  );

  it("copies from another file system", async ({ skip }) => {
    using disk = MountedFolder.formatted(program, ["-q"], 400 * 1024);
    skip(disk.obstacle !== undefined, disk.obstacle);
    using scene = new Scene(OUTPUTS);
    const target = join(disk.folder, "new");
    expect(await scene.restore(target, undefined, { mkdir: true })).toMatchObject({ ok: true });
    expect(readFileSync(join(target, "data/big.bin"), "utf8") === OUTPUTS["data/big.bin"]).toBe(true);
  });
});
