import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonical, sealBundle, sha256 } from "../support/bundle.ts";
import { ChainScene } from "../support/chain-scene.ts";
import { undoRestore } from "../support/restore-acts.ts";
import { changesOf, OUTPUTS, Scene, UNCHANGED } from "../support/restore-scene.ts";
import { snapshotTree } from "../support/tree.ts";
import { watchedFileSystem } from "../support/watched-file-system.ts";

const RESULTS = ["RESTORE_MANIFEST.json", "RESTORE_REPORT.json"];

/** Outputs whose names are beginnings of each other. */
const ALIKE = { ab: "1", abc: "2", "abc.d/e": "3", "x/ab/f": "4", "x/abc/f": "5", "x/ab.txt": "6" };

describe("a restore of a part (--only)", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["a file", ["a.txt"], ["a.txt"]],
    ["a folder, with all below it", ["data"], ["data/deep/c.txt", "data/deep/er/b.txt"]],
    ["a folder spelled with a slash", ["data/deep/er/"], ["data/deep/er/b.txt"]],
    ["a folder spelled with several", ["keep//"], ["keep/d.txt"]],
    ["several of both, in any order", ["keep", "a.txt"], ["a.txt", "keep/d.txt"]],
    ["what is named twice, once", ["keep", "keep/d.txt", "keep"], ["keep/d.txt"]],
  ])("puts %s in place, and nothing else", async (_what, only, expected) => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const { value: outcome, change } = await changesOf(target, () =>
      scene.restore(target, undefined, { only }),
    );
    const bytes = expected.reduce((sum, path) => sum + (OUTPUTS[path] ?? "").length, 0);
    const runs = [{ files: expected.length, bytes }];
    expect(outcome).toMatchObject({ ok: true, phase: "VERIFY", paths: expected, bytes, runs });
    expect(change).toMatchObject({ removed: [], changed: [] });
    expect(Object.keys(change.added).sort()).toEqual([...RESULTS, ...expected].sort());
  });

  it.each([
    ["ab", ["ab"]],
    ["x/ab", ["x/ab/f"]],
    ["abc", ["abc"]],
    ["x", ["x/ab.txt", "x/ab/f", "x/abc/f"]],
  ])("takes %s for whole components, not for the beginning of a name", async (selected, expected) => {
    using scene = new Scene(ALIKE);
    const outcome = await scene.restore(scene.existingTarget(), undefined, { only: [selected] });
    expect(outcome).toMatchObject({ ok: true, paths: expected });
  });

  it.each([
    "none",
    "a",
    "a.tx",
    "a.txt/x",
    "data/none",
    "data/de",
    "./a.txt",
    "data//deep",
    "data/../a.txt",
    "/a.txt",
    "",
    "/",
    ".",
    "A.TXT",
  ])("finds no output at or below '%s': RESTORE_SELECTION_NOT_FOUND, nothing written", async (path) => {
    using scene = new Scene();
    const { fs, written } = watchedFileSystem();
    const outcome = await scene.restore(scene.existingTarget(), fs, { only: ["a.txt", path] });
    const details = { path: path.replace(/[/]+$/, "") };
    expect(outcome).toMatchObject({
      code: "RESTORE_SELECTION_NOT_FOUND",
      phase: "PLAN",
      wrote: false,
      details,
    });
    expect(written).toEqual([]);
  });

  it("of nothing is refused: RESTORE_SELECTION_NOT_FOUND", async () => {
    using scene = new Scene();
    const { fs, written } = watchedFileSystem();
    const outcome = await scene.restore(scene.existingTarget(), fs, { only: [] });
    expect(outcome).toMatchObject({ code: "RESTORE_SELECTION_NOT_FOUND", phase: "PLAN", wrote: false });
    expect(written).toEqual([]);
  });

  it("verifies the bundle in whole: a changed output outside the selection refuses it", async () => {
    using scene = new Scene();
    writeFileSync(scene.source("data/deep/er/b.txt"), "BETA\n");
    const target = scene.existingTarget();
    const { value: outcome, change } = await changesOf(target, () =>
      scene.restore(target, undefined, { only: ["a.txt"] }),
    );
    const details = { verifier_code: "HASH_MISMATCH", path: "data/deep/er/b.txt" };
    expect(outcome).toMatchObject({ code: "RESTORE_VERIFY_STRICT_FAILED", phase: "PREFLIGHT", details });
    expect(change).toEqual(UNCHANGED);
  });

  it("lists in manifest and report exactly what was restored, under the root of the whole bundle", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    await scene.restore(target, undefined, { only: ["keep", "bin/run"] });
    const entryOf = (path: string, content: string): object => ({
      bytes: content.length,
      relative_path: path,
      sha256: `sha256:${sha256(content)}`,
    });
    const read = (name: string): string => readFileSync(join(target, name), "utf8");
    expect(read("RESTORE_MANIFEST.json")).toBe(
      canonical({ entries: [entryOf("bin/run", "#!/bin/sh\n"), entryOf("keep/d.txt", "delta\n")] }),
    );
    expect(read("RESTORE_REPORT.json")).toBe(
      canonical({
        bundle_roots: [sealBundle({ outputs: OUTPUTS }).bundleRoot],
        chain_root: null,
        ok: true,
        restored_bytes: 16,
        restored_files_count: 2,
      }),
    );
  });

  it("leaves alone what stands in the place of an output that is not selected", async () => {
    using scene = new Scene();
    const target = scene.existingTarget({ "a.txt": "other user\n", data: "a file in a folder's place" });
    const { value: outcome, change } = await changesOf(target, () =>
      scene.restore(target, undefined, { only: ["keep"] }),
    );
    expect(outcome).toMatchObject({ ok: true });
    expect(change).toMatchObject({ removed: [], changed: [] });
  });

  it("is planned, and nothing written, by a dry run", async () => {
    using scene = new Scene();
    const { fs, written } = watchedFileSystem();
    const outcome = await scene.restore(scene.existingTarget(), fs, { only: ["keep"], dryRun: true });
    expect(outcome).toMatchObject({ ok: true, phase: "PLAN", paths: ["keep/d.txt"], bytes: 6 });
    expect(written).toEqual([]);
  });

  it("makes the root that isn't there, with the part in it", async () => {
    using scene = new Scene();
    const target = scene.newTarget();
    await scene.restore(target, undefined, { only: ["keep"], mkdir: true });
    expect([...snapshotTree(target).keys()]).toEqual([...RESULTS, "keep", "keep/d.txt"]);
  });

  it("is undone as what it was: files in the place of outputs that it left out stay", async () => {
    using scene = new Scene();
    const target = scene.existingTarget({ "a.txt": "alpha\n", "keep/own.txt": "other user\n" });
    const { change } = await changesOf(target, async () => {
      expect(await scene.restore(target, undefined, { only: ["keep"] })).toMatchObject({ ok: true });
      expect(await undoRestore({ target })).toMatchObject({ ok: true, paths: ["keep/d.txt"] });
    });
    expect(change).toEqual(UNCHANGED);
  });
});

