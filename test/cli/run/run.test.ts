import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../support/bundles/bundle.ts";
import { makeFifo, makeProjectWithKey, namesIn } from "../../support/command/cli.ts";
import { artifactOf, runFacts, runFactsOf, shell, verifyRun } from "../../support/command/run.ts";
import { snapshotTree } from "../../support/files/tree.ts";

describe.concurrent("runseal run: a command that does well", () => {
  it("leaves stdout to the command, and says on stderr what was sealed", async () => {
    using project = await makeProjectWithKey();
    const end = await project.run(shell("echo made > made; echo said", "--output", "made", "--id", "r"));
    expect({ exitCode: end.exitCode, stdout: end.stdout }).toEqual({ exitCode: 0, stdout: "said\n" });
    expect(end.stderr).toMatch(
      /^sealed {3}1 file, 5 bytes\nkept {5}5 bytes in \.runseal\nhash {5}[0-9a-f]{64}\nsigner {3}[0-9a-f]{8}\nbundle {3}\.runseal\/runs\/r\nnote: [^\n]+\nhint: [^\n]+\n$/,
    );
  });

  it("has a bundle that verify accepts, and whose file is another one when it changes", async () => {
    using project = await makeProjectWithKey();
    await project.run(shell("echo made > made", "--output", "made", "--id", "r"));
    expect((await verifyRun(project, "r")).exitCode).toBe(0);
    project.write({ made: "other\n" });
    expect((await verifyRun(project, "r")).stderr).toContain("HASH_MISMATCH");
  });

  it("seals an output that was there before and that the command left as it was", async () => {
    using project = await makeProjectWithKey();
    expect((await project.run(shell("true", "--output", "out", "--id", "r"))).exitCode).toBe(0);
    expect(artifactOf(project, "r", "OUTPUT_HASHES.json")["hashes"]).toHaveProperty(["out/a.txt"]);
  });

  it("runs in the current folder, which need not be the root", async () => {
    using project = await makeProjectWithKey();
    mkdirSync(project.at("sub"));
    const args = shell("echo here > made", "--here", "--project", "..", "--output", "made", "--id", "r");
    expect((await project.run(args, { cwd: project.at("sub") })).exitCode).toBe(0);
    expect(readFileSync(project.at("sub", "made"), "utf8")).toBe("here\n");
    expect(artifactOf(project, "r", "OUTPUT_HASHES.json")["hashes"]).toHaveProperty(["sub/made"]);
    expect(artifactOf(project, "r", "TASK_SPEC.json")).toMatchObject({
      working_folder: "sub",
      expected_outputs: ["sub/made"],
    });
  });

  it("gives equal bundles for equal runs under SOURCE_DATE_EPOCH", async () => {
    const bundles = [];
    for (let round = 0; round < 2; round++) {
      using project = await makeProjectWithKey();
      const env = { ...project.env, SOURCE_DATE_EPOCH: "1700000000" };
      await project.run(shell("echo made > made", "--output", "made", "--id", "r"), { env });
      bundles.push(snapshotTree(project.at(".runseal", "runs")));
    }
    expect(bundles[1]).toEqual(bundles[0]);
  });
});

