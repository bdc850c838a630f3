import { renameSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonical, FIRST_SEED, sealBundle, sha256, testSigner } from "../../support/bundles/bundle.ts";
import { type HistoryScene, linked, sceneOfThree } from "../../support/bundles/history-scene.ts";
import type { Facts } from "../../support/command/cli.ts";

const TRUSTED = ["--signer", testSigner(FIRST_SEED).publicKeyHex];

/** `verify --history` without bundles, as a program sees it. */
function verify(scene: HistoryScene, args: readonly string[] = []): Promise<Facts> {
  return scene.json(["verify", "--history", ...TRUSTED, ...args]);
}

/** What does not fit: must end with exit code 1, and with the first finding's code. */
async function findings(scene: HistoryScene): Promise<readonly Record<string, unknown>[]> {
  const facts = await verify(scene);
  const found = facts["findings"] as Record<string, unknown>[];
  expect(facts).toMatchObject({ ok: false, code: found[0]?.["code"], exit_code: 1 });
  return found.map(({ message, ...rest }) => {
    expect(message).toMatch(/^[^\n]+$/);
    return rest;
  });
}

const rootsOf = (scene: HistoryScene): readonly string[] => scene.line.map(({ bundleRoot }) => bundleRoot);

describe.concurrent("runseal verify --history, of a project's history", () => {
  it("finds the runs itself, and accepts one whole line of trusted signers, with its outputs", async () => {
    using scene = sceneOfThree();
    const { exitCode, stdout } = await scene.changesNothing(["verify", "--history", ...TRUSTED]);
    expect(exitCode).toBe(0);
    expect(stdout.match(/^(?:one|two|three)(?= )/gm)).toEqual(["one", "two", "three"]);
    expect(stdout).toMatch(/\naccepted\n$/);
    const chainRoot = sha256(
      canonical({ bundle_roots: rootsOf(scene), run_ids: scene.line.map(({ runId }) => runId) }),
    );
    expect(await verify(scene, ["--expect", chainRoot])).toMatchObject({
      code: "OK",
      run_ids: ["one", "two", "three"],
      bundle_roots: rootsOf(scene),
      chain_root: chainRoot,
      head: { run_id: "three" },
      remembered: null,
      failed_run_ids: [],
      unfinished_run_ids: [],
    });
  });

  it("has failed runs beside the line, and says which", async () => {
    using scene = sceneOfThree();
    scene.put(linked("failed", scene.line[1], { status: { status: "failure" }, outputs: {} }));
    expect(await verify(scene)).toMatchObject({ code: "OK", failed_run_ids: ["failed"] });
    expect((await scene.run(["verify", "--history", ...TRUSTED])).stdout).toContain(
      '\nfailed      run "failed", not in the history\n',
    );
  });

  it("reports a gap where a bundle was deleted", async () => {
    using scene = sceneOfThree();
    scene.drop("two");
    expect(await findings(scene)).toEqual([
      { code: "HISTORY_GAP", bundle_root: rootsOf(scene)[1], run_id: "three" },
    ]);
    const { stderr } = await scene.run(["verify", "--history", ...TRUSTED]);
    expect(stderr).toMatch(
      /^error: HISTORY_GAP: missing: [0-9a-f]{8}…, between one and three\n {2}missing: the bundle with the hash [0-9a-f]{64}\nhint: .+\n$/,
    );
  });

  it("has the gap where it is in the list, too, and between the same runs", async () => {
    using scene = sceneOfThree();
    scene.drop("two");
    const { stdout } = await scene.run(["log", ...TRUSTED]);
    expect(stdout).toMatch(
      new RegExp(
        `^three .*\\nmissing: ${rootsOf(scene)[1]?.slice(0, 8)}…, between one and three\\none .*\\n2 runs;`,
      ),
    );
    const { stdout: newest } = await scene.run(["log", "--limit", "1", ...TRUSTED]);
    expect(newest).toMatch(/^three .*\nmissing: .*\n1 run of 2;/);
  });

  it("reports two bundles that were swapped, by their run ids", async () => {
    using scene = sceneOfThree();
    const runs = (name: string): string => scene.at(".runseal/runs", name);
    renameSync(runs("one"), runs("spare"));
    renameSync(runs("two"), runs("one"));
    renameSync(runs("spare"), runs("two"));
    const [first, second, ...rest] = await findings(scene);
    expect(rest).toEqual([]);
    for (const [found, run_id, sealed_as] of [
      [first, "one", "two"],
      [second, "two", "one"],
    ] as const) {
      expect(found).toMatchObject({
        code: "PAYLOAD_MISMATCH",
        run_id,
        reason: `the run directory is named "${run_id}", the run was sealed as "${sealed_as}"`,
      });
    }
  });

  it("reports a truncation: what this machine saw sealed is gone, and HEAD names an older run", async () => {
    using scene = sceneOfThree();
    const [, two, three] = scene.line;
    if (two === undefined || three === undefined) throw new Error("there are three runs");
    scene.remember(three);
    expect(await verify(scene)).toMatchObject({ code: "OK", remembered: { run_id: "three" } });
    scene.drop("three");
    scene.setHead(two);
    expect(await findings(scene)).toEqual([
      { code: "HISTORY_TRUNCATED", run_id: "three", bundle_root: three.bundleRoot },
    ]);
    // A project without it is not a new project either.
    rmSync(scene.at(".runseal"), { recursive: true });
    expect(await findings(scene)).toMatchObject([{ code: "HISTORY_TRUNCATED" }]);
  });

  it("can't tell that newer runs were taken away where none is remembered, and says so", async () => {
    using scene = sceneOfThree();
    const words = "note: this machine remembers no head of this project: ";
    expect((await scene.run(["verify", "--history", ...TRUSTED])).stdout).toContain(words);
    const [one] = scene.line;
    if (one !== undefined) scene.remember(one);
    expect((await scene.run(["verify", "--history", ...TRUSTED])).stdout).not.toContain(words);
  });

  it("does not go on without what is remembered, where that can't be understood; a log does, with a warning", async () => {
    using scene = sceneOfThree();
    scene.putState("{}\n");
    const { exitCode, stderr } = await scene.run(["verify", "--history", ...TRUSTED]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^error: HEAD_MALFORMED: "\$HOME\/.local\/state\/runseal\/heads\/[0-9a-f]{64}\.json" is not what runseal writes/,
    );
    expect(await scene.json(["log", ...TRUSTED])).toMatchObject({ exit_code: 0, suspicious: true });
    expect((await scene.json(["log", ...TRUSTED]))["runs"]).toHaveLength(3);
  });

  it("takes a bundle that a killed seal left behind HEAD for unfinished, not for an attack", async () => {
    using scene = sceneOfThree();
    const [, , three] = scene.line;
    const four = linked("four", three, { outputs: {} });
    scene.put(four);
    scene.announce(four);
    expect(await verify(scene)).toMatchObject({ code: "OK", unfinished_run_ids: ["four"] });
    expect((await scene.done(["log"])).stdout).toContain("[HEAD does not name it yet]\n");
    rmSync(scene.at(".runseal/pending"));
    expect(await findings(scene)).toEqual([{ code: "HISTORY_ROLLED_BACK", run_ids: ["four"] }]);
  });

  it("reports all that does not fit, not only the first", async () => {
    using scene = sceneOfThree();
    scene.put(linked("other", scene.line[0], { outputs: {} }));
    scene.put(sealBundle({ bind: true, runId: "foreign", outputs: {} }));
    rmSync(scene.at(".runseal/HEAD"));
    expect((await findings(scene)).map(({ code }) => code)).toEqual([
      "HEAD_MISSING",
      "HISTORY_FORK",
      "HISTORY_FOREIGN",
    ]);
    const { stderr } = await scene.run(["verify", "--history", ...TRUSTED]);
    expect(stderr).toMatch(/^error: HEAD_MISSING: [^\n]+ \(and 2 more\)\n {2}HEAD_MISSING: /);
    expect(stderr.match(/^hint: /gm)).toHaveLength(3);
  });

  it("shows a stranger's names escaped, and not without end", async () => {
    using scene = sceneOfThree();
    for (let number = 0; number < 80; number++) {
      scene.put(sealBundle({ outputs: {} }), `\u001b[2J\u202e${number}`);
    }
    const { exitCode, stdout, stderr } = await scene.run(["verify", "--history", ...TRUSTED]);
    expect(exitCode).toBe(1);
    expect(stdout + stderr).not.toMatch(/[^\n -~…]/);
    expect(stderr).toContain("\n  … and 30 more\n");
  });
});

