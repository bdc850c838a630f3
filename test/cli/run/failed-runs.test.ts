import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { artifactOf, isSealed, LiveRun, shell } from "../../support/command/run.ts";

const MADE = ["--output", "made"];

/** Seals a run of a shell's words that makes one output. */
async function run(project: Project, id: string, script: string): Promise<number | null> {
  return (await project.run(shell(script, ...MADE, "--id", id))).exitCode;
}

/** A run that is killed with its command. */
async function killRun(project: Project, id: string): Promise<void> {
  const live = new LiveRun(project, shell("echo begun; sleep 60", ...MADE, "--id", id));
  await live.says("begun");
  live.kill("SIGKILL", "group");
  await live.end();
}

function listedBy(project: Project, id: string): unknown {
  const binding = artifactOf(project, id, "STATUS.json")["runseal"];
  return (binding as Readonly<Record<string, unknown>>)["failed_runs"];
}

function rootOf(project: Project, id: string): unknown {
  return artifactOf(project, id, "SIGNED_PAYLOAD.json")["bundle_root"];
}

describe.concurrent("runseal run: what a failed run left", () => {
  it("is kept in the store, and restore --failed gives it back and says of which run it is", async () => {
    using project = await makeProjectWithKey();
    await run(project, "bad", "echo 1 > made; exit 3");
    writeFileSync(project.at("made"), "another\n");
    const end = await project.run(["restore", "bad", "--failed", "--to", "there", "--mkdir"]);
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stdout).toContain("FAILED   the run says: the command failed with exit code 3\n");
    expect(readFileSync(project.at("there/made"), "utf8")).toBe("1\n");
    const facts = await project.json(["restore", "bad", "--failed", "--to", "more", "--mkdir"]);
    expect(facts).toMatchObject({
      ok: true,
      source: "store",
      failed_run: { code: "COMMAND_FAILED", message: "the command failed with exit code 3" },
    });
  });

  it("survives prune, since the failed run's bundle names it", async () => {
    using project = await makeProjectWithKey();
    await run(project, "bad", "echo 1 > made; exit 3");
    expect(await project.json(["prune"])).toMatchObject({ ok: true, removed: 0 });
    rmSync(project.at("made"));
    expect((await project.run(["restore", "bad", "--failed", "--to", "there", "--mkdir"])).exitCode).toBe(0);
  });

  it("is restored too where the run left its scratch folders changed", async () => {
    using project = await makeProjectWithKey({ "tmp/keep": "k" });
    const options = [...MADE, "--scratch", "tmp", "--id", "bad"];
    expect((await project.run(shell("echo 1 > made; touch tmp/left", ...options))).exitCode).toBe(10);
    expect((await project.run(["restore", "bad", "--failed", "--to", "there", "--mkdir"])).exitCode).toBe(0);
  });

  it("is not restored without --failed, and the hint names the option", async () => {
    using project = await makeProjectWithKey();
    await run(project, "bad", "echo 1 > made; exit 3");
    const end = await project.run(["restore", "bad", "--to", "there", "--mkdir"]);
    expect(end).toMatchObject({ exitCode: 5 });
    expect(end.stderr).toContain("--failed");
    expect(existsSync(project.at("there"))).toBe(false);
  });

  it("is not restored where it was changed, or where its bundle was", async () => {
    using project = await makeProjectWithKey();
    await run(project, "bad", "echo 1 > made; exit 3");
    const restore = ["restore", "bad", "--failed", "--to", "there", "--mkdir"];
    writeFileSync(project.at("made"), "another\n");
    rmSync(project.at(".runseal/packs"), { recursive: true });
    expect(await project.json(restore)).toMatchObject({
      details: { verifier_code: "HASH_MISMATCH" },
      exit_code: 5,
    });
    const proof = project.at(".runseal/runs/bad/PROOF.json");
    writeFileSync(proof, readFileSync(proof, "utf8").replace("RESTORED_IDENTICAL", "RESTORED_ALMOST"));
    expect(await project.json(restore)).toMatchObject({ ok: false, exit_code: 5 });
    expect(existsSync(project.at("there"))).toBe(false);
  });
});

