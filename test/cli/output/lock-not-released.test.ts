import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type CliEnd,
  factsOf,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { runFactsOf, shell } from "../../support/command/run.ts";
import { injecting, injectionObstacle } from "../../support/files/injected-error.ts";
import { keepFiles } from "../../support/store/keep.ts";

const obstacle = injectionObstacle();

const NO_RMDIR = injecting("rmdir:error=EIO");
const FAULT = { path: ".runseal/lock", reason: "input-output" };
const CODE = "PROJECT_LOCK_NOT_RELEASED";
const SENTENCE =
  'could not remove the project\'s lock ".runseal/lock": the disk reports an error; what the command did stands';

/** The head, and what `verify` says of its bundle. */
async function standingRun(project: Project): Promise<unknown> {
  const { run_id } = JSON.parse(readFileSync(project.at(".runseal", "HEAD"), "utf8")) as { run_id: string };
  const { exitCode } = await project.run(["verify", `.runseal/runs/${run_id}`, "--any-signer"]);
  return { run_id, exitCode };
}

function expectNoStack({ exitCode, stderr }: CliEnd): void {
  expect(exitCode, stderr).not.toBe(70);
}

describe.skipIf(obstacle !== undefined).concurrent("a lock of a project that can't be removed", () => {
  it("does not hide a seal: the text names the bundle, and the exit code is 9", async () => {
    using project = await makeProjectWithKey();
    const end = await project.run(["seal", "out", "--id", "one"], NO_RMDIR);
    expect(end.exitCode, end.stderr).toBe(9);
    expect(end.stdout).toMatch(
      /^sealed {3}2 files, 11 bytes\nkept {5}11 bytes in \.runseal\nhash .*\nsigner .*\nbundle {3}\.runseal\/runs\/one\n$/,
    );
    expect(end.stderr).toMatch(/^error: [^\n]+\nhint: [^\n]+\n$/);
    expect(end.stderr).toContain(`error: PROJECT_LOCK_NOT_RELEASED: ${SENTENCE}\n`);
    expect(await standingRun(project)).toEqual({ run_id: "one", exitCode: 0 });
  });

  it("does not hide a seal from a program: --json has all members of a seal", async () => {
    using project = await makeProjectWithKey();
    const told = factsOf(await project.run(["seal", "out", "--id", "one", "--json"], NO_RMDIR));
    const usual = await project.json(["seal", "out", "--id", "two"]);
    expect(told).toMatchObject({
      ok: false,
      code: CODE,
      message: SENTENCE,
      details: FAULT,
      run_id: "one",
      bundle: ".runseal/runs/one",
      unreleased: FAULT,
      exit_code: 9,
    });
    expect(Object.keys(told).sort()).toEqual([...Object.keys(usual), "hint"].sort());
    expect(usual).toMatchObject({ previous_bundle_root: told["bundle_root"], unreleased: null });
    expect(namesIn(project.at(".runseal")), "the next seal removes it").not.toContain("lock");
  });

  it("does not hide why a seal failed", async () => {
    using project = await makeSealedProject();
    const told = factsOf(await project.run(["seal", "out", "--id", "one", "--json"], NO_RMDIR));
    expect(told).toMatchObject({ code: "RUN_EXISTS", exit_code: 4 });
  });

  it("does not hide a run: --json and --report have the facts of the run and the bundle", async () => {
    using project = await makeProjectWithKey();
    const options = ["--output", "made", "--id", "one", "--json", "--report", "report.json"];
    const end = await project.run(shell("echo done > made", ...options), NO_RMDIR);
    const told = runFactsOf(end);
    expect(told).toMatchObject({
      code: CODE,
      details: FAULT,
      run_id: "one",
      bundle: ".runseal/runs/one",
      command: { exit_code: 0 },
      unreleased: FAULT,
      exit_code: 9,
    });
    expect(JSON.parse(readFileSync(project.at("report.json"), "utf8"))).toEqual(told);
    expect(await standingRun(project)).toEqual({ run_id: "one", exitCode: 0 });
  });

  it("leaves a command that failed its exit code, and is a warning then", async () => {
    using project = await makeProjectWithKey();
    const end = await project.run(shell("exit 7", "--id", "one"), NO_RMDIR);
    expect(end.exitCode, end.stderr).toBe(7);
    expect(end.stderr).toContain(`warning: PROJECT_LOCK_NOT_RELEASED: ${SENTENCE}\n`);
    const json = await project.run(shell("exit 7", "--id", "two", "--json"), NO_RMDIR);
    expect(runFactsOf(json)).toMatchObject({
      code: "COMMAND_FAILED",
      run_id: "two",
      unreleased: FAULT,
      exit_code: 7,
    });
  });

  it("does not hide what prune removed", async () => {
    using project = await makeSealedProject();
    project.write({ "gone.txt": "garbage\n" });
    await keepFiles(project.root, ["gone.txt"]);
    const told = factsOf(await project.run(["prune", "--json"], NO_RMDIR));
    expect(told).toEqual({
      ok: false,
      code: CODE,
      message: SENTENCE,
      details: FAULT,
      forgotten: [],
      dropped_run_ids: [],
      kept_runs: null,
      cut: null,
      removed: 1,
      bytes: 8,
      kept: 2,
      packs_removed: 0,
      packs_written: 0,
      waste: 0,
      partial: 0,
      strays: [],
      damaged: [],
      unreadable: [],
      hint: expect.any(String),
      exit_code: 9,
    });
    const end = await project.run(["prune"], NO_RMDIR);
    expectNoStack(end);
    expect(end).toMatchObject({ exitCode: 9, stdout: expect.stringMatching(/^freed {4}0 objects/) });
    expect(end.stderr).toContain(`error: PROJECT_LOCK_NOT_RELEASED: ${SENTENCE}\n`);
  });

  it("that another command left is taken over by the next one", async () => {
    using project = await makeProjectWithKey();
    await project.run(["seal", "out", "--id", "one"], NO_RMDIR);
    expect(namesIn(project.at(".runseal"))).toContain("lock");
    await project.done(["prune"]);
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "HEAD", "packs", "runs"]);
  });

  it("is reported too if its socket can't be removed", async () => {
    using project = await makeSealedProject();
    const told = factsOf(await project.run(["prune", "--json"], injecting("unlink:error=EIO")));
    expect(told).toMatchObject({ code: CODE, details: FAULT, exit_code: 9 });
    expect((await project.run(["seal", "out", "--id", "two"])).exitCode).toBe(0);
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "HEAD", "packs", "runs"]);
  });
});