describe.concurrent("runseal run: what it tells programs", () => {
  it("prints one object on stderr with --json, after all that the command said", async () => {
    using project = await makeProjectWithKey();
    const end = await project.run(shell("echo out; echo err >&2", "--json", "--id", "r"));
    expect(end.stdout).toBe("out\n");
    expect(end.stderr).toMatch(/^err\n\{[^\n]*\}\n$/);
    expect(runFactsOf(end)).toEqual({
      ok: true,
      code: "OK",
      message: "sealed",
      details: {},
      run_id: "r",
      bundle: ".runseal/runs/r",
      bundle_root: expect.stringMatching(/^[0-9a-f]{64}$/),
      proof_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      previous_bundle_root: null,
      failed_runs: [],
      kept: 0,
      kept_bytes: 0,
      unkept: null,
      replaced: 0,
      remembered: "remembered",
      recovered: [],
      unreleased: null,
      timestamp: null,
      files: 0,
      bytes: 0,
      tree: { programs: 0, links: 0, links_outside: 0, empty_folders: 0 },
      signer: expect.objectContaining({ key_id: expect.stringMatching(/^[0-9a-f]{8}$/) }),
      command: { exit_code: 0, signal: null, interrupted_by: null },
      scratch: { verified: true, condition: "RESTORED_IDENTICAL", differences: [], unreachable: [] },
      missing_outputs: [],
      left_out: [],
      command_could_sign: "plain-file",
      ignored: { entries: 0, patterns: [] },
      killed_runs: [],
      exit_code: 0,
    });
  });

  it("writes the same facts into the file of --report", async () => {
    using project = await makeProjectWithKey();
    const end = await project.run(shell("echo out", "--json", "--report", "facts.json", "--id", "r"));
    expect(end.stdout).toBe("out\n");
    expect(JSON.parse(readFileSync(project.at("facts.json"), "utf8"))).toEqual(runFactsOf(end));
  });

  it("takes the report of an earlier run away before the command runs", async () => {
    using project = await makeProjectWithKey({ "facts.json": "old" });
    const args = shell("test ! -e facts.json", "--report", "facts.json");
    expect((await project.run(args)).exitCode).toBe(0);
    expect(JSON.parse(readFileSync(project.at("facts.json"), "utf8"))).toMatchObject({ ok: true });
  });

  it("writes a report of a failed run, and of one that was refused", async () => {
    using project = await makeProjectWithKey();
    await project.run(shell("exit 7", "--report", "failed.json"));
    await project.run(shell("true", "--report", "refused.json", "--id", "../x"));
    expect(JSON.parse(readFileSync(project.at("failed.json"), "utf8"))).toMatchObject({
      code: "COMMAND_FAILED",
      exit_code: 7,
      command: { exit_code: 7 },
    });
    expect(JSON.parse(readFileSync(project.at("refused.json"), "utf8"))).toMatchObject({
      code: "ARGUMENT_MALFORMED",
      details: { reason: "run" },
      exit_code: 2,
      command: null,
    });
  });

  it("writes directly to a target that is not a file, such as a pipe", async () => {
    using project = await makeProjectWithKey();
    const under = ["sh", "-c", '"$@" | cat', "sh"];
    const { stdout } = await project.run(shell("echo out", "--report", "/dev/stdout"), { under });
    expect(stdout).toMatch(/^out\n\{"ok":true[^\n]*\}\n$/);
  });

  it("fails when the report cannot be written in the end", async () => {
    using project = await makeProjectWithKey();
    mkdirSync(project.at("place"));
    const end = await project.run(
      shell("rm -r place", "--report", "place/facts.json", "--json", "--id", "r"),
    );
    expect(runFactsOf(end)).toMatchObject({ code: "WRITE_FAILED", exit_code: 4, bundle: ".runseal/runs/r" });
    expect((await verifyRun(project, "r")).exitCode).toBe(0);
  });
});

