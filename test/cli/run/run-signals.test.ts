import { existsSync, readFileSync, truncateSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, namesIn, opensBelow, type Project } from "../../support/command/cli.ts";
import { HAS_PTY, runAtTerminal } from "../../support/command/pty.ts";
import {
  artifactOf,
  isSealed,
  LiveRun,
  runFacts,
  runFactsOf,
  shell,
  verifyRun,
} from "../../support/command/run.ts";

/** Ends a minute later, unless a signal ends it. */
const WAITS = "echo ready; exec sleep 60";

/** Says each signal that it gets, and goes on until there is a file `go`. */
const COUNTS =
  'for s in INT TERM HUP QUIT; do trap "echo got-$s" $s; done; echo ready; while test ! -e go; do sleep 0.02; done';

/** Starts a run with `--json` and the id `r`, and waits until its command is at work. */
async function started(project: Project, script: string): Promise<LiveRun> {
  const run = new LiveRun(project, shell(script, "--json", "--id", "r"));
  await run.says("ready");
  return run;
}

describe.concurrent("runseal run: a signal while the command runs", () => {
  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
  ] as const)(
    "%s to runseal ends the command, and the failed run is written down",
    async (signal, exitCode) => {
      using project = await makeProjectWithKey();
      const run = await started(project, WAITS);
      run.kill(signal);
      const facts = runFactsOf(await run.end());
      expect(facts).toMatchObject({
        code: "COMMAND_INTERRUPTED",
        exit_code: exitCode,
        command: { exit_code: exitCode, signal, interrupted_by: signal },
      });
      expect(artifactOf(project, "r", "STATUS.json")).toMatchObject({
        status: "failure",
        cmp01: "pass",
        error: { code: "COMMAND_INTERRUPTED", message: `the run was interrupted by ${signal}` },
      });
      expect((await verifyRun(project, "r")).stderr).toContain("DECISION_INVALID");
    },
  );

  it("SIGINT to the whole group, as a terminal sends it, does the same", async () => {
    using project = await makeProjectWithKey();
    const run = await started(project, WAITS);
    run.kill("SIGINT", "group");
    expect(runFactsOf(await run.end())).toMatchObject({ code: "COMMAND_INTERRUPTED", exit_code: 130 });
    expect(isSealed(project, "r")).toBe(true);
  });

  it("gives the command the time that it takes to end in order, and its exit code", async () => {
    using project = await makeProjectWithKey();
    const run = await started(
      project,
      "trap 'sleep 0.5; echo cleaned; exit 5' TERM; echo ready; while :; do sleep 0.02; done",
    );
    run.kill("SIGTERM");
    const end = await run.end();
    expect(end.stdout).toContain("cleaned\n");
    expect(runFactsOf(end)).toMatchObject({
      code: "COMMAND_INTERRUPTED",
      exit_code: 5,
      command: { exit_code: 5, signal: null, interrupted_by: "SIGTERM" },
    });
  });

  it("fails although the command reports success, because a signal stopped it", async () => {
    using project = await makeProjectWithKey();
    const run = await started(project, "trap 'exit 0' TERM; echo ready; while :; do sleep 0.02; done");
    run.kill("SIGTERM");
    expect(runFactsOf(await run.end())).toMatchObject({
      code: "COMMAND_INTERRUPTED",
      exit_code: 143,
      command: { exit_code: 0 },
    });
    expect((await verifyRun(project, "r")).exitCode).toBe(1);
  });

  it("is handed on as often as it comes, and the third one kills", async () => {
    using project = await makeProjectWithKey();
    const run = await started(project, COUNTS);
    run.kill("SIGTERM");
    await run.says("got-TERM\n");
    run.kill("SIGHUP");
    await run.says("got-HUP\n");
    run.kill("SIGTERM");
    expect(runFactsOf(await run.end())).toMatchObject({
      code: "COMMAND_INTERRUPTED",
      exit_code: 137,
      command: { signal: "SIGKILL", interrupted_by: "SIGTERM" },
    });
    expect(isSealed(project, "r")).toBe(true);
  });

  it("does not lose the failed run though it comes twice, as behind a wrapper that hands it on too", async () => {
    using project = await makeProjectWithKey();
    const run = await started(project, WAITS);
    run.kill("SIGINT");
    run.kill("SIGINT", "group");
    expect(runFactsOf(await run.end())).toMatchObject({ code: "COMMAND_INTERRUPTED", exit_code: 130 });
    expect(isSealed(project, "r")).toBe(true);
  });

  it("of which the command itself dies is its failure, and no interruption", async () => {
    using project = await makeProjectWithKey();
    expect(await runFacts(project, "kill -TERM $$")).toMatchObject({
      code: "COMMAND_FAILED",
      exit_code: 143,
      command: { signal: "SIGTERM", interrupted_by: null },
    });
  });
});