describe.concurrent("runseal: the list of failed and killed runs", () => {
  it("is signed by the next seal of the line, those with a bundle first", async () => {
    using project = await makeProjectWithKey();
    await run(project, "one", "echo 1 > made");
    await killRun(project, "killed");
    await run(project, "bad", "echo 2 > made; exit 3");
    const facts = await project.json(["seal", "made", "--id", "two"]);
    const listed = [
      { run_id: "bad", bundle_root: rootOf(project, "bad") },
      { run_id: "killed", bundle_root: null },
    ];
    expect(facts).toMatchObject({ ok: true, failed_runs: listed });
    expect(listedBy(project, "two")).toEqual(listed);
    expect(existsSync(project.at(".runseal/unlisted"))).toBe(false);
    await run(project, "three", "echo 3 > made");
    expect(listedBy(project, "three")).toBeUndefined();
  });

  it("is signed by failed runs too, and again by the next seal of the line", async () => {
    using project = await makeProjectWithKey();
    await killRun(project, "killed");
    await run(project, "bad", "exit 3");
    const killed = { run_id: "killed", bundle_root: null };
    expect(listedBy(project, "bad")).toEqual([killed]);
    await run(project, "one", "echo 1 > made");
    expect(listedBy(project, "one")).toEqual([
      { run_id: "bad", bundle_root: rootOf(project, "bad") },
      killed,
    ]);
  });

  it("has a killed run whose id was used again", async () => {
    using project = await makeProjectWithKey();
    await killRun(project, "same");
    expect(await run(project, "same", "echo 1 > made")).toBe(0);
    expect(listedBy(project, "same")).toEqual([{ run_id: "same", bundle_root: null }]);
  });

  it("has a run with an id too long for a socket's name", async () => {
    using project = await makeProjectWithKey();
    const long = "l".repeat(150);
    await killRun(project, long);
    await run(project, "one", "echo 1 > made");
    expect(listedBy(project, "one")).toEqual([{ run_id: long, bundle_root: null }]);
  });

  it("leaves out a run in progress, which is in no list when it ends well", async () => {
    using project = await makeProjectWithKey();
    const live = new LiveRun(
      project,
      shell("echo begun; while [ ! -e go ]; do sleep 0.02; done; echo 1 > made", ...MADE, "--id", "slow"),
    );
    await live.says("begun");
    await project.done(["seal", "out", "--id", "one"]);
    expect(listedBy(project, "one")).toBeUndefined();
    expect((await project.run(["log"])).stdout).toMatch(/^slow .*in progress$/m);
    writeFileSync(project.at("go"), "");
    expect((await live.end()).exitCode).toBe(0);
    await project.done(["seal", "out", "--id", "two"]);
    expect(listedBy(project, "two")).toBeUndefined();
  });

  it("does not have what is listed already, where the seal was killed before it removed the records", async () => {
    using project = await makeProjectWithKey();
    await run(project, "bad", "exit 3");
    const unlisted = project.at(".runseal/unlisted");
    const [name = ""] = readdirSync(unlisted);
    const record = readFileSync(`${unlisted}/${name}`);
    await project.done(["seal", "out", "--id", "one"]);
    project.write({ [`.runseal/unlisted/${name}`]: record });
    await project.done(["seal", "out", "--id", "two"]);
    expect(listedBy(project, "two")).toBeUndefined();
    expect(existsSync(unlisted)).toBe(false);
  });

  it("calls a failed run killed whose bundle never appeared, and takes no foreign file for a record", async () => {
    using project = await makeProjectWithKey();
    await run(project, "bad", "exit 3");
    rmSync(project.at(".runseal/runs/bad"), { recursive: true });
    project.write({ ".runseal/unlisted/README": "mine\n", [`.runseal/unlisted/${"0".repeat(32)}`]: "{" });
    await project.done(["seal", "out", "--id", "one"]);
    expect(listedBy(project, "one")).toEqual([{ run_id: "bad", bundle_root: null }]);
    expect(readdirSync(project.at(".runseal/unlisted"))).toEqual(["README"]);
  });

  it("has no command that could not be started", async () => {
    using project = await makeProjectWithKey();
    expect((await project.run(["run", "--id", "none", "--", "no-such-command"])).exitCode).toBe(127);
    await project.done(["seal", "out", "--id", "one"]);
    expect(listedBy(project, "one")).toBeUndefined();
  });
});

describe.concurrent("runseal: a failed run that was taken away", () => {
  it("is missed by verify --history, with the run that lists it", async () => {
    using project = await makeProjectWithKey();
    await run(project, "bad", "exit 3");
    await project.done(["seal", "out", "--id", "one"]);
    expect(await project.json(["verify", "--history"])).toMatchObject({ ok: true, failed_run_ids: ["bad"] });
    const bundle_root = rootOf(project, "bad");
    rmSync(project.at(".runseal/runs/bad"), { recursive: true });
    const end = await project.run(["verify", "--history"]);
    expect(end.stderr).toContain(
      'error: HISTORY_FAILED_RUN_MISSING: run "one" lists failed run "bad", whose bundle is not here\n',
    );
    expect(await project.json(["verify", "--history"])).toMatchObject({
      code: "HISTORY_FAILED_RUN_MISSING",
      details: { run_id: "one", missing: [{ run_id: "bad", bundle_root }] },
      exit_code: 1,
    });
  });

  it("is not a finding where it was killed before it had a bundle: verify --history names it", async () => {
    using project = await makeProjectWithKey();
    await killRun(project, "killed");
    await project.done(["seal", "out", "--id", "one"]);
    expect(await project.json(["verify", "--history"])).toMatchObject({
      ok: true,
      killed_run_ids: ["killed"],
    });
    expect((await project.run(["verify", "--history"])).stdout).toMatch(/^killed +run "killed"/m);
  });
});

describe.concurrent("runseal log: failed and killed runs", () => {
  it("shows why a run failed and which command it was", async () => {
    using project = await makeProjectWithKey();
    await run(project, "bad", "exit 3");
    const { stdout } = await project.run(["log"]);
    expect(stdout).toMatch(
      /^bad .*FAILED RUN.*\n {2}the run says: the command failed with exit code 3\n {2}sh -c 'exit 3'$/m,
    );
    expect(await project.json(["log"])).toMatchObject({
      runs: [
        {
          run_id: "bad",
          standing: "failed",
          command: ["sh", "-c", "exit 3"],
          run_failure: { code: "COMMAND_FAILED", message: "the command failed with exit code 3" },
        },
      ],
    });
  });

  it("shows a killed run before a bundle lists it, with its command, and afterwards with that bundle", async () => {
    using project = await makeProjectWithKey();
    await killRun(project, "killed");
    const before = (await project.run(["log"])).stdout;
    expect(before).toMatch(/^killed .*KILLED before it was sealed; the next seal lists it\n {2}sh -c /m);
    expect(await project.json(["log"])).toMatchObject({
      unlisted_runs: [{ run_id: "killed", state: "killed", command: ["sh", "-c", expect.any(String)] }],
    });
    await project.done(["seal", "out", "--id", "one"]);
    const after = (await project.run(["log"])).stdout;
    expect(after).toMatch(/^killed +KILLED before it was sealed; one lists it$/m);
    expect(isSealed(project, "killed")).toBe(false);
    expect((await project.run(["show", "one"])).stdout).toContain("lists    killed, killed\n");
  });
});
