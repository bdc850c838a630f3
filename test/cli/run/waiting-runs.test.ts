import { cpSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLE, makeProject, makeSealedProject, type Project } from "../../support/command/cli.ts";

/** A project without a key, in which `out` was sealed without a signature as `new`. */
async function makeWaitingProject(): Promise<Project> {
  const project = makeProject();
  await project.done(["seal", "out", "--unsigned", "--id", "new"]);
  return project;
}

const SIGN = "hint: new waits for a signer: runseal sign 'new' signs it\n";

describe.concurrent("a project with an unsigned run", () => {
  it("is not called one in which nothing was sealed", async () => {
    using project = await makeWaitingProject();
    const verified = await project.run(["verify"]);
    expect(verified.exitCode).toBe(4);
    expect(verified.stderr).toBe(
      `error: RUN_NOT_FOUND: nothing was signed in this project yet, so there is no newest run\n${SIGN}`,
    );
    const logged = await project.run(["log"]);
    expect(logged.stdout).toBe("nothing was signed here yet\n");
    expect(logged.stderr).toBe(`note: 1 unsigned run not listed\n${SIGN}`);
    const { stdout } = await project.done(["status"]);
    expect(stdout).toContain("run      nothing was signed here yet\n");
    expect(stdout).toContain("unsigned new, which waits for a signer\n");
    expect(stdout).toContain("  runseal sign 'new'  signs what was sealed without a key\n");
  });

  it("lists the unsigned run for a program", async () => {
    using project = await makeWaitingProject();
    expect(await project.json(["verify"])).toMatchObject({
      code: "RUN_NOT_FOUND",
      details: { reason: "none", waiting: ["new"] },
    });
    expect(await project.json(["log"])).toMatchObject({ runs: [], waiting_runs: ["new"] });
    expect(await project.json(["status"])).toMatchObject({ last_run: null, waiting_runs: ["new"] });
  });

  it.each([["verify"], ["show"], ["restore", "--to", "x"], ["push", "./x"], ["prove", "out/a.txt"]])(
    "names the signer's command where %s is given the unsigned run's id",
    async (command, ...options) => {
      using project = await makeWaitingProject();
      const { exitCode, stderr } = await project.run([command, "new", ...options]);
      expect(exitCode).toBe(4);
      expect(stderr).toMatch(/^error: RUN_NOT_FOUND: no run "new" in /);
      expect(stderr).toContain(SIGN);
    },
  );

  it("does not offer to sign a run that is not the one that was asked for, or that failed", async () => {
    using project = await makeWaitingProject();
    expect((await project.run(["verify", "nwe"])).stderr).not.toContain("runseal sign");
    using failed = makeProject();
    await failed.run(["run", "--unsigned", "--id", "bad", "--", "sh", "-c", "exit 3"]);
    expect((await failed.run(["verify"])).stderr).not.toContain("runseal sign");
    expect(await failed.json(["status"])).toMatchObject({ waiting_runs: [] });
  });
});

describe.concurrent("a folder among the unsigned runs whose name no run has", () => {
  it.each(["a\u001b[31m", "a\nb", "--yes", "a\u202eb"])(
    "is neither listed nor named in a command: %j",
    async (name) => {
      using project = await makeWaitingProject();
      cpSync(project.at(".runseal/unsigned/new"), project.at(".runseal/unsigned", name), { recursive: true });
      rmSync(project.at(".runseal/unsigned/new"), { recursive: true });
      for (const command of ["status", "log", "verify"]) {
        const { stderr, stdout } = await project.run([command]);
        expect(stdout + stderr).not.toContain("runseal sign");
        expect(stdout + stderr).not.toContain(name);
      }
      expect(await project.json(["status"])).toMatchObject({ waiting_runs: [] });
    },
  );
});

describe.concurrent("the folder of an unsigned run", () => {
  it.each(["verify", "show"])("is recognised by %s, wherever it is", async (command) => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--unsigned", "--id", "new"]);
    cpSync(project.at(".runseal/unsigned/new"), project.at("copy"), { recursive: true });
    for (const [named, path] of [
      [".runseal/unsigned/new", ".runseal/unsigned/new"],
      ["./copy", "./copy"],
    ] as const) {
      const { exitCode, stderr } = await project.run([command, named]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(
        "error: ARTIFACT_MISSING: VALIDATOR_IDENTITY.json is not in the run directory\n",
      );
      expect(stderr).toContain(
        `hint: the bundle was sealed without a signature: runseal sign '${path}' signs it\n`,
      );
      expect(stderr).not.toContain("copied whole");
    }
  });

  it.each([["--counter"], ["--time", "--tsa", "http://127.0.0.1:9"]])(
    "is refused by sign %s before a key is opened, and so is its id",
    async (...act) => {
      using project = await makeSealedProject();
      await project.done(["seal", "out", "--unsigned", "--id", "new"]);
      cpSync(project.at(".runseal/unsigned/new"), project.at("copy"), { recursive: true });
      const key = act.length === 1 ? ["--key", "missing.key"] : [];
      for (const named of ["new", "./copy", ".runseal/unsigned/new"]) {
        const end = await project.changesNothing(["sign", ...act, named, ...key]);
        expect(end).toMatchObject({ exitCode: 2, stdout: "" });
        expect(end.stderr).toContain(
          `error: USAGE: "${named}" is not signed yet\nhint: runseal sign '${named}' signs it\n`,
        );
      }
    },
  );

  it("is not what a bundle is called that lost one of the signer's files", async () => {
    using project = await makeSealedProject();
    rmSync(project.at(BUNDLE, "VALIDATOR_IDENTITY.json"));
    const { stderr } = await project.run(["verify", "one"]);
    expect(stderr).toContain("copied whole");
    expect(stderr).not.toContain("runseal sign");
  });
});

describe.concurrent("runseal sign says what to do", () => {
  it("where the run is signed already", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--unsigned", "--id", "new"]);
    await project.done(["sign", "new", "--yes"]);
    cpSync(project.at(".runseal/runs/new"), project.at("copy"), { recursive: true });
    for (const named of ["new", ".runseal/runs/new", "./copy"]) {
      const end = await project.changesNothing(["sign", named, "--yes", "--key", "missing.key"]);
      expect(end).toMatchObject({ exitCode: 2, stdout: "" });
      expect(end.stderr).toContain(
        `error: USAGE: "${named}" is already signed\nhint: runseal sign --counter '${named}' adds your signature\n`,
      );
    }
  });

  it("where a file changed since it was sealed, without naming a command for signed runs", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--unsigned", "--id", "new"]);
    project.write({ "out/a.txt": "other\n" });
    const { exitCode, stderr } = await project.run(["sign", "new", "--yes"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("error: HASH_MISMATCH: ");
    expect(stderr).toContain("hint: sign only what the sealer left: put the files back, or ");
    expect(stderr).not.toContain("runseal verify");
  });
});