describe.concurrent("runseal run: what TASK_SPEC.json records", () => {
  it("has the command as it was given, what it was to make, and the versions", async () => {
    using project = await makeProjectWithKey();
    await project.run(shell("echo 'a  b' > made", "--output", "made", "--id", "r"));
    expect(artifactOf(project, "r", "TASK_SPEC.json")).toEqual({
      task_id: "r",
      command: ["sh", "-c", "echo 'a  b' > made"],
      working_folder: ".",
      inputs: [],
      input_hashes: {},
      expected_outputs: ["made"],
      scratch: [".runseal/scratch"],
      environment: {},
      constraints: {},
      created_at: expect.stringMatching(/^20\d\d-.*Z$/),
      versions: {
        runseal: expect.stringMatching(/^\d+\.\d+\.\d+/),
        node: process.versions.node,
        platform: `${process.platform}-${process.arch}`,
      },
    });
  });

  it("has each input's path and digest, as it was before the command ran", async () => {
    using project = await makeProjectWithKey({ "src/a": "a\n", "src/b/c": "c\n", d: "d\n" });
    const args = shell("echo other > d", "--input", "src", "--input", "d", "--id", "r");
    expect((await project.run(args)).exitCode).toBe(0);
    expect(artifactOf(project, "r", "TASK_SPEC.json")).toMatchObject({
      inputs: ["d", "src/a", "src/b/c"],
      input_hashes: {
        d: `sha256:${sha256("d\n")}`,
        "src/a": `sha256:${sha256("a\n")}`,
        "src/b/c": `sha256:${sha256("c\n")}`,
      },
    });
  });

  it("names inputs as chains do: an output of an earlier run is not listed as an outside input", async () => {
    using project = await makeProjectWithKey({ seed: "1\n" });
    await project.run(shell("echo 1 > made", "--input", "seed", "--output", "made", "--id", "a"));
    await project.run(shell("cat made > more", "--input", "made", "--output", "more", "--id", "b"));
    const facts = await project.json([
      "verify",
      "--history",
      ".runseal/runs/a",
      ".runseal/runs/b",
      "--any-signer",
    ]);
    expect(facts["notes"]).toEqual([{ code: "INVALID_CHAIN_REFERENCE", run_id: "a", subject: "seed" }]);
  });

  it("has of the environment what --env names and nothing else", async () => {
    using project = await makeProjectWithKey();
    const env = { ...project.env, TOKEN: "very-secret-token", MODE: "release", EMPTY: "" };
    const options = ["--env", "MODE", "--env", "EMPTY", "--env", "UNSET", "--id", "r"];
    expect((await project.run(shell("true", ...options), { env })).exitCode).toBe(0);
    expect(artifactOf(project, "r", "TASK_SPEC.json")["environment"]).toEqual({
      MODE: "release",
      EMPTY: "",
      UNSET: null,
    });
    const all = JSON.stringify(snapshotTree(project.at(".runseal")));
    expect(all).not.toContain("very-secret-token");
    expect(all).not.toContain(project.env["PATH"]);
  });

  it("has a variable of an odd name as it is", async () => {
    using project = await makeProjectWithKey();
    const env = { ...project.env, __proto__x: "1", toString: "2" };
    await project.run(shell("true", "--env", "toString", "--env", "constructor", "--id", "r"), { env });
    expect(artifactOf(project, "r", "TASK_SPEC.json")["environment"]).toEqual({
      toString: "2",
      constructor: null,
    });
  });

  it("tells nothing of where on this machine it ran, not even from outside of the root", async () => {
    using project = await makeProjectWithKey();
    const cwd = join(project.folder, "home");
    writeFileSync(join(cwd, "x"), "");
    const args = shell(
      "echo 1 > ../project/made",
      "--here",
      "--project",
      "../project",
      "--output",
      "../project/made",
    );
    expect((await project.run([...args.slice(0, 1), "--id", "r", ...args.slice(1)], { cwd })).exitCode).toBe(
      0,
    );
    const task = artifactOf(project, "r", "TASK_SPEC.json");
    expect(task).toMatchObject({ working_folder: null, expected_outputs: ["made"] });
    for (const name of namesIn(project.at(".runseal", "runs", "r"))) {
      expect(readFileSync(project.at(".runseal", "runs", "r", name), "utf8")).not.toContain(project.folder);
    }
  });

  it("reads an input by no link, and takes no special file for one", async () => {
    using project = await makeProjectWithKey();
    rmSync(project.at("out", "b.txt"));
    symlinkSync("a.txt", project.at("out", "b.txt"));
    makeFifo(project.at("out", "pipe"));
    const end = await project.changesNothing(shell("touch ran", "--input", "out"));
    expect(end).toMatchObject({ exitCode: 1, stdout: "" });
    expect(end.stderr).toContain('"out/b.txt" (link)');
    expect(end.stderr).toContain('"out/pipe" (fifo)');
    expect(end.stderr).toContain("hint: name files as inputs");
    const facts = await runFacts(project, "true", ["--input", "out/a.txt", "--id", "r"]);
    expect(facts).toMatchObject({ ok: true });
    expect(artifactOf(project, "r", "TASK_SPEC.json")).toMatchObject({ inputs: ["out/a.txt"] });
  });
});
