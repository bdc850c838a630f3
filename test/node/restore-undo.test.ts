import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anyFiles } from "../support/arbitrary-tree.ts";
import { whileBusy } from "../support/busy-root.ts";
import { ChainScene } from "../support/chain-scene.ts";
import { dyingFileSystem, unlinks } from "../support/dying-file-system.ts";
import { type Call, isStaging, meddlingFileSystem } from "../support/faulty-file-system.ts";
import { fc, runs } from "../support/properties.ts";
import { recoverTarget, undoRestore } from "../support/restore-acts.ts";
import { changesOf, openDescriptors, Scene, UNCHANGED, writeAt } from "../support/restore-scene.ts";
import { snapshotTree } from "../support/tree.ts";
import { watchedFileSystem } from "../support/watched-file-system.ts";

/** A scene with its bundle restored into a folder with foreign files. */
async function restored(scene: Scene): Promise<string> {
  const target = scene.existingTarget();
  expect(await scene.restore(target)).toMatchObject({ ok: true });
  return target;
}

describe("undo takes out what a restore put there", () => {
  it("and nothing else: the folder is as it was before", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const { change } = await changesOf(target, async () => {
      await scene.restore(target);
      const descriptors = openDescriptors();
      expect(await undoRestore({ target })).toMatchObject({
        ok: true,
        paths: ["a.txt", "bin/run", "data/deep/c.txt", "data/deep/er/b.txt", "keep/d.txt"],
        bytes: 27,
        isClean: true,
        recovered: [],
      });
      expect(openDescriptors()).toEqual(descriptors);
    });
    expect(change).toEqual(UNCHANGED);
  });

  it("and what came into its folders since stays, as do those folders", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    writeAt(target, { "data/deep/new.txt": "since\n", "bin/sub/x": "" });
    expect(await undoRestore({ target })).toMatchObject({ ok: true });
    const left = [...snapshotTree(target).keys()];
    expect(left).toEqual(
      expect.arrayContaining(["data/deep/new.txt", "bin/sub/x", "keep/own.txt", "other/notes.txt"]),
    );
    expect(left).toHaveLength(10);
  });

  it("also where their modes were changed: the bytes are what counts", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    chmodSync(join(target, "a.txt"), 0o600);
    expect(await undoRestore({ target })).toMatchObject({ ok: true });
    expect(existsSync(join(target, "a.txt"))).toBe(false);
  });

  it("but not further names of its files", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    linkSync(join(target, "a.txt"), join(target, "other", "mine.txt"));
    expect(await undoRestore({ target })).toMatchObject({ ok: true });
    expect(readFileSync(join(target, "other", "mine.txt"), "utf8")).toBe("alpha\n");
  });

  it("of a part: what --only restored", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const { change } = await changesOf(target, async () => {
      await scene.restore(target, undefined, { only: ["data", "a.txt"] });
      expect(await undoRestore({ target })).toMatchObject({
        ok: true,
        paths: ["a.txt", "data/deep/c.txt", "data/deep/er/b.txt"],
      });
    });
    expect(change).toEqual(UNCHANGED);
  });

  it("of a chain: all runs, or the one whose folder is named", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    const { change } = await changesOf(target, async () => {
      await scene.restoreChain(target);
      expect(await undoRestore({ target })).toMatchObject({ ok: true, bundleRoots: scene.bundleRoots });
    });
    expect(change).toEqual(UNCHANGED);
    await scene.restoreChain(target);
    const one = await changesOf(target, () => undoRestore({ target: join(target, "run-002") }));
    expect(one.value).toMatchObject({ ok: true, paths: ["build/c.txt"] });
    expect(one.change.removed.filter((path) => !path.startsWith("run-002/"))).toEqual([]);
    expect(await undoRestore({ target })).toMatchObject({
      ok: true,
      paths: ["run-001/fetch/a.txt", "run-001/fetch/deep/b.txt", "run-003/d.txt", "run-003/test/e.txt"],
    });
  });

  it("through a link that stays inside, from where it really stands", async () => {
    using scene = new Scene();
    const target = scene.existingTarget({ "real/own.txt": "other user\n" });
    symlinkSync("real", join(target, "data"));
    const { change } = await changesOf(target, async () => {
      await scene.restore(target);
      expect(existsSync(join(target, "real/deep/c.txt"))).toBe(true);
      expect(await undoRestore({ target })).toMatchObject({ ok: true });
    });
    expect(change).toEqual(UNCHANGED);
  });

  it("only looks in a dry run: no call changes anything", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    const { fs, written } = watchedFileSystem();
    expect(await undoRestore({ target, dryRun: true }, fs)).toMatchObject({ ok: true, bytes: 27 });
    expect(written).toEqual([]);
  });
});

