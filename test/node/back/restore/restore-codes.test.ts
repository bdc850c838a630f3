import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FileSystem } from "../../../../src/node/system/files/file-system.ts";
import { recoverTarget } from "../../../support/faults/restore-acts.ts";
import {
  changesOf,
  openDescriptors,
  Scene,
  UNCHANGED,
  writeAt,
} from "../../../support/faults/restore-scene.ts";
import {
  type Call,
  interceptFileSystem,
  isStaging,
  meddlingFileSystem,
  puts,
  systemError,
} from "../../../support/files/faulty-file-system.ts";

/** Restores into an existing root through a port; gives the outcome and what changed in the root. No descriptor stays open. */
async function restore(scene: Scene, fs: FileSystem, target: string = scene.existingTarget()) {
  const descriptors = openDescriptors();
  const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
  expect(openDescriptors()).toEqual(descriptors);
  return { outcome, change };
}

/** A port that throws at every call that fits. */
function failing(fits: (call: Call) => boolean, thrown: (call: Call) => unknown): FileSystem {
  return interceptFileSystem((call, proceed) => {
    if (fits(call)) throw thrown(call);
    return proceed();
  });
}

const isWrite = ({ name }: Call): boolean => name === "writeSync";
const isCheckOfRoot = ({ name }: Call): boolean => name === "accessSync";

describe("OUTPUT_HASHES.json changes after it was verified (PROTOCOL 13.3, step 3)", () => {
  it.each<[string, (path: string) => void, string]>([
    ["goes away", unlinkSync, "RESTORE_OUTPUT_HASHES_MISSING"],
    ["is torn", (path) => truncateSync(path, 20), "RESTORE_OUTPUT_HASHES_MALFORMED"],
    ["becomes a folder", (path) => [unlinkSync(path), mkdirSync(path)], "RESTORE_OUTPUT_HASHES_MALFORMED"],
    ["gets one more byte", (path) => appendFileSync(path, " "), "RESTORE_OUTPUT_HASHES_MALFORMED"],
    ["has no hashes", (path) => writeFileSync(path, "{}"), "RESTORE_OUTPUT_HASHES_HASHES_MISSING"],
    [
      "has hashes of another kind",
      (path) => writeFileSync(path, '{"hashes":[]}'),
      "RESTORE_OUTPUT_HASHES_HASHES_MISSING",
    ],
  ])("%s: nothing is written", async (_what, spoil, code) => {
    using scene = new Scene();
    const readsAgain = ({ address, name }: Call): boolean =>
      name === "lstatSync" && address.endsWith("/OUTPUT_HASHES.json");
    const fs = meddlingFileSystem(readsAgain, () => spoil(scene.artifact("OUTPUT_HASHES.json")));
    const { outcome, change } = await restore(scene, fs);
    const details = { artifact: "OUTPUT_HASHES.json", run_id: "run-001" };
    expect(outcome).toMatchObject({ code, phase: "PREFLIGHT", cause_code: null, details, wrote: false });
    expect(change).toEqual(UNCHANGED);
  });
});

describe("a source that changes after it was verified (PROTOCOL 13.4, 13.5)", () => {
  it.each([
    ["other bytes", (path: string) => writeFileSync(path, "ALPHA\n")],
    ["fewer bytes", (path: string) => writeFileSync(path, "a")],
    ["more bytes", (path: string) => appendFileSync(path, "more\n")],
  ])("has %s: RESTORE_STAGING_HASH_MISMATCH", async (_what, spoil) => {
    using scene = new Scene();
    const fs = meddlingFileSystem(isStaging, () => spoil(scene.source("a.txt")));
    const { outcome, change } = await restore(scene, fs);
    const details = { path: "a.txt" };
    expect(outcome).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH", phase: "EXECUTE", details });
    expect(change).toEqual(UNCHANGED);
  });

  it("changes while it is copied, its bytes and times put back: RESTORE_STAGING_HASH_MISMATCH", async () => {
    using scene = new Scene();
    const moment = new Date(1_700_000_000_000);
    utimesSync(scene.source("a.txt"), moment, moment);
    const fs = meddlingFileSystem(isWrite, () => {
      writeFileSync(scene.source("a.txt"), "alpha\n");
      utimesSync(scene.source("a.txt"), moment, moment);
    });
    const { outcome, change } = await restore(scene, fs);
    expect(outcome).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH", details: { path: "a.txt" } });
    expect(change).toEqual(UNCHANGED);
  });

  it("grows as it is read: RESTORE_STAGING_HASH_MISMATCH at once, not a full disk", async () => {
    using scene = new Scene();
    let stages = false;
    let reads = 0;
    const fs = interceptFileSystem((call, proceed) => {
      stages ||= isStaging(call);
      // Not for ever: a copy that is never given up is to fail this test, not to fill this disk.
      if (stages && call.name === "readSync" && reads++ < 100)
        appendFileSync(scene.source("a.txt"), "more\n");
      return proceed();
    });
    const { outcome, change } = await restore(scene, fs);
    expect(outcome).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH", details: { path: "a.txt" } });
    expect(reads).toBeLessThan(3);
    expect(change).toEqual(UNCHANGED);
  });

  it.each([
    ["PLAN", isCheckOfRoot],
    ["EXECUTE", isStaging],
  ] as const)("goes away before %s: RESTORE_SOURCE_MISSING", async (phase, moment) => {
    using scene = new Scene();
    const fs = meddlingFileSystem(moment, () => rmSync(scene.source("data"), { recursive: true }));
    const { outcome, change } = await restore(scene, fs);
    const details = { path: "data/deep/c.txt" };
    expect(outcome).toMatchObject({ code: "RESTORE_SOURCE_MISSING", phase, details });
    expect(change).toEqual(UNCHANGED);
  });

  it.each([
    ["a link", (path: string) => symlinkSync("bin/run", path)],
    ["a folder", (path: string) => mkdirSync(path)],
    ["a FIFO", (path: string) => expect(spawnSync("mkfifo", [path]).status).toBe(0)],
  ])("becomes %s: RESTORE_SOURCE_NOT_REGULAR_FILE, at once", async (_what, make) => {
    using scene = new Scene();
    const fs = meddlingFileSystem(isStaging, () => {
      unlinkSync(scene.source("a.txt"));
      make(scene.source("a.txt"));
    });
    const { outcome, change } = await restore(scene, fs);
    expect(outcome).toMatchObject({ code: "RESTORE_SOURCE_NOT_REGULAR_FILE", details: { path: "a.txt" } });
    expect(change).toEqual(UNCHANGED);
  });
});

