import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";

/** Two runs of the same outputs, both kept. */
async function makeTwoRuns(): Promise<Project> {
  const project = await makeSealedProject();
  project.write({ "out/a.txt": "later\n" });
  await project.done(["seal", "out", "--id", "two"]);
  return project;
}

describe.concurrent("verify of an older run whose files a later run overwrote", () => {
  it("says that the folder has moved on and that --stored verifies what was sealed", async () => {
    using project = await makeTwoRuns();
    const { exitCode, stderr } = await project.run(["verify", "one"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error: HASH_MISMATCH: the output "out/a.txt" is not the file');
    expect(stderr).toMatch(
      /\nhint: the folder has moved on since: the newest run is two\nhint: the store keeps this run: --stored verifies what was sealed\n$/,
    );
    expect(stderr).not.toContain("Restore the file");
    expect(await project.json(["verify", "one"])).toMatchObject({ later_run_id: "two", kept: true });
    await project.done(["verify", "one", "--stored"]);
  });

  it("says so where the store does not keep the run", async () => {
    using project = await makeTwoRuns();
    for (const store of ["packs", "objects"])
      rmSync(project.at(".runseal", store), { recursive: true, force: true });
    const { stderr } = await project.run(["verify", "one"]);
    expect(stderr).toContain("the newest run is two\n");
    expect(stderr).toContain("the store does not keep this run");
  });

  it("says of the newest run that the store keeps it, and still to restore the file", async () => {
    using project = await makeTwoRuns();
    project.write({ "out/a.txt": "tampered\n" });
    const { stderr } = await project.run(["verify", "two"]);
    expect(stderr).not.toContain("moved on");
    expect(stderr).toContain(
      "hint: the store keeps this run: --stored verifies what was sealed\nhint: Restore",
    );
    expect(await project.json(["verify", "two"])).toMatchObject({ later_run_id: null, kept: true });
    const chain = await project.run(["verify", "--history"]);
    expect(chain.stderr).toContain("hint: the store keeps this run: --stored verifies what was sealed\n");
  });
});
