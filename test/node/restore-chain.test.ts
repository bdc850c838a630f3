import { readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonical, sha256 } from "../support/bundle.ts";
import { CHAIN, ChainScene, WHOLE_CHAIN } from "../support/chain-scene.ts";
import { isStaging, meddlingFileSystem, puts } from "../support/faulty-file-system.ts";
import { changesOf, openDescriptors, UNCHANGED, writeAt } from "../support/restore-scene.ts";
import { watchedFileSystem } from "../support/watched-file-system.ts";

const readJson = (...path: readonly string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

describe("a restored chain (PROTOCOL 13.8)", () => {
  it("puts each run, whole, into a folder of its id, and nothing else", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    const descriptors = openDescriptors();
    const { value: outcome, change } = await changesOf(target, () => scene.restoreChain(target));
    expect(outcome).toMatchObject({ ok: true, phase: "VERIFY", isClean: true, recovered: [] });
    expect(change).toMatchObject({ removed: [], changed: [] });
    expect(Object.keys(change.added).sort()).toEqual(WHOLE_CHAIN);
    for (const [runId, outputs] of Object.entries(CHAIN)) {
      for (const [path, content] of Object.entries(outputs)) {
        expect(readFileSync(join(target, runId, path), "utf8")).toBe(content);
      }
    }
    expect(openDescriptors()).toEqual(descriptors);
  });

  it("says of each run what was restored of it, and of all of it the chain root", async () => {
    using scene = new ChainScene();
    const outcome = await scene.restoreChain(scene.existingTarget());
    expect(outcome).toMatchObject({
      ok: true,
      runs: [
        { runId: "run-001", bundleRoot: scene.bundleRoots[0], files: 2, bytes: 11 },
        { runId: "run-002", bundleRoot: scene.bundleRoots[1], files: 1, bytes: 6 },
        { runId: "run-003", bundleRoot: scene.bundleRoots[2], files: 2, bytes: 8 },
      ],
      chainRoot: scene.chainRoot,
      bytes: 25,
      paths: WHOLE_CHAIN.filter((path) => !path.includes("RESTORE_")),
    });
  });

  it("leaves a manifest and a report with the chain root in each run's folder", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    await scene.restoreChain(target);
    for (const [index, [runId, outputs]] of Object.entries(CHAIN).entries()) {
      const entries = Object.entries(outputs).map(([path, content]) => ({
        bytes: content.length,
        relative_path: path,
        sha256: `sha256:${sha256(content)}`,
      }));
      expect(readJson(target, runId, "RESTORE_MANIFEST.json")).toEqual({ entries });
      const report = {
        bundle_roots: [scene.bundleRoots[index]],
        chain_root: scene.chainRoot,
        ok: true,
        restored_bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
        restored_files_count: entries.length,
      };
      expect(readFileSync(join(target, runId, "RESTORE_REPORT.json"), "utf8")).toBe(canonical(report));
    }
  });

  it.each(["existing", "new"])(
    "names its runs in a chain manifest while it runs, in an %s root",
    async (kind) => {
      using scene = new ChainScene();
      const target = kind === "new" ? scene.newTarget() : scene.existingTarget();
      const seen: string[] = [];
      const fs = meddlingFileSystem(puts("e.txt"), () => {
        const root = kind === "new" ? treeBeside(target) : target;
        const names = readdirSync(root).filter((name) => name.startsWith(".spectrum06_chain_"));
        for (const name of names) seen.push(name, readFileSync(join(root, name), "utf8"));
      });
      expect(await scene.restoreChain(target, fs, { mkdir: kind === "new" })).toMatchObject({ ok: true });
      const uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
      expect(seen).toEqual([
        expect.stringMatching(new RegExp(`^\\.spectrum06_chain_${uuid}\\.json$`)),
        '{"run_ids":["run-001","run-002","run-003"]}',
      ]);
      expect(readdirSync(target).filter((name) => name.startsWith("."))).toEqual([]);
    },
  );

  it("makes the root that isn't there, with all of it", async () => {
    using scene = new ChainScene();
    const target = scene.newTarget();
    const { value: outcome, change } = await changesOf(dirname(target), () =>
      scene.restoreChain(target, undefined, { mkdir: true }),
    );
    expect(outcome).toMatchObject({ ok: true, chainRoot: scene.chainRoot });
    expect(Object.keys(change.added).sort()).toEqual(WHOLE_CHAIN.map((path) => `new/${path}`));
  });

  it("is planned, and nothing written, by a dry run", async () => {
    using scene = new ChainScene();
    const { fs, written } = watchedFileSystem();
    const outcome = await scene.restoreChain(scene.existingTarget(), fs, { dryRun: true });
    expect(outcome).toMatchObject({ ok: true, phase: "PLAN", chainRoot: scene.chainRoot, bytes: 25 });
    expect(written).toEqual([]);
  });
});

