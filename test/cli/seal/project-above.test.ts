import { chownSync, existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, makeSealedProject } from "../../support/command/cli.ts";

describe.concurrent("a seal and a run below a project", () => {
  it("go into the project above, with names relative to its folder", async () => {
    using project = await makeSealedProject();
    project.write({ "sub/deep/b.txt": "beta\n" });
    const below = { cwd: project.at("sub") };
    const sealed = await project.json(["seal", "deep", "--id", "two"], below);
    expect(sealed).toMatchObject({ ok: true, bundle: "../.runseal/runs/two" });
    const made = ["run", "--id", "three", "--output", "made.txt", "--", "sh", "-c", "echo made > made.txt"];
    expect((await project.run(made, below)).exitCode).toBe(0);
    expect(existsSync(project.at("sub/.runseal"))).toBe(false);
    const paths = async (run: string): Promise<unknown> => (await project.json(["show", run]))["outputs"];
    expect(await paths("two")).toMatchObject([{ path: "sub/deep/b.txt" }]);
    expect(await paths("three")).toMatchObject([{ path: "sub/made.txt" }]);
    expect(await project.json(["verify", "--history"], below)).toMatchObject({
      ok: true,
      run_ids: ["one", "two", "three"],
    });
  });

  it("refuse a path that is outside of it", async () => {
    using project = await makeSealedProject();
    const end = await project.run(["seal", "../../elsewhere"], { cwd: project.at("out") });
    expect(end).toMatchObject({ exitCode: 2, stdout: "" });
    expect(end.stderr).toMatch(/PATH_REFUSED: .* is not in the folder of the project/);
  });

  it("begin a project of their own with --here, and find it from then on", async () => {
    using project = await makeSealedProject();
    const below = { cwd: project.at("out") };
    await project.done(["seal", "a.txt", "--id", "in", "--here"], below);
    await project.done(["seal", "a.txt", "--id", "in-2"], below);
    expect(await project.json(["verify", "--history"], below)).toMatchObject({ run_ids: ["in", "in-2"] });
    expect(await project.json(["verify", "--history"])).toMatchObject({ run_ids: ["one"] });
  });

  it("look upwards from --project", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "project/out", "--project", "project/out", "--id", "two"], {
      cwd: project.folder,
    });
    expect(await project.json(["verify", "--history"])).toMatchObject({ run_ids: ["one", "two"] });
  });

  it.skipIf(process.geteuid?.() !== 0)(
    "refuse one that another user put there, unless it is named",
    async () => {
      using project = await makeProjectWithKey({ ".runseal/runs/.keep": "", "sub/a.txt": "alpha\n" });
      chownSync(project.at(".runseal"), 1000, 1000);
      const below = { cwd: project.at("sub") };
      const end = await project.run(["seal", "a.txt"], below);
      expect(end).toMatchObject({ exitCode: 2, stdout: "" });
      expect(end.stderr).toContain('error: USAGE: the project above, "..", belongs to another user\n');
      await project.done(["seal", "a.txt", "--here"], below);
    },
  );
});
