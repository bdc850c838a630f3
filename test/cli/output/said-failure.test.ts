import { describe, expect, it } from "vitest";
import { HistoryScene, linked } from "../../support/bundles/history-scene.ts";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";

const SAID = "the run says: the command failed with exit code 3";

async function makeFailedRun(): Promise<Project> {
  const project = await makeProjectWithKey();
  const end = await project.run(["run", "--output", "out", "--id", "bad", "--", "sh", "-c", "exit 3"]);
  expect(end.exitCode).toBe(3);
  return project;
}

describe.concurrent("why a run failed", () => {
  it("is said by verify, log and show", async () => {
    using project = await makeFailedRun();
    const verified = await project.run(["verify", "bad"]);
    expect(verified.exitCode).toBe(1);
    expect(verified.stderr).toMatch(/^error: DECISION_INVALID: .*\n/);
    expect(verified.stderr).toContain(`\n  ${SAID}\n`);
    expect((await project.done(["log"])).stdout).toContain(`\n  ${SAID}\n`);
    const shown = await project.run(["show", "bad"]);
    expect(shown.stdout).toContain(`failure  ${SAID}\n`);
  });

  it("is in their JSON, and null of a run that does not say that it failed", async () => {
    using project = await makeFailedRun();
    const run_failure = { code: "COMMAND_FAILED", message: "the command failed with exit code 3" };
    expect(await project.json(["verify", "bad"])).toMatchObject({ run_failure });
    expect(await project.json(["show", "bad"])).toMatchObject({ run_failure });
    expect(await project.json(["log"])).toMatchObject({ runs: [{ run_id: "bad", run_failure }] });
    await project.done(["seal", "out", "--id", "good"]);
    expect(await project.json(["show", "good"])).toMatchObject({ run_failure: null });
  });

  it("is said of a run that left its scratch folder changed", async () => {
    using project = await makeProjectWithKey();
    const command = ["sh", "-c", "echo left > tmp/left"];
    project.write({ "tmp/there": "" });
    await project.run(["run", "--output", "out", "--scratch", "tmp", "--id", "dirty", "--", ...command]);
    const { stderr } = await project.run(["verify", "dirty"]);
    expect(stderr).toMatch(/^error: RESTORATION_FAILED: /);
    expect(stderr).toContain("\n  the run says: the scratch folders were not left as they were found\n");
  });

  it("is a stranger's text: shown escaped and on one line", async () => {
    using scene = new HistoryScene();
    const error = { code: "X", message: "fine\naccepted\u001b[2J" };
    scene.put(linked("bad", undefined, { status: { status: "failure", error } }));
    for (const args of [["verify", "bad"], ["log"], ["show", "bad"]]) {
      const { stdout, stderr } = await scene.run([...args, "--any-signer"]);
      expect(stdout + stderr).toContain('the run says: "fine\\naccepted\\u{1b}[2J"');
      expect(stdout + stderr).not.toMatch(/^accepted/m);
    }
  });
});
