import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../support/bundles/bundle.ts";
import { makeProjectWithKey, namesIn } from "../../support/command/cli.ts";
import {
  artifactOf,
  isSealed,
  LiveRun,
  runFacts,
  runFactsOf,
  shell,
  verifyRun,
} from "../../support/command/run.ts";
import { drawn } from "../../support/rings/ring.ts";

describe.concurrent("runseal run: a command that fails", () => {
  it.each(drawn([1, 2, 3, 70, 126, 127, 130, 255], 3))("hands on exit code %i", async (code) => {
    using project = await makeProjectWithKey();
    expect(await runFacts(project, `exit ${code}`, ["--id", "r"])).toMatchObject({
      code: "COMMAND_FAILED",
      details: { status: code },
      command: { exit_code: code, signal: null },
      exit_code: code,
    });
    expect(isSealed(project, "r")).toBe(true);
  });

  it.each([
    ["SIGKILL", 137],
    ["SIGSEGV", 139],
    ["SIGABRT", 134],
  ])("of which %s is the end: exit code %i, as a shell has it", async (signal, exitCode) => {
    using project = await makeProjectWithKey();
    expect(await runFacts(project, `kill -${signal.slice(3)} $$`, ["--id", "r"])).toMatchObject({
      code: "COMMAND_FAILED",
      details: { signal, status: exitCode },
      command: { exit_code: exitCode, signal, interrupted_by: null },
      exit_code: exitCode,
    });
    expect(artifactOf(project, "r", "STATUS.json")).toMatchObject({
      status: "failure",
      error: { code: "COMMAND_FAILED", message: `the command was ended by ${signal}` },
    });
  });

  it("has a bundle that says so, and says on stderr where it is", async () => {
    using project = await makeProjectWithKey();
    const end = await project.run(shell("echo said; exit 3", "--id", "r"));
    expect({ exitCode: end.exitCode, stdout: end.stdout }).toEqual({ exitCode: 3, stdout: "said\n" });
    expect(end.stderr).toMatch(
      /^failed {3}0 files, 0 bytes\nhash .*\nsigner .*\nbundle {3}\.runseal\/runs\/r\nnote: .*\nhint: .*\nerror: COMMAND_FAILED: the command failed with exit code 3\nhint: the bundle says so, and no verifier accepts it\n$/,
    );
    expect(artifactOf(project, "r", "STATUS.json")).toMatchObject({
      status: "failure",
      cmp01: "pass",
      error: { code: "COMMAND_FAILED", message: "the command failed with exit code 3" },
    });
    expect(artifactOf(project, "r", "SIGNED_PAYLOAD.json")).toMatchObject({ decision: "ACCEPT" });
  });

  it("has a bundle that neither verify nor restore accepts, for just that reason", async () => {
    using project = await makeProjectWithKey();
    await project.run(shell("echo 1 > made; exit 3", "--output", "made", "--id", "r"));
    const verified = await verifyRun(project, "r");
    expect(verified.exitCode).toBe(1);
    expect(verified.stderr).toContain("error: DECISION_INVALID:");
    const restored = await project.json([
      ...["restore", ".runseal/runs/r", "--to", "there", "--mkdir", "--any-signer"],
    ]);
    expect(restored).toMatchObject({ exit_code: 5, details: { verifier_code: "DECISION_INVALID" } });
    expect(existsSync(project.at("there"))).toBe(false);
  });

  it("has in its bundle what it did make", async () => {
    using project = await makeProjectWithKey();
    const options = ["--output", "made", "--output", "unmade", "--id", "r"];
    const facts = await runFacts(project, "echo 1 > made; exit 3", options);
    expect(facts).toMatchObject({ code: "COMMAND_FAILED", files: 1, missing_outputs: ["unmade"] });
    expect(artifactOf(project, "r", "OUTPUT_HASHES.json")["hashes"]).toEqual({
      made: `sha256:${sha256("1\n")}`,
    });
  });

  it("has a bundle without outputs where what it left can't be sealed", async () => {
    using project = await makeProjectWithKey();
    const facts = await runFacts(project, "ln -s x made; exit 3", ["--output", "made", "--id", "r"]);
    expect(facts).toMatchObject({ code: "COMMAND_FAILED", files: 0, exit_code: 3 });
    expect(isSealed(project, "r")).toBe(true);
  });
});

