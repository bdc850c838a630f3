import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonical, sealBundle, sha256 } from "../../../support/bundles/bundle.ts";
import { ChainScene } from "../../../support/bundles/chain-scene.ts";
import { undoRestore } from "../../../support/faults/restore-acts.ts";
import { changesOf, OUTPUTS, Scene, UNCHANGED } from "../../../support/faults/restore-scene.ts";

describe("a restore of a part (--only)", () => {
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
