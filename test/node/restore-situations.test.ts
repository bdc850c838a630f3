import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RestoreCode } from "../../src/core/codes/codes.ts";
import type { FileSystem } from "../../src/node/files/file-system.ts";
import type { RestoreOutcome } from "../../src/node/restore/target/restore-outcome.ts";
import { sealBundle, writeBundle } from "../support/bundle.ts";
import { dyingFileSystem } from "../support/dying-file-system.ts";
import {
  type CallName,
  interceptFileSystem,
  isStaging,
  meddlingFileSystem,
  puts,
  systemError,
} from "../support/faulty-file-system.ts";
import { recoverTarget, restoreBundle } from "../support/restore-acts.ts";
import {
  ANY_SIGNER,
  changesOf,
  openDescriptors,
  Scene,
  UNCHANGED,
  writeAt,
} from "../support/restore-scene.ts";

/*
 * The hostile situations of SECURITY 8 in their order. Item 5, races, is in test/faults/race-attackers.test.ts, and
 * before every single call in restore-hostile.test.ts; item 6 goes on in restore-file-systems.test.ts, with real
 * file systems; item 10 in the error matrix of test/faults.
 */

const IS_ROOT = process.getuid?.() === 0;

/** Fails with a code; the whole scene, inside and outside of the target, is as it was, and no descriptor is left open. */
async function expectRefusal(
  scene: Scene,
  code: RestoreCode,
  act: () => Promise<RestoreOutcome>,
  wrote?: boolean,
): Promise<void> {
  const descriptors = openDescriptors();
  const { value: outcome, change } = await changesOf(scene.folder, act);
  expect(outcome).toMatchObject({ ok: false, code, cause_code: null });
  if (wrote !== undefined) expect(outcome).toMatchObject({ wrote });
  expect(change).toEqual(UNCHANGED);
  expect(openDescriptors()).toEqual(descriptors);
}

/** A bundle that claims outputs which are not all on the disk. */
function hostileBundle(scene: Scene, paths: readonly string[], edit?: (text: string) => string) {
  const outputs = Object.fromEntries(["ok", ...paths].map((path) => [path, "x"]));
  const sealed = { ...sealBundle({ outputs }), outputs: { ok: "x" } };
  const place = writeBundle(join(scene.folder, "hostile"), sealed);
  if (edit !== undefined) {
    const address = join(place.bundle, "OUTPUT_HASHES.json");
    writeFileSync(address, edit(readFileSync(address, "utf8")));
  }
  return place;
}

const makeFifo = (path: string): void => expect(spawnSync("mkfifo", [path]).status).toBe(0);
const makeDevice = (path: string): void => expect(spawnSync("mknod", [path, "c", "1", "3"]).status).toBe(0);

describe("8.1 paths that lead elsewhere: refused before anything is written", () => {
  it.each([
    "../x",
    "a/../../x",
    "..",
    ".",
    "a/./b",
    "/x",
    "//host/x",
    "a//b",
    "",
    "a/",
    "..\\x",
    "a\\b",
    "C:\\x",
    "\\\\host\\x",
  ])("%j: RESTORE_PATH_TRAVERSAL_DETECTED", async (path) => {
    using scene = new Scene();
    const [place, target] = [hostileBundle(scene, [path]), scene.existingTarget()];
    const code = "RESTORE_PATH_TRAVERSAL_DETECTED";
    await expectRefusal(scene, code, () => restoreBundle({ ...place, target, trust: ANY_SIGNER }), false);
    const root = { ...place, target: join(target, "new"), mkdir: true, trust: ANY_SIGNER };
    await expectRefusal(scene, code, () => restoreBundle(root), false);
  });

  it("a null byte: RESTORE_PATH_NULL_BYTE_DETECTED", async () => {
    using scene = new Scene();
    const request = { ...hostileBundle(scene, ["a\0b"]), target: scene.existingTarget(), trust: ANY_SIGNER };
    await expectRefusal(scene, "RESTORE_PATH_NULL_BYTE_DETECTED", () => restoreBundle(request), false);
  });

  it.each(["..%2fx", "．．/x", "․․/x", "%2e%2e/x", "~/x", "$HOME/x"])(
    "%j is a name like any other",
    async (path) => {
      using scene = new Scene({ [path]: "literal" });
      const target = scene.existingTarget();
      const { change } = await changesOf(scene.folder, () => scene.restore(target));
      expect(readFileSync(`${target}/${path}`, "utf8")).toBe("literal");
      expect(Object.keys(change.added).every((added) => added.startsWith("restore-0/"))).toBe(true);
    },
  );
});