describe("a restore of a part of a chain", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["one file of one run", ["run-001/fetch/a.txt"], ["run-001/fetch/a.txt"]],
    ["a folder of a run", ["run-001/fetch/deep/"], ["run-001/fetch/deep/b.txt"]],
    ["a whole run", ["run-003"], ["run-003/d.txt", "run-003/test/e.txt"]],
    ["parts of two runs", ["run-003/d.txt", "run-002"], ["run-002/build/c.txt", "run-003/d.txt"]],
  ])(
    "puts %s in place; a run of which nothing is selected leaves no trace",
    async (_what, only, expected) => {
      using scene = new ChainScene();
      const target = scene.existingTarget();
      const { value: outcome, change } = await changesOf(target, () =>
        scene.restoreChain(target, undefined, { only }),
      );
      const runs = [...new Set(expected.map((path) => path.split("/")[0] ?? ""))];
      expect(outcome).toMatchObject({ ok: true, chainRoot: scene.chainRoot, paths: expected });
      expect(outcome).toMatchObject({ runs: runs.map((runId) => ({ runId })) });
      const results = runs.flatMap((runId) => RESULTS.map((name) => `${runId}/${name}`));
      expect(Object.keys(change.added).sort()).toEqual([...results, ...expected].sort());
      for (const runId of runs) {
        const report = JSON.parse(readFileSync(join(target, runId, "RESTORE_REPORT.json"), "utf8"));
        expect(report).toMatchObject({ chain_root: scene.chainRoot });
      }
    },
  );

  it.each(["fetch/a.txt", "run-00", "run-001/none", "run-001/build/c.txt", "run-004"])(
    "finds nothing at or below '%s': RESTORE_SELECTION_NOT_FOUND, nothing written",
    async (path) => {
      using scene = new ChainScene();
      const { fs, written } = watchedFileSystem();
      const outcome = await scene.restoreChain(scene.existingTarget(), fs, { only: [path] });
      expect(outcome).toMatchObject({
        code: "RESTORE_SELECTION_NOT_FOUND",
        phase: "PLAN",
        details: { path },
      });
      expect(written).toEqual([]);
    },
  );

  it("verifies the chain in whole: a run of which nothing is selected refuses it too", async () => {
    using scene = new ChainScene();
    rmSync(scene.source("build/c.txt"));
    const outcome = await scene.restoreChain(scene.existingTarget(), undefined, { only: ["run-001"] });
    const details = { verifier_code: "OUTPUT_MISSING", run_id: "run-002" };
    expect(outcome).toMatchObject({ code: "RESTORE_VERIFY_STRICT_FAILED", details });
  });

  it("finds the folder of every run free, selected or not: RESTORE_CHAIN_TARGET_DIR_EXISTS", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget({ "run-002/own.txt": "other user\n" });
    const outcome = await scene.restoreChain(target, undefined, { only: ["run-001"] });
    const details = { run_id: "run-002" };
    expect(outcome).toMatchObject({ code: "RESTORE_CHAIN_TARGET_DIR_EXISTS", details });
  });
});
