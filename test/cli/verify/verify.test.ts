import { cpSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sealBundle, sha256, writeBundle } from "../../support/bundles/bundle.ts";
import {
  BUNDLE,
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
} from "../../support/command/cli.ts";

const HEX = /^[0-9a-f]{64}$/;

/** The ten phases as a person sees them, up to the one that failed. */
function phaseLines(failed: number): string {
  const names = ["presence", "parse", "identity", "root", "payload", "signature", "proof", "forbidden"];
  // What is rejected before its signature held has no tree yet.
  if (failed > 8) names.push("outputs", "acceptance", "tree");
  else names.push("outputs", "acceptance");
  const mark = (phase: number): string => (phase < failed ? "ok" : phase === failed ? "FAILED" : "-");
  return names
    .map((name, index) => `${`${index + 1}`.padStart(2)} ${name.padEnd(12)}${mark(index + 1)}\n`)
    .join("");
}

const ALL_PASSED = "phases   all 11 ok\n";

describe.concurrent("runseal verify: an accepted bundle", () => {
  it("shows the phases, the signer, who vouches for it, files and bytes, and ends with 0", async () => {
    using project = await makeSealedProject();
    const { exitCode, stdout, stderr } = await project.changesNothing(["verify", BUNDLE]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.startsWith(ALL_PASSED)).toBe(true);
    expect(stdout.slice(ALL_PASSED.length)).toMatch(
      new RegExp(
        "^run {6}one\\n" +
          "hash {5}[0-9a-f]{64}\\n" +
          "files {4}2 files, 11 bytes\\n" +
          "tree {5}no programs, links or empty folders\\n" +
          "sealed {3}\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ, the signer says\\n" +
          "signer {3}[0-9a-f]{8} default \\(ed25519 [0-9a-f]{64}\\)\\n" +
          " {9}SHA256:\\S{43}\\n {9}id:[0-9a-f]{64}\\n" +
          "trust {4}your trust file line 1 trusts the key as default\\n" +
          "accepted\\n$",
      ),
    );
  });

  it("answers alike with and without the argument parser", async () => {
    using project = await makeSealedProject();
    const other = ["--progress", "auto"];
    const compare = async (bundle: string, exitCode: number): Promise<void> => {
      const end = await project.changesNothing(["verify", bundle]);
      expect(end.exitCode, end.stderr).toBe(exitCode);
      expect(await project.run(["verify", ...other, bundle])).toEqual(end);
      expect(await project.run(["verify", "--", bundle])).toEqual(end);
    };
    await compare(BUNDLE, 0);
    await compare("one", 0);
    await compare("nope", 4);
    await compare("help", 4);
    await compare("", 4);
    rmSync(join(project.root, "out"), { recursive: true });
    await compare(BUNDLE, 1);
  });

  const TREE = {
    state: "checked",
    links: 0,
    links_outside: 0,
    empty_folders: 0,
    programs: 0,
    modes_ignored: false,
    exact: false,
    extra_ignored: 0,
  };

  it("gives the same with --json, each member with its type", async () => {
    using project = await makeSealedProject();
    const key = expect.stringMatching(HEX);
    expect(await project.json(["verify", BUNDLE])).toEqual({
      ok: true,
      code: "OK",
      phase: null,
      message: "accepted",
      details: {},
      verdict: { ok: true, code: "OK", phase: null },
      run_id: "one",
      sealed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      time: null,
      signed_elsewhere: null,
      bundle_root: key,
      bound: true,
      files: 2,
      bytes: 11,
      signer: {
        validator_id: key,
        key_id: expect.stringMatching(/^[0-9a-f]{8}$/),
        fingerprint: expect.stringMatching(/^SHA256:\S{43}$/),
        public_key: key,
        name: "default",
      },
      trust: {
        ok: true,
        code: "OK",
        reason: expect.any(String),
        name: "default",
        decided_by: { source: "your trust file", line: 1 },
      },
      source: "root",
      unsealed: { files: 0, below: [], complete: true },
      tree: TREE,
      moved_on: null,
      stored: null,
      history: null,
      exit_code: 0,
    });
    const all = await project.json(["verify", BUNDLE, "--all"]);
    expect(all).toMatchObject({ ok: true, failures: [] });
  });

  it("says that a plain SPECTRUM bundle is not bound", async () => {
    using project = makeProject({});
    writeBundle(project.root, sealBundle());
    const args = ["verify", "run/run-001", "--files", "files", "--any-signer"];
    const { stdout } = await project.done(args);
    expect(stdout).toContain("\nsealed   unbound: no run id, time or proof is signed\n");
    expect(await project.json(args)).toMatchObject({ ok: true, bound: false, files: 2, bytes: 11 });
  });
});

describe.concurrent("runseal verify: where the root is", () => {
  it("is the folder above .runseal, wherever it is called from and however the bundle is written", async () => {
    using project = await makeSealedProject();
    for (const [cwd, bundle] of [
      [project.folder, "project/.runseal/runs/one"],
      [project.at(".runseal", "runs"), "one"],
      [project.at(BUNDLE), "."],
      [project.at("out"), "../.runseal/runs/one/"],
      ["/", project.at(BUNDLE)],
    ] as const) {
      await project.done(["verify", bundle], { cwd });
    }
  });

  it("is here when the bundle lies in no .runseal", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out", "--id", "one", "--out", "../bundles"]);
    await project.done(["verify", "../bundles/one"]);
    const elsewhere = await project.run(["verify", "bundles/one"], { cwd: project.folder });
    expect(elsewhere.exitCode).toBe(1);
    expect(elsewhere.stderr).toContain('OUTPUT_MISSING: the output "out/a.txt" is not there');
    await project.done(["verify", "bundles/one", "--files", "project"], { cwd: project.folder });
  });
});