describe("8.2 names that a restore keeps for itself, and names that can't both be", () => {
  it.each<[string, readonly string[], RestoreCode]>([
    ["the manifest", ["RESTORE_MANIFEST.json"], "RESTORE_RESULT_ARTIFACT_WRITE_FAILED"],
    ["the report", ["RESTORE_REPORT.json"], "RESTORE_RESULT_ARTIFACT_WRITE_FAILED"],
  ])("%s: %s is refused, and nothing is left", async (_what, [path = ""], code) => {
    using scene = new Scene({ [path]: "{}", "a.txt": "alpha\n" });
    const target = scene.existingTarget();
    await expectRefusal(scene, code, () => scene.restore(target));
    const made = join(scene.existingTarget(), "new");
    await expectRefusal(scene, code, () => scene.restore(made, undefined, { mkdir: true }));
  });

  it.each([[".spectrum06_staging_x/f"], [".spectrum06_lock"], ["a", "a/b"], ["a/b", "a"], ["a/b/c", "a"]])(
    "%s: RESTORE_PATH_TRAVERSAL_DETECTED",
    async (...paths) => {
      using scene = new Scene();
      const place = hostileBundle(scene, paths);
      for (const path of [...paths].sort()) {
        if (!existsSync(join(place.root, path.split("/")[0] ?? ""))) writeAt(place.root, { [path]: "x" });
      }
      const request = { ...place, target: scene.existingTarget(), trust: ANY_SIGNER };
      await expectRefusal(scene, "RESTORE_PATH_TRAVERSAL_DETECTED", () => restoreBundle(request), false);
    },
  );

  it("a path twice: RESTORE_VERIFY_STRICT_FAILED, as no reader knows which one is meant", async () => {
    using scene = new Scene();
    const twice = (text: string): string => text.replace('"ok":', '"ok":"sha256:00","ok":');
    const request = { ...hostileBundle(scene, [], twice), target: scene.existingTarget(), trust: ANY_SIGNER };
    await expectRefusal(scene, "RESTORE_VERIFY_STRICT_FAILED", () => restoreBundle(request), false);
  });
});

describe("8.3 lengths (a depth of 1,000 and 255 bytes are restored in restore-hostile.test.ts)", () => {
  it.each([
    ["a component of 256 bytes", "n".repeat(256)],
    ["a component of 256 bytes in 255 characters", `${"n".repeat(254)}é`],
    ["a path of more than 4,096 bytes", `${"d/".repeat(2048)}f`],
  ])("%s: RESTORE_PATH_TRAVERSAL_DETECTED", async (_what, path) => {
    using scene = new Scene();
    const request = { ...hostileBundle(scene, [path]), target: scene.existingTarget(), trust: ANY_SIGNER };
    await expectRefusal(scene, "RESTORE_PATH_TRAVERSAL_DETECTED", () => restoreBundle(request), false);
  });
});

type Make = (path: string, scene: Scene) => void;

const THINGS: readonly (readonly [string, Make])[] = [
  ["a file", (path) => writeFileSync(path, "other user")],
  ["the same content", (path) => writeFileSync(path, "alpha\n")],
  ["an empty folder", (path) => mkdirSync(path)],
  ["a FIFO", makeFifo],
  ["a link that leads nowhere", (path) => symlinkSync("nowhere", path)],
  ["a link to a file inside", (path) => symlinkSync("other/notes.txt", path)],
];