describe.concurrent("runseal run: outputs that are not as they were asked for", () => {
  it("says which ones the command did not make: exit code 10, and a bundle of the failed run", async () => {
    using project = await makeProjectWithKey();
    const options = ["--output", "made", "--output", "b", "--output", "a/c", "--id", "r"];
    const end = await project.run(shell("echo 1 > made", ...options));
    expect(end.exitCode).toBe(10);
    expect(end.stderr).toContain('error: OUTPUT_NOT_MADE: the command did not make "b", "a/c"\n');
    expect(artifactOf(project, "r", "STATUS.json")).toMatchObject({
      status: "failure",
      cmp01: "pass",
      error: { code: "OUTPUT_NOT_MADE" },
    });
    expect((await verifyRun(project, "r")).stderr).toContain("DECISION_INVALID");
  });

  it("takes an empty folder for an output that was not made", async () => {
    using project = await makeProjectWithKey();
    expect(await runFacts(project, "mkdir made", ["--output", "made"])).toMatchObject({
      code: "OUTPUT_NOT_MADE",
      details: { names: ["made"] },
      missing_outputs: ["made"],
      exit_code: 10,
    });
  });

  it.each([
    ["a folder in it", "mkdir -p made/x", { empty_folders: 1, links: 0 }],
    ["a link in it", "mkdir made; ln -s x made/y", { empty_folders: 0, links: 1 }],
    ["a link in its place", "ln -s x made", { empty_folders: 0, links: 1 }],
  ])("takes an output with %s for one that was made", async (_what, script, tree) => {
    using project = await makeProjectWithKey();
    const facts = await runFacts(project, script, ["--output", "made"]);
    expect(facts).toMatchObject({ ok: true, files: 0, missing_outputs: [], tree });
  });
});

describe.concurrent("runseal run: what is refused before the command runs", () => {
  it("an id of which a run is in progress", async () => {
    using project = await makeProjectWithKey();
    const first = new LiveRun(
      project,
      shell("echo ready; while test ! -e go; do sleep 0.05; done", "--id", "r"),
    );
    await first.says("ready");
    const second = await project.run(shell("touch ran", "--id", "r", "--json"));
    expect(runFactsOf(second)).toMatchObject({ code: "RUN_EXISTS", exit_code: 4, command: null });
    expect(existsSync(project.at("ran"))).toBe(false);
    project.write({ go: "" });
    expect((await first.end()).exitCode).toBe(0);
    expect(namesIn(project.at(".runseal"))).not.toContain("running");
  });
});

describe.concurrent("runseal run: a run that can't be sealed in the end", () => {
  const signer = ["--key", "exec:exit 9", "--public-key"];
  const key = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";

  it("says how the command ended, and leaves no bundle", async () => {
    using project = await makeProjectWithKey();
    const facts = await runFacts(project, "echo 1 > made", [...signer, key, "--output", "made"]);
    expect(facts).toMatchObject({
      code: "SIGNER_FAILED",
      details: { reason: "command" },
      exit_code: 4,
      command: { exit_code: 0 },
      scratch: { verified: true },
    });
    expect(namesIn(project.at(".runseal", "runs"))).toEqual([]);
  });

  it("has the command's exit code where that failed too", async () => {
    using project = await makeProjectWithKey();
    expect(await runFacts(project, "exit 3", [...signer, key])).toMatchObject({
      code: "SIGNER_FAILED",
      details: { reason: "command" },
      exit_code: 3,
      command: { exit_code: 3 },
    });
  });
});
