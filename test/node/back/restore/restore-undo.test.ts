import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anyFiles } from "../../../support/bundles/arbitrary-tree.ts";
import { caseOf } from "../../../support/command/case-of.ts";
import { undoRestore } from "../../../support/faults/restore-acts.ts";
import { changesOf, Scene, UNCHANGED } from "../../../support/faults/restore-scene.ts";
import { setsAside } from "../../../support/files/dying-file-system.ts";
import { type Call, meddlingFileSystem } from "../../../support/files/faulty-file-system.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

/** A scene with its bundle restored into a folder with foreign files. */
async function restored(scene: Scene): Promise<string> {
  const target = scene.existingTarget();
  expect(await scene.restore(target)).toMatchObject({ ok: true });
  return target;
}

describe("undo takes out what a restore put there", () => {
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
});

/** What may have become of restored files: how, what it is called, and in which place. */
const CHANGES: readonly [string, (target: string) => void, string, string][] = [
  [
    "has as many other bytes",
    (target) => writeFileSync(join(target, "a.txt"), "ALPHA\n"),
    "a.txt",
    "other-bytes",
  ],
  ["became a folder", (target) => replace(target, "a.txt", (path) => mkdirSync(path)), "a.txt", "other-type"],
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
});

describe("undo removes what it looked at, never what came in its place", () => {
  it.each<[string, (call: Call) => boolean]>([
    ["after the look", ({ address }) => address.endsWith("/journal.new")],
    ["while others are removed", setsAside("a.txt")],
  ])("%s: everything is taken back", async (_when, moment) => {
    using scene = new Scene();
    const target = await restored(scene);
    const swap = meddlingFileSystem(moment, () =>
      replace(target, "a.txt", (path) => writeFileSync(path, "other user\n")),
    );
    const seen = await changesOf(scene.folder, () => undoRestore({ target }, swap));
    expect(seen.value).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      wrote: true,
      details: { reason: "restored", changed: [{ path: "a.txt" }] },
    });
    expect(readFileSync(join(target, "a.txt"), "utf8")).toBe("other user\n");
    expect(existsSync(join(target, "bin"))).toBe(true);
  });

  /** Fits the end of the look at the first file. */
  function afterHash(): (call: Call) => boolean {
    let isOpen = false;
    return ({ address, name }) => {
      if (name === "openSync" && address.endsWith("/h0")) isOpen = true;
      return isOpen && name === "closeSync";
    };
  }

  it.each<[string, (call: Call) => boolean]>([
    ["just after the look", afterHash()],
    ["just before the commit", ({ name }) => name === "rmdirSync"],
  ])("finds bytes that were written through an open descriptor %s, and keeps them", async (_when, moment) => {
    using scene = new Scene();
    const target = await restored(scene);
    const fd = openSync(join(target, "a.txt"), "r+");
    const outcome = await undoRestore(
      { target },
      meddlingFileSystem(moment, () => writeSync(fd, "late", 0)),
    );
    closeSync(fd);
    expect(outcome).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "a.txt", change: "other-bytes" }] },
    });
    expect(readFileSync(join(target, "a.txt"), "utf8").startsWith("late")).toBe(true);
  });

  it("gives a closed folder that stays its mode back", async () => {
    using scene = new Scene();
    const target = await restored(scene);
    writeFileSync(join(target, "data/deep/own"), "own\n");
    for (const folder of ["data/deep", "data"]) chmodSync(join(target, folder), 0o555);
    expect(await undoRestore({ target })).toMatchObject({ ok: true, isClean: true });
    expect(readdirSync(join(target, "data/deep"))).toEqual(["own"]);
    for (const folder of ["data/deep", "data"])
      expect(statSync(join(target, folder)).mode & 0o777).toBe(0o555);
  });
});

describe("undo refuses where nothing vouches for what was restored", () => {
  it.each<[string, string, (path: string) => void, string]>([
    ["the manifest is gone", "RESTORE_MANIFEST.json", (path) => unlinkSync(path), "missing"],
    ["the report is gone", "RESTORE_REPORT.json", (path) => unlinkSync(path), "missing"],
    [
      "the manifest is no longer in its order",
      "RESTORE_MANIFEST.json",
      (path) => writeFileSync(path, readFileSync(path, "utf8").replace('"a.txt"', '"z.txt"')),
      "form",
    ],
    [
      "an entry was taken out of the manifest",
      "RESTORE_MANIFEST.json",
      (path) => {
        const { entries } = JSON.parse(readFileSync(path, "utf8"));
        writeFileSync(path, JSON.stringify({ entries: entries.slice(1) }));
      },
      "form",
    ],
    ["the manifest got a line feed", "RESTORE_MANIFEST.json", (path) => appendFileSync(path, "\n"), "form"],
    [
      "the report was edited",
      "RESTORE_REPORT.json",
      (path) => writeFileSync(path, readFileSync(path, "utf8").replace('"ok":true', '"ok":false')),
      "form",
    ],
    [
      "the report is a folder",
      "RESTORE_REPORT.json",
      (path) => {
        unlinkSync(path);
        mkdirSync(path);
      },
      "form",
    ],
  ])("%s", async (_what, name, meddle, reason) => {
    using scene = new Scene();
    const target = await restored(scene);
    meddle(join(target, name));
    const { change, value } = await changesOf(target, () => undoRestore({ target }));
    expect(value).toMatchObject({
      code: "UNDO_LIST_INVALID",
      phase: "PREFLIGHT",
      details: { reason, path: expect.any(String) },
    });
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
});

describe("undo and others at work in the same folder", () => {
  it("of two undos one takes all out, and the other says busy or that nothing is there", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const { change } = await changesOf(target, async () => {
      await scene.restore(target);
      const outcomes = await Promise.all([undoRestore({ target }), undoRestore({ target })]);
      const failed = outcomes.filter(({ ok }) => !ok);
      expect(failed).toHaveLength(1);
      expect(["RESTORE_BUSY", "UNDO_LIST_INVALID missing", "UNDO_TARGET_CHANGED"]).toContain(
        failed[0]?.ok === false && caseOf(failed[0]),
      );
    });
    expect(change).toEqual(UNCHANGED);
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
