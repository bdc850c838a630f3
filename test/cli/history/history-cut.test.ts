import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  FIRST_SEED,
  SECOND_SEED,
  sealBundle,
  type TestBundle,
  testSigner,
} from "../../support/bundles/bundle.ts";
import { HistoryScene, linked, sceneOfThree } from "../../support/bundles/history-scene.ts";

const TRUSTED = ["--signer", testSigner(FIRST_SEED).publicKeyHex];
const VERIFY = ["verify", "--history", ...TRUSTED];

/** The second of three runs. */
function second(scene: HistoryScene): TestBundle {
  const [, bundle] = scene.line;
  if (bundle === undefined) throw new Error("there are three runs");
  return bundle;
}

describe.concurrent("a history of which runs were forgotten", () => {
  it("is accepted from its cut on, with a note", async () => {
    using scene = sceneOfThree();
    scene.cutAt(second(scene));
    const { exitCode, stdout } = await scene.run(VERIFY);
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain(
      "note: HISTORY_CUT: the history begins here: 1 older bundle was forgotten, the last ones at 2026-11-26T01:02:03Z\n",
    );
    expect(await scene.json(VERIFY)).toMatchObject({
      ok: true,
      run_ids: ["two", "three"],
      notes: [{ code: "HISTORY_CUT", run_id: "two", subject: "2026-11-26T01:02:03Z" }],
      cut: { bundle_root: second(scene).bundleRoot, forgotten: 1, failed_runs: [] },
    });
  });

  it("is refused where the signer of the cut is not trusted, though the signer of the runs is", async () => {
    using scene = sceneOfThree();
    scene.cutAt(second(scene), {}, SECOND_SEED);
    const facts = await scene.json(VERIFY);
    expect(facts).toMatchObject({ ok: false, code: "SIGNER_UNKNOWN", phase: "trust", exit_code: 3 });
    expect(facts["message"]).toContain("the history is sound, but the cut at its beginning: ");
    expect(facts["signer"]).toMatchObject({ public_key: testSigner(SECOND_SEED).publicKeyHex });
    expect(await scene.json(["verify", "--history", "--any-signer"])).toMatchObject({ ok: true });
  });

  it("is called whole by status, log and report only where verify --history trusts the signer of the cut", async () => {
    using scene = sceneOfThree();
    const standing = async (...trust: readonly string[]): Promise<object> => {
      const [status, log] = [await scene.json(["status", ...trust]), await scene.json(["log", ...trust])];
      const page = `report-${trust.length}-${Math.random()}.html`;
      await scene.json(["verify", "three", ...trust, "--report", page]);
      const isNamed = readFileSync(scene.at(page), "utf8").includes("the cut at its beginning: ");
      const verified = await scene.json(["verify", "--history", ...trust]);
      return { whole: status["whole"], suspicious: log["suspicious"], isNamed, ok: verified["ok"] };
    };
    const good = { whole: true, suspicious: false, isNamed: false, ok: true };
    const bad = { whole: false, suspicious: true, isNamed: true, ok: false };
    scene.cutAt(second(scene));
    expect(await standing(...TRUSTED)).toEqual(good);
    const [first] = scene.line;
    if (first !== undefined) scene.put(first);
    scene.cutAt(second(scene), {}, SECOND_SEED);
    expect(await standing(...TRUSTED)).toEqual(bad);
    expect(await standing()).toEqual(bad);
    expect(await standing("--any-signer")).toEqual(good);
    expect((await scene.run(["status", ...TRUSTED])).stdout).toMatch(
      /^history {2}not whole: the cut at its beginning: expected 56475aa7, signed by 24f6ed6a$/m,
    );
    expect((await scene.json(["status", ...TRUSTED]))["findings"]).toMatchObject([
      { code: "SIGNER_UNKNOWN" },
    ]);
    expect((await scene.run(["log", ...TRUSTED])).stderr).toMatch(
      /^warning: these runs are not one whole history/,
    );
  });

  it("shows older bundles that are still there as forgotten", async () => {
    using scene = sceneOfThree();
    const [first] = scene.line;
    scene.cutAt(second(scene));
    if (first !== undefined) scene.put(first);
    expect(await scene.json(VERIFY)).toMatchObject({ ok: true, run_ids: ["two", "three"] });
    const { stdout } = await scene.run(["log", ...TRUSTED]);
    expect(stdout).toMatch(/^one .*\[forgotten\]$/m);
    expect(await scene.json(["log", ...TRUSTED])).toMatchObject({ suspicious: false });
  });
});

describe.concurrent("a guarded run in a history", () => {
  const guard = (bundle: TestBundle, root = bundle.bundleRoot): object => ({
    after: root,
    before: bundle.bundleRoot,
    folder: "ab".repeat(32),
  });

  it("is accepted where its snapshots are in the line", async () => {
    using scene = new HistoryScene();
    const snapshot = scene.seal("run.before");
    scene.seal("run", { bind: (right) => ({ ...right, guard: guard(snapshot) }) });
    expect(await scene.json(VERIFY)).toMatchObject({ ok: true, run_ids: ["run.before", "run"] });
  });

  it("is refused where one of them is not", async () => {
    using scene = new HistoryScene();
    const snapshot = scene.seal("run.before");
    const elsewhere = sealBundle({ bind: true, runId: "elsewhere" }).bundleRoot;
    scene.seal("run", { bind: (right) => ({ ...right, guard: guard(snapshot, elsewhere) }) });
    expect(await scene.json(VERIFY)).toMatchObject({
      code: "HISTORY_GUARD_MISSING",
      details: { run_id: "run", missing_snapshots: [elsewhere] },
    });
  });

  it("is refused beside the line too", async () => {
    using scene = sceneOfThree();
    const elsewhere = sealBundle({ bind: true, runId: "elsewhere" }).bundleRoot;
    const failed = linked("bad", scene.line.at(-1), {
      status: { status: "failure" },
      bind: (right) => ({ ...right, guard: guard(second(scene), elsewhere) }),
    });
    scene.put(failed);
    expect(await scene.json(VERIFY)).toMatchObject({ code: "HISTORY_GUARD_MISSING" });
  });
});
