import { lstatSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type BundleRecipe, sha256 } from "../../../support/bundles/bundle.ts";
import { CHAIN, ChainScene } from "../../../support/bundles/chain-scene.ts";
import { changesOf, UNCHANGED } from "../../../support/faults/restore-scene.ts";
import { type Call, meddlingFileSystem } from "../../../support/files/faulty-file-system.ts";
import { watchedFileSystem } from "../../../support/files/watched-file-system.ts";

describe("all bundles are looked at before the first write (PROTOCOL 13.1)", () => {
  it.each<[string, (scene: ChainScene) => void, object]>([
    [
      "PREFLIGHT: an output of the last run has other bytes",
      (scene) => writeFileSync(scene.source("test/e.txt"), "EPSILON\n"),
      {
        code: "RESTORE_VERIFY_STRICT_FAILED",
        details: { verifier_code: "HASH_MISMATCH", run_id: "run-003" },
      },
    ],
    [
      "PREFLIGHT: the proof of the last run is gone",
      (scene) => unlinkSync(join(scene.folder, "run/run-003/PROOF.json")),
      { code: "RESTORE_PROOF_MISSING", details: { run_id: "run-003" } },
    ],
    [
      "PLAN: a source of the last run is a link",
      (scene) => {
        unlinkSync(scene.source("test/e.txt"));
        writeFileSync(scene.source("other"), "epsilon\n");
        symlinkSync("../other", scene.source("test/e.txt"));
      },
      {
        code: "RESTORE_SOURCE_NOT_REGULAR_FILE",
        phase: "PLAN",
        details: { path: "test/e.txt", run_id: "run-003" },
      },
    ],
  ])("%s", async (_what, spoil, expected) => {
    using scene = new ChainScene();
    spoil(scene);
    const { fs, written } = watchedFileSystem();
    expect(await scene.restoreChain(scene.existingTarget(), fs)).toMatchObject({ wrote: false, ...expected });
    expect(written).toEqual([]);
  });
});

/** Bundles each of which fails one step of PREFLIGHT. */
const NO_PROOF: BundleRecipe = { proof: { restoration_result: { condition: "X", verified: false } } };
const EVIL_PATH: BundleRecipe = { outputs: { "../evil": "" } };
const EVIL_PATH_AND_NO_PROOF: BundleRecipe = { ...NO_PROOF, ...EVIL_PATH };

describe("each step is taken for all bundles before the next one (PROTOCOL 13.1, 13.3)", () => {
  it.each<[string, Readonly<Record<string, BundleRecipe>>, string, object]>([
    [
      "step 2 of the second before step 3 of the first",
      { "run-001": NO_PROOF, "run-002": { status: { status: "failure" } } },
      "RESTORE_VERIFY_STRICT_FAILED",
      { run_id: "run-002" },
    ],
    [
      "step 3 of the second before step 5 of the first",
      { "run-001": EVIL_PATH, "run-002": NO_PROOF },
      "RESTORE_PROOF_NOT_VERIFIED",
      { run_id: "run-002" },
    ],
    [
      "within a step the first of two",
      { "run-002": EVIL_PATH_AND_NO_PROOF, "run-003": NO_PROOF },
      "RESTORE_PROOF_NOT_VERIFIED",
      { run_id: "run-002" },
    ],
    [
      "step 5 of the last before step 6 of the first",
      { "run-003": EVIL_PATH },
      "RESTORE_PATH_TRAVERSAL_DETECTED",
      { path: "../evil", run_id: "run-003" },
    ],
  ])("%s", async (_what, recipes, code, details) => {
    using scene = new ChainScene(CHAIN, (runId) => recipes[runId] ?? {});
    const target = scene.existingTarget({ "run-001": "in the way" });
    const { value: outcome, change } = await changesOf(target, () => scene.restoreChain(target));
    expect(outcome).toMatchObject({ ok: false, code, phase: "PREFLIGHT", details });
    expect(change).toEqual(UNCHANGED);
  });

  it("step 4 after step 3 and before step 5", async () => {
    using proofless = new ChainScene(CHAIN, (runId) => (runId === "run-003" ? NO_PROOF : {}));
    expect(await proofless.restoreChain("relative")).toMatchObject({ code: "RESTORE_PROOF_NOT_VERIFIED" });
    using evil = new ChainScene(CHAIN, (runId) => (runId === "run-001" ? EVIL_PATH : {}));
    expect(await evil.restoreChain("relative")).toMatchObject({ code: "RESTORE_TARGET_NOT_ABSOLUTE" });
  });
});

describe("which chain it is (PROTOCOL 9 and 13.3)", () => {
  it("is the one whose root the caller expects, else CHAIN_ROOT_MISMATCH", async () => {
    using scene = new ChainScene();
    const expectedRoot = scene.chainRoot;
    const target = scene.existingTarget();
    for (const other of [sha256("another"), expectedRoot.toUpperCase(), "", `${expectedRoot}0`]) {
      const { value, change } = await changesOf(target, () =>
        scene.restoreChain(target, undefined, { expectedRoot: other }),
      );
      const details = { verifier_code: "CHAIN_ROOT_MISMATCH" };
      expect(value).toMatchObject({ code: "RESTORE_VERIFY_STRICT_FAILED", phase: "PREFLIGHT", details });
      expect(change).toEqual(UNCHANGED);
    }
    expect(await scene.restoreChain(target, undefined, { expectedRoot })).toMatchObject({ ok: true });
  });

  it("is rejected where its links give another order", async () => {
    using scene = new ChainScene();
    const [first = "", second = "", third = ""] = scene.bundles;
    const bundles = [first, third, second];
    const outcome = await scene.restoreChain(scene.existingTarget(), undefined, { bundles });
    const details = { verifier_code: "CHAIN_ROOT_MISMATCH", run_id: "run-003" };
    expect(outcome).toMatchObject({ code: "RESTORE_VERIFY_STRICT_FAILED", details });
  });
});

describe("the folders of runs (PROTOCOL 13.3, step 6)", () => {
  it.each([".spectrum06_x", ".spectrum06_lock", "back\\slash"])(
    "are never named %s: RESTORE_PATH_TRAVERSAL_DETECTED",
    async (runId) => {
      using scene = new ChainScene({ "run-001": { "a.txt": "alpha\n" }, [runId]: { "b.txt": "beta\n" } });
      const target = scene.existingTarget();
      const { value: outcome, change } = await changesOf(target, () => scene.restoreChain(target));
      const details = { path: runId, run_id: runId };
      expect(outcome).toMatchObject({ code: "RESTORE_PATH_TRAVERSAL_DETECTED", phase: "PREFLIGHT", details });
      expect(change).toEqual(UNCHANGED);
    },
  );

  it("are not shared with a process that makes one meanwhile: RESTORE_FINALIZE_FAILED, and it stays", async () => {
    using scene = new ChainScene();
    const target = scene.existingTarget();
    const makes = ({ name, address }: Call): boolean => name === "mkdirSync" && address.endsWith("/run-002");
    const fs = meddlingFileSystem(makes, () => mkdirSync(join(target, "run-002")));
    const { value: outcome, change } = await changesOf(target, () => scene.restoreChain(target, fs));
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", phase: "EXECUTE", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["run-002"]);
    expect(lstatSync(join(target, "run-002")).isDirectory()).toBe(true);
  });
});