describe("runseal run: a signal before or after the command", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s while inputs are read: nothing is run, and nothing left", async (signal, exitCode) => {
    using project = await makeProjectWithKey({ "out/big": "" });
    truncateSync(project.at("out", "big"), 16 * 2 ** 30);
    const kill = { signal, when: (pid: number) => opensBelow(pid, project.at("out")) };
    const end = await project.run(shell("touch ran", "--input", "out"), { kill });
    expect(end).toEqual({
      exitCode,
      stdout: "",
      stderr: "error: INTERRUPTED: interrupted; nothing was left half-done\n",
    });
    expect(namesIn(project.root)).toEqual(["out"]);
  });

  it("SIGTERM while outputs are read: nothing is sealed, and the next seal lists the run", async () => {
    using project = await makeProjectWithKey({ "out/big": "" });
    const kill = { signal: "SIGTERM" as const, when: (pid: number) => opensBelow(pid, project.at("out")) };
    const script = "truncate -s 16G out/big; echo done";
    const end = await project.run(shell(script, "--output", "out", "--json"), { kill });
    expect(end.stdout).toBe("done\n");
    expect(JSON.parse(end.stderr)).toMatchObject({ code: "INTERRUPTED", exit_code: 143 });
    expect(namesIn(project.at(".runseal"))).toEqual(["unlisted"]);
    truncateSync(project.at("out", "big"), 0);
    expect(await project.json(["seal", "out"])).toMatchObject({ failed_runs: [{ bundle_root: null }] });
  });
});

describe.concurrent("runseal run: killed by SIGKILL", () => {
  it("leaves no bundle; the next run says so, once, and works", async () => {
    using project = await makeProjectWithKey();
    const killed = await started(project, WAITS);
    killed.kill("SIGKILL", "group");
    await killed.end();
    expect(isSealed(project, "r")).toBe(false);

    const next = await project.run(shell("true", "--id", "next"));
    expect(next.exitCode).toBe(0);
    expect(next.stderr).toMatch(
      /note: an earlier run "r", begun 20\d\d-[^ ]+Z, was killed before it was sealed; this run finds the folders as that one left them\n/,
    );
    const facts = await runFacts(project, "true", ["--id", "r"]);
    expect(facts).toMatchObject({ ok: true, killed_runs: [] });
    expect(namesIn(project.at(".runseal"))).not.toContain("running");
  });

  it("tells programs which run it was", async () => {
    using project = await makeProjectWithKey();
    const killed = await started(project, WAITS);
    killed.kill("SIGKILL", "group");
    await killed.end();
    expect(await runFacts(project, "true")).toMatchObject({
      ok: true,
      killed_runs: [{ run_id: "r", started: expect.stringMatching(/^20\d\d-.*Z$/) }],
    });
  });
});

describe.runIf(HAS_PTY)("runseal run at a terminal", () => {
  it("lets Ctrl-C reach the command once, and writes the failed run down", async () => {
    using project = await makeProjectWithKey();
    const script =
      "trap 'echo got >> got; echo again > /dev/tty' INT; echo ready > /dev/tty; " +
      "while test ! -e go; do sleep 0.02; test $(cat got 2>/dev/null | wc -l) -lt 2 || touch go; done; exit 4";
    const end = await runAtTerminal(
      shell(script, "--json", "--id", "r"),
      [
        { expect: "ready", type: "\u0003" },
        { expect: "again", type: "\u0003" },
      ],
      { cwd: project.root, env: project.env, mayEcho: true },
    );
    expect(runFactsOf(end)).toMatchObject({ code: "COMMAND_INTERRUPTED", exit_code: 4 });
    // Two keys, two signals: none was handed on besides.
    expect(readFileSync(project.at("got"), "utf8")).toBe("got\ngot\n");
    expect(isSealed(project, "r")).toBe(true);
  });

  it("writes the failed run down though the terminal is closed", async () => {
    using project = await makeProjectWithKey();
    const end = await runAtTerminal(
      shell("echo ready > /dev/tty; exec sleep 60", "--id", "r", "--report", "facts.json"),
      [{ expect: "ready", hangup: true }],
      { cwd: project.root, env: project.env, mayEcho: true },
    );
    expect(end.exitCode).toBe(129);
    expect(isSealed(project, "r")).toBe(true);
    expect(JSON.parse(readFileSync(project.at("facts.json"), "utf8"))).toMatchObject({
      code: "COMMAND_INTERRUPTED",
      details: { signal: "SIGHUP" },
    });
    expect(existsSync(project.at(".runseal", "running"))).toBe(false);
  });
});