describe("a target that changes before it is looked at again (PROTOCOL 13.6)", () => {
  it("is gone: RESTORE_OUTPUT_MISSING_AFTER_RESTORE", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const fs = meddlingFileSystem(puts("d.txt"), () => unlinkSync(join(target, "a.txt")), "after");
    const { outcome, change } = await restore(scene, fs, target);
    const details = { path: "a.txt" };
    expect(outcome).toMatchObject({ code: "RESTORE_OUTPUT_MISSING_AFTER_RESTORE", phase: "VERIFY", details });
    expect(change).toEqual(UNCHANGED);
  });

  it("was moved away with its folder: RESTORE_OUTPUT_MISSING_AFTER_RESTORE, and no file of ours there", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const move = (): void => renameSync(join(target, "data"), join(target, "moved"));
    const { outcome, change } = await restore(
      scene,
      meddlingFileSystem(puts("d.txt"), move, "after"),
      target,
    );
    expect(outcome).toMatchObject({ code: "RESTORE_OUTPUT_MISSING_AFTER_RESTORE", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["moved"]);
  });

  it("has other bytes: RESTORE_HASH_MISMATCH_AFTER_RESTORE, and it is ours to remove", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const spoil = (): void => writeFileSync(join(target, "a.txt"), "ALPHA\n");
    const { outcome, change } = await restore(
      scene,
      meddlingFileSystem(puts("d.txt"), spoil, "after"),
      target,
    );
    const details = { path: "a.txt" };
    expect(outcome).toMatchObject({ code: "RESTORE_HASH_MISMATCH_AFTER_RESTORE", phase: "VERIFY", details });
    expect(change).toEqual(UNCHANGED);
  });
});

describe("a file that cannot be put in place (PROTOCOL 13.5)", () => {
  it("appears meanwhile: RESTORE_FINALIZE_FAILED, and the other's file survives", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const fs = meddlingFileSystem(puts("c.txt"), () => writeAt(target, { "data/deep/c.txt": "not yours" }));
    const { outcome, change } = await restore(scene, fs, target);
    const details = { path: "data/deep/c.txt", reason: "already-there" };
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", phase: "EXECUTE", details });
    expect(Object.keys(change.added)).toEqual(["data/deep/c.txt"]);
  });

  it("would go into a root that is no longer there: RESTORE_FINALIZE_FAILED, nothing in either", async () => {
    using scene = new Scene();
    const parent = scene.existingTarget();
    const target = join(parent, "root");
    writeAt(target, { "own.txt": "other user\n" });
    const swap = (): void => {
      renameSync(target, join(parent, "moved"));
      mkdirSync(target);
    };
    const fs = meddlingFileSystem(puts("d.txt"), swap);
    const { value: outcome, change } = await changesOf(parent, () => scene.restore(target, fs));
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", phase: "VERIFY", cause_code: null });
    expect(change.removed).toEqual(["root/own.txt"]);
    expect(Object.keys(change.added)).toEqual(["moved/own.txt"]);
  });

  it("would appear in a parent that is no longer there: RESTORE_FINALIZE_FAILED, nothing in either", async () => {
    using scene = new Scene();
    const parent = join(scene.existingTarget({}), "parent");
    mkdirSync(parent);
    const swap = (): void => {
      renameSync(parent, `${parent}-moved`);
      mkdirSync(parent);
    };
    const fs = meddlingFileSystem(puts("d.txt"), swap);
    const { value: outcome, change } = await changesOf(join(parent, ".."), () =>
      scene.restore(join(parent, "new"), fs, { mkdir: true }),
    );
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", phase: "VERIFY", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["parent-moved"]);
  });
});

