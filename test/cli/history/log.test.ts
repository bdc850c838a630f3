import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Io } from "../../../src/cli/output/io.ts";
import { run } from "../../../src/cli/run-command-line.ts";
import { FIRST_SEED, SECOND_SEED, sealBundle, testSigner } from "../../support/bundles/bundle.ts";
import { HistoryScene, linked, sceneOfThree } from "../../support/bundles/history-scene.ts";
import { makeProject, type Project } from "../../support/command/cli.ts";
import { quietIo } from "../../support/command/quiet-io.ts";
import { longIt } from "../../support/rings/ring.ts";

const SIGNER = testSigner(FIRST_SEED);
const TRUSTED = ["--signer", SIGNER.publicKeyHex];

/** The rows of `log --json`. */
async function rows(
  project: Project,
  args: readonly string[] = [],
): Promise<readonly Record<string, unknown>[]> {
  const facts = await project.json(["log", ...TRUSTED, ...args]);
  return facts["runs"] as Record<string, unknown>[];
}

describe.concurrent("runseal log", () => {
  it("says of each run who sealed it and when, how much, and how it stands, on a line", async () => {
    using scene = sceneOfThree();
    const { stdout } = await scene.done(["log", ...TRUSTED]);
    const key = SIGNER.validatorId.slice(0, 8);
    expect(stdout.split("\n")[0]).toBe(
      `three  2026-11-25T01:02:03Z  ${key} (trusted)  1 file, 6 bytes  bundle ok`,
    );
    expect(stdout).toMatch(/\n3 runs; the bundles were verified, their files were not \(--verify does\)\n$/);
  });

  it("of a long history judges the newest, and says how many it did not read; status too", async () => {
    using scene = new HistoryScene();
    for (let number = 0; number < 30; number++) scene.seal(`run-${number}`);
    const { stdout } = await scene.done(["log", "--limit", "2"]);
    expect(stdout).toMatch(
      /^run-29 .*\nrun-28 .*\n2 runs of 30; .*; 10 other bundles not read: runseal verify --history does\n$/,
    );
    const logged = await scene.json(["log", "--limit", "2", ...TRUSTED]);
    expect(logged).toMatchObject({ suspicious: false, more: 28, unread_runs: 10 });
    expect(await scene.json(["log", "--limit", "25"])).toMatchObject({ more: 5, unread_runs: 5 });
    expect(await scene.json(["log"])).toMatchObject({ more: 0, unread_runs: 0 });
    expect(await scene.json(["status"])).toMatchObject({ whole: null, line_runs: 20, unread_runs: 10 });
    expect((await scene.done(["status"])).stdout).toContain(
      "history  the last 20 runs up to HEAD, whole; runseal verify --history reads 10 more\n",
    );
    scene.drop("run-15");
    expect(await scene.json(["log", "--limit", "2"])).toMatchObject({ suspicious: true, unread_runs: 0 });
    expect(await scene.json(["status"])).toMatchObject({ whole: false, unread_runs: 0 });
  });

  it("gives the same facts to a program", async () => {
    using scene = sceneOfThree();
    const [newest] = await rows(scene);
    expect(newest).toEqual({
      run_id: "three",
      bundle_root: scene.line[2]?.bundleRoot,
      previous_bundle_root: scene.line[1]?.bundleRoot,
      sealed_at: "2026-11-25T01:02:03Z",
      signed_elsewhere: null,
      standing: "succeeded",
      kind: "seal",
      guard: null,
      command: null,
      failed_runs: [],
      failed_runs_more: 0,
      bound: true,
      files: 1,
      bytes: 6,
      signer: expect.objectContaining({ public_key: SIGNER.publicKeyHex }),
      trust: expect.objectContaining({ ok: true, code: "OK" }),
      verdict: { ok: true, code: "OK", phase: null },
      run_failure: null,
      place: "line",
    });
    expect(await scene.json(["log"])).toMatchObject({
      head: { run_id: "three" },
      outputs_hashed: false,
      suspicious: false,
      more: 0,
    });
  });

  it("looks at no output unless it is asked to", async () => {
    using scene = sceneOfThree();
    rmSync(scene.at("three.txt"));
    writeFileSync(scene.at("two.txt"), "other\n");
    expect((await rows(scene)).map(({ verdict }) => verdict)).toEqual(
      Array(3).fill({ ok: true, code: "OK", phase: null }),
    );
    const verified = await rows(scene, ["--verify"]);
    expect(verified.map(({ verdict }) => (verdict as { code: string }).code)).toEqual([
      "OUTPUT_MISSING",
      "HASH_MISMATCH",
      "OK",
    ]);
    const { stdout } = await scene.done(["log", "--verify"]);
    expect(stdout).toMatch(
      /HASH_MISMATCH\n.* {2}verified\n3 runs; the bundles and their files were verified\n$/,
    );
  });

  it("names a signer as a trust file does, and says who is not trusted, and why", async () => {
    using scene = sceneOfThree();
    scene.put(linked("stranger", scene.line[2], { seed: SECOND_SEED, outputs: { "x.txt": "" } }));
    scene.write({ trust: `alice@example.org runseal-ed25519 ${SIGNER.publicKeyHex}\n` });
    const { stdout } = await scene.run(["log", "--trust", "trust"]);
    expect(stdout).toContain(" alice@example.org (trusted)  ");
    expect(stdout).toContain(" (not trusted: SIGNER_UNKNOWN)  ");
    const untrusted = await scene.run(["log"]);
    expect(untrusted.exitCode).toBe(0);
    expect(untrusted.stdout).toContain("(not trusted: TRUST_POLICY_MISSING)");
  });

  it("marks a failed run, beside the line that it does not belong to", async () => {
    using scene = sceneOfThree();
    const failed = linked("failed", scene.line[1], { status: { status: "failure" }, outputs: {} });
    scene.put(failed);
    const { stdout } = await scene.done(["log"]);
    expect(stdout).toMatch(/(?:^|\n)failed {2}.* {2}FAILED RUN {2}\[not in the history\]\n/);
    const row = (await rows(scene)).find(({ run_id }) => run_id === "failed");
    expect(row).toMatchObject({
      standing: "failed",
      place: "beside",
      verdict: { ok: false, code: "DECISION_INVALID" },
    });
  });

  it("lists a failed run behind the run that it names, though all were sealed in one second", async () => {
    using scene = sceneOfThree();
    const recipe = { status: { status: "failure" }, outputs: {} };
    scene.put(linked("zz-second", scene.line[0], recipe));
    scene.put(linked("zz-fourth", scene.line[2], recipe));
    scene.put(linked("zz-first", undefined, recipe));
    expect((await rows(scene)).map(({ run_id }) => run_id)).toEqual([
      "zz-fourth",
      "three",
      "two",
      "zz-second",
      "one",
      "zz-first",
    ]);
  });

  it("lists a bundle that is rejected, with the code, and still ends well", async () => {
    using scene = sceneOfThree();
    writeFileSync(scene.at(".runseal/runs/two/SIGNATURE.json"), "{}");
    const { exitCode, stdout } = await scene.run(["log"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\ntwo .* no valid signature {2}SIGNATURE_INCOMPLETE\n/);
  });

  it("warns where the runs are not one line, and leaves the judgment to verify --history", async () => {
    using scene = sceneOfThree();
    scene.put(sealBundle({ bind: true, runId: "foreign" }));
    const end = await scene.run(["log"]);
    expect(end.exitCode).toBe(0);
    expect(end.stdout).toContain("[no place in the history]");
    expect(end.stderr).toBe(
      "warning: these runs are not one whole history up to HEAD\nhint: runseal verify --history says what does not fit\n",
    );
    expect(await scene.json(["log"])).toMatchObject({ suspicious: true });
  });

  it("lists no more than the limit, and says so", async () => {
    using scene = sceneOfThree();
    const { stdout } = await scene.done(["log", "--limit", "2"]);
    expect(stdout).toMatch(/^three .*\ntwo .*\n2 runs of 3; /);
    expect(await scene.json(["log", "--limit", "1"])).toMatchObject({ more: 2 });
  });

  it("has nothing to list where nothing was sealed", async () => {
    using project = makeProject();
    mkdirSync(project.at(".runseal"));
    expect((await project.done(["log"])).stdout).toBe("nothing was sealed here yet\n");
    expect(await project.json(["log"])).toMatchObject({ head: null, runs: [], more: 0 });
  });

  it("takes nothing in the folder for a run but folders, and no sealer's own", async () => {
    using scene = sceneOfThree();
    scene.write({ ".runseal/runs/README": "", ".runseal/runs/.0123456789abcdef.partial/STATUS.json": "{}" });
    expect(await rows(scene)).toHaveLength(3);
  });

  it("shows whatever a stranger wrote escaped and cut, on the line where it belongs", async () => {
    using scene = sceneOfThree();
    const name = `\u001b[31m${"n".repeat(100)}`;
    scene.write({ trust: `${"a".repeat(300)} runseal-ed25519 ${SIGNER.publicKeyHex}\n` });
    scene.put(sealBundle({ outputs: { "a\nb": "" }, status: { note: name } }), "a\nforged  line\u202e");
    const end = await scene.run(["log", "--trust", "trust"]);
    const { stdout } = end;
    expect(stdout).not.toMatch(/[^\n -~…]/);
    expect(stdout.split("\n").filter((line) => line.includes("forged"))).toHaveLength(1);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThan(300);
  });

  it("writes each line before it looks at the next run", async () => {
    using scene = sceneOfThree();
    const lines: string[] = [];
    const io = fakeIo(scene, (text) => {
      lines.push(text);
      if (lines.length === 1) for (const runId of ["one", "two"]) scene.drop(runId);
    });
    expect(await run(["log", "--project", scene.root], io)).toBe(0);
    expect(lines.map((line) => /bundle ok|ARTIFACT_MISSING/.exec(line)?.[0])).toEqual([
      "bundle ok",
      "ARTIFACT_MISSING",
      "ARTIFACT_MISSING",
      undefined,
    ]);
  });

  it("stops when the reader closes the pipe", async () => {
    using scene = sceneOfThree();
    const lines: string[] = [];
    const io = fakeIo(scene, (text) => void lines.push(text));
    await run(["log", "--project", scene.root], { ...io, isUnread: () => lines.length > 0 });
    expect(lines.filter((line) => line.includes("bundle ok"))).toHaveLength(1);
    const under = ["sh", "-c", '{ "$@"; echo "exit $?" >&2; } | head -n 1', "sh"];
    expect(await scene.run(["log"], { under })).toMatchObject({ stderr: "exit 0\n" });
  });

  longIt("holds no bundle longer than its line takes", async () => {
    using scene = new HistoryScene();
    // A few of these would fit, all of them would not: parsed, each list takes hundreds of kilobytes.
    const note = Array.from({ length: 10_000 }, (_, index) => index);
    for (let number = 0; number < 300; number++)
      scene.seal(`run-${number}`, { outputs: {}, status: { note } });
    const under = ["sh", "-c", 'node=$1; shift; exec "$node" --max-old-space-size=48 "$@"', "sh"];
    const { exitCode, stdout, stderr } = await scene.run(["log"], { under });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.split("\n")).toHaveLength(302);
  });
});

/** Surroundings in which what is printed is heard of at once. */
function fakeIo(scene: HistoryScene, writeOut: (text: string) => void): Io {
  return quietIo({
    writeOut,
    writeError: () => undefined,
    cwd: scene.root,
    environment: scene.env,
    now: () => 1_800_000_000,
  });
}
