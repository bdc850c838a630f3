import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ARTIFACT_NAMES } from "../../../src/core/system/paths/artifact-name.ts";
import { sha256 } from "../../support/bundles/bundle.ts";
import {
  BUNDLE,
  makeProjectWithKey,
  makeSealedProject,
  modeOf,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

function artifact(project: Project, name: string, bundle: string = BUNDLE): Record<string, unknown> {
  return JSON.parse(readFileSync(project.at(bundle, name), "utf8")) as Record<string, unknown>;
}

/** The paths that a bundle vouches for. */
function sealedPaths(project: Project, bundle: string = BUNDLE): readonly string[] {
  return Object.keys(artifact(project, "OUTPUT_HASHES.json", bundle)["hashes"] as object);
}

describe.concurrent("runseal seal: where the bundle goes", () => {
  it("puts it below .runseal/runs, under UTC time and four random hex", async () => {
    using project = await makeProjectWithKey();
    const { stdout } = await project.done(["seal", "out"]);
    const [id = "", ...others] = namesIn(project.at(".runseal", "runs"));
    expect(id).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{4}$/);
    expect(others).toEqual([]);
    const files = [...ARTIFACT_NAMES, "OUTPUTS_ROOT.json", "OUTPUT_TREE.json"].sort();
    expect(namesIn(project.at(".runseal", "runs", id))).toEqual(files);
    expect(stdout).toMatch(
      /^sealed {3}2 files, 11 bytes\nkept {5}11 bytes in \.runseal\nhash {5}[0-9a-f]{64}\nsigner {3}[0-9a-f]{8}\n/,
    );
    expect(stdout.endsWith(`bundle   .runseal/runs/${id}\n`)).toBe(true);
    expect(namesIn(project.root), "nothing else appears").toEqual([".runseal", "out"]);
    await project.done(["verify", `.runseal/runs/${id}`]);
  });

  it("takes the id from --id, and writes artifacts that others may read and only the owner write", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out", "--id", "build-42"]);
    expect(namesIn(project.at(".runseal", "runs"))).toEqual(["build-42"]);
    expect(artifact(project, "STATUS.json", ".runseal/runs/build-42")).toMatchObject({ run_id: "build-42" });
    for (const name of ARTIFACT_NAMES) {
      expect(modeOf(project.at(".runseal", "runs", "build-42", name))).toBe("0644");
    }
  });

  it("puts it into --out, made where it isn't there", async () => {
    using project = await makeProjectWithKey();
    const { stdout } = await project.done(["seal", "out", "--id", "one", "--out", "../bundles/deep"]);
    expect(stdout).toContain("bundle   ../bundles/deep/one\n");
    expect(namesIn(join(project.folder, "bundles", "deep"))).toEqual(["one"]);
    expect(namesIn(project.root), "no .runseal is made").toEqual(["out"]);
    await project.done(["verify", "../bundles/deep/one"]);
  });

  it("names outputs relative to the project of --project, wherever it is called from", async () => {
    using project = await makeProjectWithKey({ "sub/out/a.txt": "alpha\n" });
    mkdirSync(project.at("here"));
    await project.done(["seal", "../sub/out", "--here", "--project", "../sub", "--id", "one"], {
      cwd: project.at("here"),
    });
    expect(namesIn(project.root)).toEqual(["here", "sub"]);
    expect(namesIn(project.at("here"))).toEqual([]);
    expect(sealedPaths(project, "sub/.runseal/runs/one")).toEqual(["out/a.txt"]);
    await project.done(["verify", "sub/.runseal/runs/one"]);
  });
});