describe("8.4 what stands where a target is to be", () => {
  it.each(THINGS)("%s: RESTORE_TARGET_PATH_EXISTS", async (_what, make) => {
    using scene = new Scene();
    const target = scene.existingTarget();
    make(join(target, "a.txt"), scene);
    await expectRefusal(scene, "RESTORE_TARGET_PATH_EXISTS", () => scene.restore(target), false);
  });

  it.skipIf(!IS_ROOT)("a device: RESTORE_TARGET_PATH_EXISTS (skipped: only root can make one)", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    makeDevice(join(target, "a.txt"));
    await expectRefusal(scene, "RESTORE_TARGET_PATH_EXISTS", () => scene.restore(target), false);
  });

  it.each<[string, Make, RestoreCode]>([
    [
      "a link to outside",
      (path, scene) => symlinkSync(scene.outside, path),
      "RESTORE_SYMLINK_ESCAPE_DETECTED",
    ],
    ["a link to above", (path) => symlinkSync("..", path), "RESTORE_SYMLINK_ESCAPE_DETECTED"],
    ["a link in a circle", (path) => symlinkSync("data", path), "RESTORE_SYMLINK_ESCAPE_DETECTED"],
    ["a dangling link to outside", (path) => symlinkSync("/none/x", path), "RESTORE_SYMLINK_ESCAPE_DETECTED"],
    ["a file", (path) => writeFileSync(path, "other user"), "RESTORE_FINALIZE_FAILED"],
    ["a FIFO", makeFifo, "RESTORE_FINALIZE_FAILED"],
  ])("%s where its folder is to be", async (_what, make, code) => {
    using scene = new Scene();
    const target = scene.existingTarget();
    make(join(target, "data"), scene);
    await expectRefusal(scene, code, () => scene.restore(target));
  });
});

describe("8.5 a creator who races for a name", () => {
  it.each(["a.txt", "run", "b.txt", "c.txt", "d.txt", "RESTORE_MANIFEST.json", "RESTORE_REPORT.json"])(
    "has %s first: it stays, and is all that is left",
    async (name) => {
      using scene = new Scene();
      const target = scene.existingTarget();
      let path = "";
      const fs = meddlingFileSystem(puts(name), ({ args }) => {
        path = String(args[1]);
        writeFileSync(path, "other user");
      });
      const { value: outcome, change } = await changesOf(scene.folder, () => scene.restore(target, fs));
      expect(outcome).toMatchObject({ ok: false, cause_code: null, details: { reason: "already-there" } });
      expect(Object.keys(change.added)).toEqual([expect.stringMatching(new RegExp(`/${name}$`))]);
      expect(change).toMatchObject({ removed: [], changed: [] });
    },
  );
});

describe("8.6 a root that is no place to restore into (more in restore-file-systems.test.ts)", () => {
  it.each<[string, Make, RestoreCode]>([
    ["a file", (path) => writeFileSync(path, "x"), "RESTORE_TARGET_NOT_DIRECTORY"],
    [
      "a link to a file",
      (path, scene) => symlinkSync(scene.source("a.txt"), path),
      "RESTORE_TARGET_NOT_DIRECTORY",
    ],
    ["a FIFO", makeFifo, "RESTORE_TARGET_NOT_DIRECTORY"],
    ["missing", () => undefined, "RESTORE_TARGET_NOT_EXIST"],
    ["a link that leads nowhere", (path) => symlinkSync("nowhere", path), "RESTORE_TARGET_NOT_EXIST"],
    ["a link in a circle", (path) => symlinkSync("root", path), "RESTORE_TARGET_NOT_EXIST"],
  ])("is %s", async (_what, make, code) => {
    using scene = new Scene();
    const target = join(scene.existingTarget(), "root");
    make(target, scene);
    await expectRefusal(scene, code, () => scene.restore(target), false);
  });

  it("is the source itself: RESTORE_TARGET_PATH_EXISTS", async () => {
    using scene = new Scene();
    await expectRefusal(scene, "RESTORE_TARGET_PATH_EXISTS", () => scene.restore(scene.source("")), false);
  });
});

const PLANTED = ".spectrum06_staging_00000000-0000-4000-8000-000000000000";