/** What may have become of restored files: how, what it is called, and in which place. */
const CHANGES: readonly [string, (target: string) => void, string, string][] = [
  ["has other bytes", (target) => appendFileSync(join(target, "a.txt"), "x"), "a.txt", "other-bytes"],
  [
    "has as many other bytes",
    (target) => writeFileSync(join(target, "a.txt"), "ALPHA\n"),
    "a.txt",
    "other-bytes",
  ],
  ["is gone", (target) => unlinkSync(join(target, "bin/run")), "bin/run", "missing"],
  ["became a folder", (target) => replace(target, "a.txt", (path) => mkdirSync(path)), "a.txt", "other-type"],
  [
    "became a link to a file with its bytes",
    (target) => {
      renameSync(join(target, "a.txt"), join(target, "moved.txt"));
      symlinkSync("moved.txt", join(target, "a.txt"));
    },
    "a.txt",
    "other-type",
  ],
  [
    "lies behind a link that has its folder's place and leads out",
    (target) => {
      renameSync(join(target, "bin"), join(target, "../moved"));
      symlinkSync("../moved", join(target, "bin"));
    },
    "bin/run",
    "missing",
  ],
];

function replace(target: string, path: string, make: (path: string) => void): void {
  unlinkSync(join(target, path));
  make(join(target, path));
}

describe("undo refuses, by name, and removes nothing, where one restored file", () => {
  it.each(CHANGES)("%s", async (_what, meddle, path, change) => {
    using scene = new Scene();
    const target = await restored(scene);
    meddle(target);
    for (const dryRun of [true, false]) {
      const seen = await changesOf(scene.folder, () => undoRestore({ target, dryRun }));
      expect(seen.value).toMatchObject({
        code: "UNDO_TARGET_CHANGED",
        phase: "PLAN",
        details: { changed: [{ path, change }] },
      });
      expect(seen.change).toEqual(UNCHANGED);
    }
  });

  it("is one of several: all are named", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    for (const [, meddle] of [CHANGES[2], CHANGES[4]].flatMap((each) => (each ? [each] : []))) meddle(target);
    expect(await undoRestore({ target })).toMatchObject({
      details: {
        changed: [
          { path: "a.txt", change: "other-type" },
          { path: "bin/run", change: "missing" },
        ],
      },
    });
  });
});

describe("undo removes what it looked at, never what came in its place", () => {
  it.each<[string, (call: Call) => boolean]>([
    ["after the look", ({ address }) => address.endsWith("/journal.new")],
    ["while others are removed", unlinks("d.txt")],
  ])("%s", async (_when, moment) => {
    using scene = new Scene();
    const target = await restored(scene);
    const swap = meddlingFileSystem(moment, () =>
      replace(target, "a.txt", (path) => writeFileSync(path, "other user\n")),
    );
    expect(await undoRestore({ target }, swap)).toMatchObject({ ok: true });
    expect(readFileSync(join(target, "a.txt"), "utf8")).toBe("other user\n");
    expect(existsSync(join(target, "bin"))).toBe(false);
  });
});

describe("undo refuses where nothing vouches for what was restored", () => {
  it.each<[string, string, (path: string) => void, string]>([
    ["the manifest is gone", "RESTORE_MANIFEST.json", (path) => unlinkSync(path), "UNDO_MANIFEST_MISSING"],
    ["the report is gone", "RESTORE_REPORT.json", (path) => unlinkSync(path), "UNDO_MANIFEST_MISSING"],
    [
      "the manifest is no longer in its order",
      "RESTORE_MANIFEST.json",
      (path) => writeFileSync(path, readFileSync(path, "utf8").replace('"a.txt"', '"z.txt"')),
      "UNDO_MANIFEST_MALFORMED",
    ],
    [
      "an entry was taken out of the manifest",
      "RESTORE_MANIFEST.json",
      (path) => {
        const { entries } = JSON.parse(readFileSync(path, "utf8"));
        writeFileSync(path, JSON.stringify({ entries: entries.slice(1) }));
      },
      "UNDO_MANIFEST_MALFORMED",
    ],
    [
      "the manifest got a line feed",
      "RESTORE_MANIFEST.json",
      (path) => appendFileSync(path, "\n"),
      "UNDO_MANIFEST_MALFORMED",
    ],
    [
      "the report was edited",
      "RESTORE_REPORT.json",
      (path) => writeFileSync(path, readFileSync(path, "utf8").replace('"ok":true', '"ok":false')),
      "UNDO_MANIFEST_MALFORMED",
    ],
    [
      "the report is a folder",
      "RESTORE_REPORT.json",
      (path) => {
        unlinkSync(path);
        mkdirSync(path);
      },
      "UNDO_MANIFEST_MALFORMED",
    ],
  ])("%s", async (_what, name, meddle, code) => {
    using scene = new Scene();
    const target = await restored(scene);
    meddle(join(target, name));
    const { change, value } = await changesOf(target, () => undoRestore({ target }));
    expect(value).toMatchObject({ code, phase: "PREFLIGHT", details: { path: expect.any(String) } });
    expect(change).toEqual(UNCHANGED);
  });

  it("where an entry bears another name, nothing of that name is there", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    const manifest = join(target, "RESTORE_MANIFEST.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"a.txt"', '"b.txt"'));
    expect(await undoRestore({ target })).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "b.txt", change: "missing" }] },
    });
  });

  it("is undone twice: the second undo finds no restore", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    await undoRestore({ target });
    const { change, value } = await changesOf(target, () => undoRestore({ target }));
    expect(value).toMatchObject({ code: "UNDO_MANIFEST_MISSING", phase: "PREFLIGHT", details: {} });
    expect(change).toEqual(UNCHANGED);
  });

  it("is the result of several chains: UNDO_AMBIGUOUS", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    for (const bundle of scene.bundles.slice(0, 1))
      await scene.restoreChain(target, undefined, { bundles: [bundle] });
    using other = new ChainScene({ "run-009": { "x.txt": "x" } });
    await other.restoreChain(target);
    const { change, value } = await changesOf(target, () => undoRestore({ target }));
    expect(value).toMatchObject({ code: "UNDO_AMBIGUOUS" });
    expect(change).toEqual(UNCHANGED);
  });
});

