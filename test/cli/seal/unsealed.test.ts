import { symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, makeSealedProject } from "../../support/command/cli.ts";

describe.concurrent("files that are not in the bundle", () => {
  it("are counted below the sealed paths, in a note and in JSON, and change no verdict", async () => {
    using project = await makeSealedProject();
    project.write({ "out/deep/new.txt": "?\n", "elsewhere/x": "" });
    const end = await project.run(["verify", "one"]);
    expect(end.stdout).toMatch(/\naccepted\n$/);
    expect(end.stderr).toBe('note: 1 file below "out" was not sealed\n');
    symlinkSync("nowhere", project.at("out/link"));
    expect((await project.run(["verify", "one"])).stderr).toBe('note: 2 files below "out" were not sealed\n');
    expect(await project.json(["verify", "one"])).toMatchObject({
      code: "OK",
      unsealed: { files: 2, below: ["out"], complete: true },
    });
  });

  it("are counted where the bundle is rejected for its outputs too", async () => {
    using project = await makeSealedProject();
    project.write({ "out/new.txt": "?\n", "out/a.txt": "changed\n" });
    const { exitCode, stderr } = await project.run(["verify", "one"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('note: 1 file below "out" was not sealed\n');
  });

  it("do not include sealed links and ignored files where the bundle is rejected for its outputs", async () => {
    using project = await makeProjectWithKey();
    symlinkSync("a.txt", project.at("out/link"));
    project.write({ "out/left.log": "" });
    await project.done(["seal", "out", "--id", "one", "--ignore", "*.log"]);
    project.write({ "out/a.txt": "other\n" });
    expect(await project.json(["verify", "one"])).toMatchObject({
      code: "HASH_MISMATCH",
      unsealed: { files: 0, below: [] },
    });
  });

  it("are not counted in a folder that was sealed whole, nor where outputs came from the store", async () => {
    using project = await makeSealedProject();
    expect((await project.done(["verify", "one"])).stderr).toBe("");
    expect(await project.json(["verify", "one"])).toMatchObject({ unsealed: { files: 0, below: [] } });
    project.write({ "out/new.txt": "?\n" });
    expect((await project.done(["verify", "one", "--stored"])).stderr).toBe("");
    expect(await project.json(["verify", "one", "--stored"])).toMatchObject({ unsealed: null });
  });

  it("are not counted beside a file that was sealed alone", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out/a.txt", "--id", "one"]);
    expect((await project.done(["verify", "one"])).stderr).toBe("");
  });

  it("do not include the project's own folder, nor what a restore writes into its root", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", ".", "--id", "all"]);
    project.write({ ".git/HEAD": "" });
    expect((await project.done(["verify", "all"])).stderr).toBe("");
    await project.done(["restore", "all", "--to", "../new", "--mkdir"]);
    expect((await project.done(["verify", "all", "--project", "."])).stderr).toBe("");
    expect((await project.done(["verify", ".runseal/runs/all", "--files", "../new"])).stderr).toBe("");
    project.write({ "other.txt": "" });
    expect((await project.run(["verify", "all"])).stderr).toBe('note: 1 file below "." was not sealed\n');
  });
});
