import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeSealedProject } from "../../support/command/cli.ts";

const NOTHING = { exitCode: 0, stdout: "", stderr: "" };

describe.concurrent("--quiet", () => {
  it.each([
    ["seal", "out", "--id", "two"],
    ["verify"],
    ["verify", "one", "--all", "--verbose"],
    ["verify", "--history"],
    ["status"],
    ["log"],
    ["show", "one"],
    ["diff", "one", "latest"],
    ["push", "one", "one.runseal"],
    ["push", "one", "oci-layout:layout:v1"],
    ["restore", "one", "--to", "new", "--mkdir"],
    ["snapshot"],
    ["export", "one", "-o", "evidence"],
    ["prove", "one", "out/a.txt", "-o", "proof.json"],
    ["prune"],
    ["store", "check"],
    ["store", "size"],
    ["key", "list"],
    ["trust", "list"],
    ["recover", "out"],
    ["explain", "HASH_MISMATCH"],
  ])("prints nothing in %s %s", async (...args) => {
    using project = await makeSealedProject();
    project.write({ "out/extra.txt": "not sealed, which is a note\n" });
    for (const flag of ["-q", "--quiet"]) {
      expect(await project.run([...args, flag])).toEqual(NOTHING);
      if (args[0] !== "verify") break;
    }
  });

  it("leaves the output of the command to run alone, and its exit code", async () => {
    using project = await makeSealedProject();
    const end = await project.run(["run", "-q", "--id", "r", "--", "sh", "-c", "echo out; echo err >&2"], {
      process: true,
    });
    expect(end).toEqual({ exitCode: 0, stdout: "out\n", stderr: "err\n" });
    const failed = await project.run(["run", "-q", "--", "sh", "-c", "exit 3"], { process: true });
    expect(failed.exitCode).toBe(3);
    expect(failed.stderr).toMatch(/^error: COMMAND_FAILED: /);
  });

  it("prints an error with its hints, and no note", async () => {
    using project = await makeSealedProject();
    project.write({ "out/a.txt": "other\n", "out/extra.txt": "" });
    const { exitCode, stderr, stdout } = await project.run(["verify", "-q"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^error: HASH_MISMATCH: [^\n]+\n(?:hint: [^\n]+\n| {6}[^\n]+\n)+$/);
  });

  it("leaves what a command makes for a file or another program", async () => {
    using project = await makeSealedProject();
    for (const args of [
      ["export", "one"],
      ["prove", "one", "out/a.txt"],
      ["completion", "bash"],
    ])
      expect(await project.run([...args, "-q"])).toEqual({ ...(await project.run(args)), stderr: "" });
  });

  it("prints the object of --json all the same", async () => {
    using project = await makeSealedProject();
    mkdirSync(project.at("sub"));
    expect(await project.json(["verify", "one", "-q"])).toMatchObject({ ok: true, run_id: "one" });
  });

  it("is not an option where another one has it as its value", async () => {
    using project = await makeSealedProject();
    const { stdout } = await project.done(["snapshot", "-m", "-q"]);
    expect(stdout).not.toBe("");
  });
});