describe("undo and others at work in the same folder", () => {
  it("is refused as long as one is: RESTORE_BUSY, and removes nothing", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    const { change } = await changesOf(target, () =>
      whileBusy(target, async () => {
        expect(await undoRestore({ target })).toMatchObject({ code: "RESTORE_BUSY", phase: "PREFLIGHT" });
      }),
    );
    expect(change).toEqual(UNCHANGED);
    expect(await undoRestore({ target })).toMatchObject({ ok: true });
  });

  it("of two undos one takes all out, and the other says busy or that nothing is there", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const { change } = await changesOf(target, async () => {
      await scene.restore(target);
      const outcomes = await Promise.all([undoRestore({ target }), undoRestore({ target })]);
      const failed = outcomes.filter(({ ok }) => !ok);
      expect(failed).toHaveLength(1);
      expect(["RESTORE_BUSY", "UNDO_MANIFEST_MISSING", "UNDO_TARGET_CHANGED"]).toContain(
        failed[0]?.ok === false && failed[0].code,
      );
    });
    expect(change).toEqual(UNCHANGED);
  });
});

const KILLS: readonly [string, (call: Call) => boolean, "restored" | "undone"][] = [
  ["when it made its staging folder", isStaging, "restored"],
  ["before its journal", ({ address }) => address.endsWith("/journal.new"), "restored"],
  ["before the first removal", unlinks("RESTORE_REPORT.json"), "undone"],
  ["in the middle", unlinks("bin/run"), "undone"],
  ["before the last removal", unlinks("a.txt"), "undone"],
  ["before its marker", ({ address, name }) => name === "openSync" && address.endsWith("/aborted"), "undone"],
  ["before a folder goes", ({ address, name }) => name === "rmdirSync" && address.endsWith("/er"), "undone"],
  ["while it cleaned up", unlinks("f0"), "undone"],
];

describe("an undo that was killed", () => {
  it.each(KILLS)("%s is brought to an end by recover", async (_when, fits, end) => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const before = snapshotTree(target);
    await scene.restore(target);
    const whole = snapshotTree(target);
    await undoRestore({ target }, dyingFileSystem(fits));
    expect(await recoverTarget({ target })).toMatchObject({ ok: true });
    expect(snapshotTree(target)).toEqual(end === "restored" ? whole : before);
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [] });
  });

  it("is finished by the next restore, which then finds the folder as it was", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    await undoRestore({ target }, dyingFileSystem(unlinks("a.txt")));
    expect(await scene.restore(target)).toMatchObject({
      ok: true,
      recovered: [{ act: "undo", end: "nothing" }],
    });
    expect(readdirSync(target).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe("restore, then undo", () => {
  it("leaves any folder as it was, to the byte, whatever was restored over whatever was there", async () => {
    await fc.assert(
      fc.asyncProperty(anyFiles(1), anyFiles(0), async (outputs, foreign) => {
        using scene = new Scene(outputs);
        const target = scene.existingTarget(foreign);
        const { change } = await changesOf(target, async () => {
          const outcome = await scene.restore(target);
          // Where a name is taken, nothing is restored, and there is nothing to undo.
          if (!outcome.ok) return;
          expect(await undoRestore({ target })).toMatchObject({ ok: true, isClean: true });
        });
        expect(change).toEqual(UNCHANGED);
      }),
      { numRuns: runs(80) },
    );
  });
});