/** The tree of a root that is being made. */
function treeBeside(target: string): string {
  const [made = "none"] = readdirSync(dirname(target)).filter((name) => name.startsWith(".spectrum06_new_"));
  return join(dirname(target), made, "root");
}

describe("a chain is restored whole or not at all (PROTOCOL 13.8)", () => {
  it.each([
    ["its second run's file", "run-002/build/c.txt", puts("c.txt"), "RESTORE_FINALIZE_FAILED"],
    [
      "its last run's report",
      "run-003/RESTORE_REPORT.json",
      puts("RESTORE_MANIFEST.json"),
      "RESTORE_RESULT_ARTIFACT_WRITE_FAILED",
    ],
  ])(
    "undoes all of it when something is in the way of %s, and keeps that",
    async (_what, path, moment, code) => {
      using scene = new ChainScene();
      const target = scene.existingTarget();
      const fs = meddlingFileSystem(moment, () => writeAt(target, { [path]: "other user" }));
      const { value: outcome, change } = await changesOf(target, () => scene.restoreChain(target, fs));
      expect(outcome).toMatchObject({ code, cause_code: null, details: { path, reason: "already-there" } });
      expect(change).toMatchObject({ removed: [], changed: [] });
      expect(Object.keys(change.added)).toEqual([path]);
    },
  );

  it("leaves nothing when a source of its last run changes after it was verified", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    const fs = meddlingFileSystem(isStaging, () => writeFileSync(scene.source("test/e.txt"), "EPSILON\n"));
    const { value: outcome, change } = await changesOf(target, () => scene.restoreChain(target, fs));
    const details = { path: "test/e.txt" };
    expect(outcome).toMatchObject({ code: "RESTORE_STAGING_HASH_MISMATCH", phase: "EXECUTE", details });
    expect(change).toEqual(UNCHANGED);
  });

  it("leaves nothing when a restored file of its first run is changed while its last is put in place", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    const path = "run-001/fetch/a.txt";
    const fs = meddlingFileSystem(puts("e.txt"), () => writeFileSync(join(target, path), "ALPHA\n"));
    const { value: outcome, change } = await changesOf(target, () => scene.restoreChain(target, fs));
    const details = { path };
    expect(outcome).toMatchObject({ code: "RESTORE_HASH_MISMATCH_AFTER_RESTORE", phase: "VERIFY", details });
    expect(change).toEqual(UNCHANGED);
  });

  it("keeps, when it is undone, a chain manifest that was replaced meanwhile", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    let name = "";
    const fs = meddlingFileSystem(puts("e.txt"), () => {
      [name = ""] = readdirSync(target).filter((other) => other.startsWith(".spectrum06_chain_"));
      unlinkSync(join(target, name));
      writeAt(target, { [name]: "other user", "run-003/test/e.txt": "in the way" });
    });
    expect(await scene.restoreChain(target, fs)).toMatchObject({
      code: "RESTORE_FINALIZE_FAILED",
      cause_code: null,
    });
    expect(readFileSync(join(target, name), "utf8")).toBe("other user");
  });
});