describe("8.7 what others put into the target", () => {
  it.each<[string, Make]>([
    ["is a link to outside", (path, scene) => symlinkSync(scene.outside, path)],
    ["is a file", (path) => writeFileSync(path, "planted")],
    [
      "is open to others",
      (path) => [writeAt(path, { f0: "planted", journal: "{}" }), chmodSync(path, 0o755)],
    ],
    [
      "belongs to another user",
      (path) => {
        writeAt(path, { f0: "planted", journal: "{}" });
        chmodSync(path, 0o700);
        if (IS_ROOT) chownSync(path, 65_534, 65_534);
        else chmodSync(path, 0o750);
      },
    ],
  ])("a planted staging folder %s: it is left alone, and does not prevent a restore", async (_what, make) => {
    using scene = new Scene();
    const target = scene.existingTarget();
    make(join(target, PLANTED), scene);
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [] });
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target));
    expect(outcome).toMatchObject({ ok: true });
    expect(change).toMatchObject({ removed: [], changed: [] });
  });

  it("a planted staging folder has a journal: RECOVER_FOREIGN_JOURNAL, and nothing is touched", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    writeAt(join(target, PLANTED), { f0: "planted", journal: "{}", committed: "" });
    chmodSync(join(target, PLANTED), 0o700);
    await expectRefusal(scene, "RECOVER_FOREIGN_JOURNAL", () => scene.restore(target));
  });

  it("a foreign file in a folder that the restore made survives its rollback", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const fs = meddlingFileSystem(puts("d.txt"), () =>
      writeAt(target, { "data/deep/own.txt": "other user", "keep/d.txt": "in the way" }),
    );
    const { change } = await changesOf(scene.folder, () => scene.restore(target, fs));
    expect(change).toMatchObject({ removed: [], changed: [] });
    expect(Object.keys(change.added)).toEqual(["restore-0/data/deep/own.txt", "restore-0/keep/d.txt"]);
  });
});

describe("8.8 several at once", () => {
  it("of two restores at once one restores, and the other is refused", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const outcomes = await Promise.all([scene.restore(target), scene.restore(target)]);
    expect(outcomes.map(({ ok }) => ok).sort()).toEqual([false, true]);
    const loser = outcomes.find(({ ok }) => !ok);
    expect(["RESTORE_BUSY", "RESTORE_TARGET_PATH_EXISTS"]).toContain(loser?.code);
    expect(readdirSync(target).filter((name) => name.startsWith(".spectrum06_"))).toEqual([]);
  });

  it("a recovery while a restore runs: RESTORE_BUSY, and the restore goes on", async () => {
    using scene = new Scene(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`f${n}`, `${n}`])));
    const target = scene.existingTarget();
    let recovery: ReturnType<typeof recoverTarget> | undefined;
    // The restore lets others run between the files.
    const fs = meddlingFileSystem(puts("f0"), () => {
      recovery = recoverTarget({ target });
    });
    expect(await scene.restore(target, fs)).toMatchObject({ ok: true });
    expect(await recovery).toMatchObject({ code: "RESTORE_BUSY", phase: "PREFLIGHT" });
  });

  it("a restore over one that was killed recovers that first, and says so", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target, dyingFileSystem(puts("d.txt")));
    const recovered = [{ act: "restore", end: "nothing", files: 7 }];
    expect(await scene.restore(target)).toMatchObject({ ok: true, recovered });
  });
});