describe.concurrent("BUNDLE may be a run id of the project", () => {
  it("in verify, verify --history, restore and countersign", async () => {
    using scene = sceneOfThree();
    expect(await scene.json(["verify", "two", ...TRUSTED])).toMatchObject({ code: "OK" });
    expect(await scene.json(["verify", "--history", "one", "two", "three", ...TRUSTED])).toMatchObject({
      code: "OK",
    });
    expect(await scene.json(["restore", "two", "--to", "out", "--mkdir", ...TRUSTED])).toMatchObject({
      ok: true,
    });
    await scene.done(["init", "--no-passphrase"]);
    expect(await scene.json(["sign", "--counter", "two", ...TRUSTED])).toMatchObject({
      ok: true,
      run_id: "two",
    });
    const elsewhere = { cwd: scene.folder };
    const args = ["verify", "two", "--project", scene.root, ...TRUSTED];
    expect(await scene.json(args, elsewhere)).toMatchObject({ code: "OK" });
  });

  it("whatever run directory of that name is here, and is a folder only where it has a slash", async () => {
    using scene = sceneOfThree();
    scene.write({ "two/STATUS.json": "{}" });
    expect(await scene.json(["verify", "two", ...TRUSTED])).toMatchObject({ code: "OK" });
    expect(await scene.json(["verify", "./two", ...TRUSTED])).toMatchObject({ code: "ARTIFACT_MISSING" });
    expect(await scene.json(["verify", "./three", ...TRUSTED])).toMatchObject({ code: "PATH_NOT_FOUND" });
    expect(await scene.json(["verify", ".runseal/runs/two", ...TRUSTED])).toMatchObject({ code: "OK" });
  });
});