describe.concurrent("runseal seal: what the bundle holds", () => {
  it("has each file once, however often and from wherever it is named, in byte order", async () => {
    using project = await makeProjectWithKey({
      "b/x": "1",
      "b/c/y": "2",
      a: "3",
      "b-": "4",
      ä: "5",
      "left/out": "6",
    });
    await project.done(["seal", "b/c", "ä", "a", "b", "./b/x", "b/../a", "b-", "--id", "one"]);
    expect(sealedPaths(project)).toEqual(["a", "b-", "b/c/y", "b/x", "ä"]);
  });

  it("declares the SHA-256 and the counts that coreutils would", async () => {
    using project = await makeSealedProject();
    expect(artifact(project, "OUTPUT_HASHES.json")).toMatchObject({
      hashes: { "out/a.txt": `sha256:${sha256("alpha\n")}`, "out/b.txt": `sha256:${sha256("beta\n")}` },
      validator_semver: "1.0.0",
      validator_build_id: expect.stringMatching(/^runseal:\d+\.\d+\.\d+/),
    });
    expect(artifact(project, "STATUS.json")).toMatchObject({
      status: "success",
      cmp01: "pass",
      runseal: { version: 1, run_id: "one", files: 2, bytes: 11 },
    });
  });

  it("takes the task file byte for byte", async () => {
    using project = await makeProjectWithKey();
    const task = '\n{ "z": 1.0,\t"a": "\\u0041", "big": 12345678901234567890 }\r\n\n';
    project.write({ "../task.json": task });
    await project.done(["seal", "out", "--id", "one", "--task", "../task.json"]);
    expect(readFileSync(project.at(BUNDLE, "TASK_SPEC.json"), "utf8")).toBe(task);
    await project.done(["verify", BUNDLE]);
  });

  it("never takes in a .runseal folder, at any depth", async () => {
    using project = await makeSealedProject({ "out/a.txt": "alpha\n", "out/.runseal/runs/x/f": "no\n" });
    project.write({ ".runseal/own": "no\n" });
    await project.done(["seal", ".", "--id", "two"]);
    expect(sealedPaths(project, ".runseal/runs/two")).toEqual(["out/a.txt"]);
    for (const path of [".runseal", BUNDLE, "out/.runseal/runs", "./out/../.runseal/own"]) {
      const { exitCode, stderr } = await project.changesNothing(["seal", "out", path, "--id", "three"]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`"${path}" (own-folder)\n`);
    }
  });

  it("proves the scratch folder, and never seals it", async () => {
    using project = await makeProjectWithKey();
    project.write({ ".runseal/scratch/cache/x": "kept\n" });
    await project.done(["seal", ".", "--id", "one"]);
    expect(sealedPaths(project)).toEqual(["out/a.txt", "out/b.txt"]);
    expect(artifact(project, "PROOF.json")).toMatchObject({
      catalytic_domains: [".runseal/scratch"],
      post_state: { file_manifest: { "cache/x": sha256("kept\n") } },
      restoration_result: { verified: true, condition: "RESTORED_IDENTICAL" },
    });
    symlinkSync("x", project.at(".runseal/scratch/link"));
    const { exitCode, stderr } = await project.changesNothing(["seal", "out", "--id", "two"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('".runseal/scratch/link" (link)\n');
  });

  it("seals empty files and executables, and a file as it is named alone", async () => {
    using project = await makeProjectWithKey({ empty: "" });
    await project.done(["seal", "empty", "--id", "one"]);
    expect(artifact(project, "OUTPUT_HASHES.json")["hashes"]).toEqual({ empty: `sha256:${sha256("")}` });
    await project.done(["verify", BUNDLE]);
  });
});

describe.concurrent("runseal seal: repeatable", () => {
  it("gives byte-identical bundles under SOURCE_DATE_EPOCH, and says that moment", async () => {
    using project = await makeProjectWithKey();
    const env = { ...project.env, SOURCE_DATE_EPOCH: "1700000000" };
    await project.done(["seal", "out", "--id", "one", "--out", "first"], { env });
    await project.done(["seal", "out", "--id", "one", "--out", "second"], { env });
    expect(snapshotTree(project.at("second"))).toEqual(snapshotTree(project.at("first")));
    expect(artifact(project, "STATUS.json", "first/one")).toMatchObject({
      completed_at: "2023-11-14T22:13:20Z",
      runseal: { sealed_at: "2023-11-14T22:13:20Z" },
    });
    await project.done(["seal", "out"], { env });
    expect(namesIn(project.at(".runseal", "runs"))).toEqual([
      expect.stringMatching(/^20231114T221320Z-[0-9a-f]{4}$/),
    ]);
  });
});

describe.concurrent("runseal seal --json", () => {
  it("prints one object", async () => {
    using project = await makeProjectWithKey();
    const facts = await project.json(["seal", "out", "--id", "one"]);
    expect(facts).toEqual({
      ok: true,
      code: "OK",
      message: expect.any(String),
      details: {},
      bundle: BUNDLE,
      run_id: "one",
      bundle_root: expect.stringMatching(/^[0-9a-f]{64}$/),
      files: 2,
      bytes: 11,
      tree: { programs: 0, links: 0, links_outside: 0, empty_folders: 0 },
      signer: {
        fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
        validator_id: expect.stringMatching(/^[0-9a-f]{64}$/),
        key_id: expect.stringMatching(/^[0-9a-f]{8}$/),
        public_key: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      proof_hash: artifact(project, "PROOF.json")["proof_hash"],
      previous_bundle_root: null,
      kept: 2,
      kept_bytes: 11,
      replaced: 0,
      remembered: "remembered",
      recovered: [],
      unreleased: null,
      timestamp: null,
      left_out: [],
      ignored: { entries: 0, patterns: [] },
      failed_runs: [],
      unkept: null,
      exit_code: 0,
    });
    expect(artifact(project, "SIGNED_PAYLOAD.json")["bundle_root"]).toBe(facts["bundle_root"]);
  });
});