describe("8.9 sources that aren't what they were", () => {
  it.each<[string, Make]>([
    ["a FIFO", makeFifo],
    ["a folder", (path) => mkdirSync(path)],
    ["a link to outside", (path, scene) => symlinkSync(join(scene.outside, "precious.txt"), path)],
    ["missing", () => undefined],
  ])("%s before it is verified: RESTORE_VERIFY_STRICT_FAILED", async (_what, make) => {
    using scene = new Scene();
    unlinkSync(scene.source("a.txt"));
    make(scene.source("a.txt"), scene);
    const target = scene.existingTarget();
    await expectRefusal(scene, "RESTORE_VERIFY_STRICT_FAILED", () => scene.restore(target), false);
  });

  it.each<[string, Make, RestoreCode]>([
    ["a FIFO", makeFifo, "RESTORE_SOURCE_NOT_REGULAR_FILE"],
    ["a folder", (path) => mkdirSync(path), "RESTORE_SOURCE_NOT_REGULAR_FILE"],
    ["a link", (path) => symlinkSync("bin/run", path), "RESTORE_SOURCE_NOT_REGULAR_FILE"],
    ["missing", () => undefined, "RESTORE_SOURCE_MISSING"],
    ["other bytes", (path) => writeFileSync(path, "ALPHA\n"), "RESTORE_STAGING_HASH_MISMATCH"],
    [
      "huge",
      (path) => [writeFileSync(path, ""), truncateSync(path, 2 ** 40)],
      "RESTORE_STAGING_HASH_MISMATCH",
    ],
  ])("%s after it was verified", async (_what, make, code) => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const fs = meddlingFileSystem(isStaging, () => {
      unlinkSync(scene.source("a.txt"));
      make(scene.source("a.txt"), scene);
    });
    const descriptors = openDescriptors();
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
    expect(outcome).toMatchObject({ ok: false, code, cause_code: null, details: { path: "a.txt" } });
    expect(change).toEqual(UNCHANGED);
    expect(openDescriptors()).toEqual(descriptors);
  });

  it("a device after it was verified: RESTORE_SOURCE_NOT_REGULAR_FILE", async ({ skip }) => {
    if (!IS_ROOT) skip("only root can make a device");
    using scene = new Scene();
    const target = scene.existingTarget();
    const fs = meddlingFileSystem(isStaging, () => {
      unlinkSync(scene.source("a.txt"));
      expect(spawnSync("mknod", [scene.source("a.txt"), "c", "1", "5"]).status).toBe(0);
    });
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
    expect(outcome).toMatchObject({ code: "RESTORE_SOURCE_NOT_REGULAR_FILE", details: { path: "a.txt" } });
    expect(change).toEqual(UNCHANGED);
  });

  it("changed while it is read, its size and times put back: RESTORE_STAGING_HASH_MISMATCH", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const moment = new Date(1_700_000_000_000);
    utimesSync(scene.source("a.txt"), moment, moment);
    const fs = meddlingFileSystem(
      ({ name }) => name === "writeSync",
      () => {
        writeFileSync(scene.source("a.txt"), "alpha\n");
        utimesSync(scene.source("a.txt"), moment, moment);
      },
    );
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
    expect(outcome).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH", details: { path: "a.txt" } });
    expect(change).toEqual(UNCHANGED);
  });

  it("sparse: it is restored, with all its zeros", async () => {
    const bytes = 3 * 2 ** 20;
    using scene = new Scene({ "a.txt": "alpha\n", "sparse.bin": "\0".repeat(bytes) });
    rmSync(scene.source("sparse.bin"));
    writeFileSync(scene.source("sparse.bin"), "");
    truncateSync(scene.source("sparse.bin"), bytes);
    const target = scene.existingTarget();
    expect(await scene.restore(target)).toMatchObject({ ok: true });
    expect(readFileSync(join(target, "sparse.bin")).equals(Buffer.alloc(bytes))).toBe(true);
  });
});

describe("8.10 the machine fails (every call and every error: the error matrix in test/faults)", () => {
  it.each<[CallName, "EMFILE" | "EIO"]>([
    ["openSync", "EMFILE"],
    ["openSync", "EIO"],
    ["fsyncSync", "EIO"],
    ["lstatSync", "EIO"],
    ["linkSync", "EIO"],
  ])("%s says %s, at each of its calls: nothing is left, or all is there", async (name, errno) => {
    using scene = new Scene();
    for (let at = 0, more = true; more; at++) {
      const target = scene.existingTarget();
      let number = 0;
      more = false;
      const fs: FileSystem = interceptFileSystem((call, proceed) => {
        if (call.name !== name || number++ !== at) return proceed();
        more = true;
        throw systemError(errno, call.name);
      });
      const descriptors = openDescriptors();
      const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
      const isWhole = outcome.ok || outcome.code === "RESTORE_IN_DOUBT";
      const added = Object.keys(change.added).filter((path) => !path.startsWith(".spectrum06_"));
      expect({ at, added: added.length, cause: outcome.cause_code }).toEqual({
        at,
        added: isWhole ? 7 : 0,
        cause: null,
      });
      expect(change).toMatchObject({ removed: [], changed: [] });
      expect(openDescriptors()).toEqual(descriptors);
      rmSync(target, { recursive: true });
    }
  });
});