describe.concurrent("runseal verify: a rejected bundle", () => {
  it("names the changed file, the phase and what to do", async () => {
    using project = await makeSealedProject();
    project.write({ "out/b.txt": "BETA\n" });
    const { exitCode, stdout, stderr } = await project.changesNothing(["verify", BUNDLE]);
    expect(exitCode).toBe(1);
    expect(stdout).toBe(phaseLines(9));
    expect(stderr).toMatch(
      /^error: HASH_MISMATCH: the output "out\/b\.txt" is not the file that was sealed\nhint: /,
    );
    expect(await project.json(["verify", BUNDLE])).toEqual({
      ok: false,
      code: "HASH_MISMATCH",
      phase: "outputs",
      message: expect.any(String),
      details: {
        path: "out/b.txt",
        expected: `sha256:${sha256("beta\n")}`,
        actual: `sha256:${sha256("BETA\n")}`,
      },
      verdict: { ok: false, code: "HASH_MISMATCH", phase: "outputs" },
      hint: expect.stringMatching(/^the store has an object for each file of this run: .*\nRestore the file/),
      run_id: null,
      sealed_at: null,
      time: null,
      signed_elsewhere: null,
      bundle_root: expect.stringMatching(HEX),
      bound: null,
      files: 2,
      bytes: null,
      signer: expect.objectContaining({ validator_id: expect.stringMatching(HEX) }),
      trust: { ok: false, code: null, reason: expect.any(String) },
      source: "root",
      unsealed: { files: 0, below: [], complete: true },
      tree: null,
      moved_on: null,
      stored: null,
      history: null,
      run_failure: null,
      exit_code: 1,
    });
  });

  it("lists every changed and missing file with --all, and no other", async () => {
    using project = await makeSealedProject({
      "out/a": "1",
      "out/b": "2",
      "out/c": "3",
      "out/d": "4",
      "out/e": "5",
    });
    project.write({ "out/b": "x", "out/e": "y" });
    rmSync(project.at("out", "d"));
    const { exitCode, stdout, stderr } = await project.run(["verify", BUNDLE, "--all"]);
    expect(exitCode).toBe(1);
    const is = (now: string, sealed: string): string =>
      `is ${sha256(now).slice(0, 16)}…, was ${sha256(sealed).slice(0, 16)}…`;
    expect(stdout).toBe(
      `${phaseLines(9)}HASH_MISMATCH      "out/b": ${is("x", "2")}\n` +
        `OUTPUT_MISSING     "out/d"\nHASH_MISMATCH      "out/e": ${is("y", "5")}\n`,
    );
    expect(stderr).toMatch(/^error: HASH_MISMATCH: the output "out\/b"/);
    const { failures } = await project.json(["verify", BUNDLE, "--all"]);
    expect(failures).toEqual([
      { code: "HASH_MISMATCH", path: "out/b", expected: expect.any(String), actual: expect.any(String) },
      { code: "OUTPUT_MISSING", path: "out/d" },
      { code: "HASH_MISMATCH", path: "out/e", expected: expect.any(String), actual: expect.any(String) },
    ]);
    expect(await project.json(["verify", BUNDLE])).not.toHaveProperty("failures");
  });

  it("is taken from the folder's name: a renamed bundle, or one behind a link, is another run", async () => {
    using project = await makeSealedProject();
    cpSync(project.at(BUNDLE), project.at(".runseal/runs/two"), { recursive: true });
    symlinkSync("one", project.at(".runseal/runs/latest"));
    for (const run of ["two", "latest"]) {
      const { exitCode, stdout, stderr } = await project.run(["verify", `.runseal/runs/${run}`]);
      expect(exitCode).toBe(1);
      expect(stdout).toBe(phaseLines(10));
      expect(stderr).toMatch(
        /^error: PAYLOAD_MISMATCH: the run directory is named "(?:two|latest)", the run was sealed as "one"\nhint: rename/,
      );
    }
  });

  it("rejects a tampered bundle before any output is looked at", async () => {
    using project = await makeSealedProject();
    project.write({ [`${BUNDLE}/TASK_SPEC.json`]: '{"task_id":"other"}' });
    const { exitCode, stdout, stderr } = await project.run(["verify", BUNDLE, "--files", "nope"]);
    expect(exitCode).toBe(1);
    expect(stdout).toBe(phaseLines(5));
    expect(stderr).toContain("error: BUNDLE_ROOT_MISMATCH: ");
    expect(await project.json(["verify", BUNDLE])).toMatchObject({
      code: "BUNDLE_ROOT_MISMATCH",
      phase: "payload",
      bundle_root: null,
      signer: null,
      files: null,
      bytes: null,
    });
  });
});

describe.concurrent("runseal verify: something else in a bundle's place", () => {
  it("rejects a run of the project whose artifacts were all taken away", async () => {
    using project = await makeSealedProject();
    for (const name of namesIn(project.at(BUNDLE))) rmSync(project.at(BUNDLE, name));
    const { exitCode, stdout, stderr } = await project.run(["verify", "one"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: phaseLines(1) });
    expect(stderr).toBe(
      "error: ARTIFACT_MISSING: TASK_SPEC.json is not in the run directory\n" +
        "hint: Check that the path is the bundle's folder, and that it was copied whole.\n",
    );
  });
});
