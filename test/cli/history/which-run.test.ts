import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { HistoryScene, sceneOfThree } from "../../support/bundles/history-scene.ts";
import { makeProjectWithKey } from "../../support/command/cli.ts";

const TRUSTED = ["--signer", testSigner(FIRST_SEED).publicKeyHex];

describe.concurrent("a run that was mistyped", () => {
  it("is an operation error that lists the runs there, in every command that takes a run", async () => {
    using scene = new HistoryScene();
    for (const id of ["build-1", "build-3"]) scene.seal(id);
    const to = ["--to", "out", "--mkdir"];
    for (const args of [
      ["verify", "build-2"],
      ["show", "build-2"],
      ["diff", "build-1", "build-2"],
      ["restore", "build-2", ...to],
      ["prove", "build-2", "out.txt"],
      ["verify", "--history", "build-1", "build-2"],
    ]) {
      const { exitCode, stdout, stderr } = await scene.changesNothing(args);
      expect({ exitCode, stdout }, args.join(" ")).toEqual({ exitCode: 4, stdout: "" });
      expect(stderr).toContain('no run "build-2" in .runseal/runs; there are build-1, build-3\n');
    }
    expect(await scene.json(["verify", "build-2"])).toMatchObject({
      code: "RUN_NOT_FOUND",
      details: { run_id: "build-2", path: ".runseal/runs", names: ["build-1", "build-3"], more: 0 },
      exit_code: 4,
    });
  });

  it("lists only those that begin most alike, where there are many", async () => {
    using scene = new HistoryScene();
    for (let at = 0; at < 12; at++) mkdirSync(scene.at(".runseal/runs", `a-${at}`), { recursive: true });
    mkdirSync(scene.at(".runseal/runs/wanted-1"));
    const { stderr } = await scene.run(["verify", "wanted-2"]);
    expect(stderr).toContain("there are wanted-1, a-0, ");
    expect(stderr).toContain(" and 3 others\n");
  });
});

describe.concurrent("the project", () => {
  it("is found upwards from the current folder", async () => {
    using scene = sceneOfThree();
    scene.write({ "src/deep/file": "" });
    const below = { cwd: scene.at("src/deep") };
    expect(await scene.json(["verify", "two", ...TRUSTED], below)).toMatchObject({ code: "OK" });
    expect(await scene.json(["verify", "--history", ...TRUSTED], below)).toMatchObject({ code: "OK" });
    expect(await scene.json(["log", ...TRUSTED], below)).toMatchObject({
      runs: [{ run_id: "three" }, {}, {}],
    });
    expect(await scene.json(["store", "check"], below)).toMatchObject({ ok: true });
    const { stderr } = await scene.run(["show", "nope"], below);
    expect(stderr).toContain('no run "nope" in ../../.runseal/runs; there are ');
  });

  it("is still found where this machine remembers it and its .runseal was removed, with a project above it", async () => {
    using project = await makeProjectWithKey({ "inner/out/a": "a", "out/b": "b" });
    const inner = { cwd: project.at("inner") };
    await project.done(["seal", "out", "--id", "outer"]);
    const begun = await project.run(["seal", "out", "--id", "inner", "--here"], inner);
    expect(begun).toMatchObject({ exitCode: 0, stderr: "" });
    rmSync(project.at("inner/.runseal"), { recursive: true });
    expect(await project.json(["verify", "--history"], inner)).toMatchObject({
      code: "HISTORY_TRUNCATED",
      exit_code: 1,
    });
    expect(await project.json(["verify", "--history"])).toMatchObject({ code: "OK", run_ids: ["outer"] });
  });

  it("is that of --project, and help and error say that --project says whose runs an id names", async () => {
    using scene = sceneOfThree();
    const there = { cwd: scene.folder };
    expect(await scene.json(["verify", "two", "--project", scene.root, ...TRUSTED], there)).toMatchObject({
      code: "OK",
    });
    mkdirSync(join(scene.folder, "other", ".runseal"), { recursive: true });
    const { stderr } = await scene.run(["verify", "two", "--project", "../other"]);
    expect(stderr).toContain('no run "two" in ../other/.runseal/runs; it holds no runs\n');
    expect(stderr).toContain("--project DIR says whose runs an id names");
    const help = await scene.run(["verify", "--help"]);
    expect(help.stdout.replaceAll(/\s+/g, " ")).toContain("whose runs: the project at or above this folder");
  });
});