describe("result artifacts (PROTOCOL 13.6)", () => {
  it.each(["RESTORE_MANIFEST.json", "RESTORE_REPORT.json"])(
    "%s appears meanwhile: RESTORE_RESULT_ARTIFACT_WRITE_FAILED",
    async (name) => {
      using scene = new Scene();
      const target = scene.existingTarget();
      const { outcome, change } = await restore(
        scene,
        meddlingFileSystem(puts(name), () => writeAt(target, { [name]: "{}" })),
        target,
      );
      const details = { path: name, reason: "already-there" };
      expect(outcome).toMatchObject({
        code: "RESTORE_RESULT_ARTIFACT_WRITE_FAILED",
        phase: "VERIFY",
        details,
      });
      expect(Object.keys(change.added)).toEqual([name]);
    },
  );
});

describe("what a rollback cannot do, and unexpected exceptions (PROTOCOL 13.7)", () => {
  it("says RESTORE_ROLLBACK_FAILED and the cause when a file of its own stays", async () => {
    using scene = new Scene();
    // A rollback renames what it takes from a place before it looks at it.
    const stuck = ({ name, address }: Call): boolean => name === "renameSync" && address.endsWith("/a.txt");
    const fs = failing(
      (call) => puts("d.txt")(call) || stuck(call),
      ({ name }) => systemError("EIO", name),
    );
    const target = scene.existingTarget();
    const { outcome, change } = await restore(scene, fs, target);
    const details = { path: "keep/d.txt", reason: "input-output" };
    const cause_code = "RESTORE_FINALIZE_FAILED";
    expect(outcome).toMatchObject({ code: "RESTORE_ROLLBACK_FAILED", phase: "EXECUTE", cause_code, details });
    // What is left of its own, and the record by which recovery knows it.
    const files = Object.entries(change.added).filter(([, node]) => node.type === "file");
    expect(files.map(([path]) => path).filter((path) => !path.startsWith(".spectrum06_"))).toEqual(["a.txt"]);
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    expect(existsSync(join(target, "a.txt"))).toBe(false);
  });

  it("says RESTORE_INTERNAL_ERROR and the reason when the disk is full", async () => {
    using scene = new Scene();
    const { outcome, change } = await restore(
      scene,
      failing(isWrite, ({ name }) => systemError("ENOSPC", name)),
    );
    const details = { reason: "no-space" };
    expect(outcome).toMatchObject({
      code: "RESTORE_INTERNAL_ERROR",
      phase: "EXECUTE",
      cause_code: null,
      details,
    });
    expect(change).toEqual(UNCHANGED);
  });

  it("says RESTORE_INTERNAL_ERROR after a bug, and nothing of its text", async () => {
    using scene = new Scene();
    const fs = failing(puts("d.txt"), () => new TypeError("secret words"));
    const { outcome, change } = await restore(scene, fs);
    expect(outcome).toMatchObject({ code: "RESTORE_INTERNAL_ERROR", cause_code: null });
    expect(JSON.stringify(outcome)).not.toContain("secret");
    expect(change).toEqual(UNCHANGED);
  });

  it("takes a staging name that is taken for an error, and leaves what bears it alone", async () => {
    using scene = new Scene();
    const fs = meddlingFileSystem(isStaging, ({ address }) => writeAt(address, { f0: "planted" }));
    const { outcome, change } = await restore(scene, fs);
    const details = { reason: "already-there" };
    expect(outcome).toMatchObject({ code: "RESTORE_INTERNAL_ERROR", cause_code: null, details });
    expect(Object.keys(change.added)).toEqual([".spectrum06_staging_*/f0"]);
  });

  it("takes a staged name that is taken for an error too, and says that something stays", async () => {
    using scene = new Scene();
    const isFirst = ({ name, address }: Call): boolean => name === "openSync" && address.endsWith("/f0");
    const fs = meddlingFileSystem(isFirst, ({ address }) => writeAt(dirname(address), { f1: "planted" }));
    const { outcome, change } = await restore(scene, fs);
    const cause_code = "RESTORE_INTERNAL_ERROR";
    expect(outcome).toMatchObject({ code: "RESTORE_ROLLBACK_FAILED", cause_code });
    expect(Object.keys(change.added)).toEqual([".spectrum06_staging_*/f1"]);
  });

  it("leaves an empty folder at most where one may only add, and says so", async () => {
    using scene = new Scene();
    const isRemoval = ({ name }: Call): boolean => name === "unlinkSync" || name === "rmdirSync";
    const fs = failing(isRemoval, ({ name }) => systemError("EACCES", name));
    const { outcome, change } = await restore(scene, fs);
    const details = { reason: "no-permission" };
    expect(outcome).toMatchObject({ code: "RESTORE_ROLLBACK_FAILED", phase: "EXECUTE", details });
    expect(Object.entries(change.added)).toMatchObject([[".spectrum06_staging_*", { type: "dir" }]]);
  });
});
