import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";

const LAYOUT = "oci-layout:layout:v1";

/** A project whose run is in an archive and in a layout, and whose files were moved to `deployed`. */
async function deployed(): Promise<Project> {
  const project = await makeSealedProject();
  await project.done(["push", "one", "one.runseal"]);
  await project.done(["push", "one", LAYOUT]);
  await project.done(["restore", "one", "--to", "deployed", "--mkdir"]);
  rmSync(project.at(".runseal"), { recursive: true });
  renameSync(project.at("out"), project.at("gone"));
  return project;
}

describe.concurrent("a folder that was deployed", () => {
  it.each(["one.runseal", "./one.runseal", LAYOUT])("is verified against %s", async (run) => {
    using project = await deployed();
    const verify = ["verify", run, "--files", "deployed"];
    expect(await project.json([...verify, "--exact"])).toMatchObject({
      ok: true,
      run_id: "one",
      source: "root",
      tree: { exact: true, state: "checked" },
    });
    project.write({ "deployed/out/extra.txt": "not sealed\n" });
    expect(await project.json(verify)).toMatchObject({ ok: true });
    expect(await project.json([...verify, "--exact"])).toMatchObject({ code: "TREE_EXTRA", exit_code: 1 });
    project.write({ "deployed/out/a.txt": "alphb\n" });
    expect(await project.json(verify)).toMatchObject({
      code: "HASH_MISMATCH",
      details: { path: "out/a.txt" },
    });
    rmSync(project.at("deployed/out/a.txt"));
    const missing = await project.run(verify);
    expect(missing.stderr).toContain("error: OUTPUT_MISSING: ");
    expect(missing.stderr).toContain(
      'the folder that was looked in is "deployed"; --files DIR names another',
    );
  });

  it("needs no byte of an output from the registry", async () => {
    using project = await deployed();
    const blobs = project.at("layout/blobs/sha256");
    const bytes = readFileSync(project.at("deployed/out/a.txt"));
    for (const name of readdirSync(blobs)) {
      const blob = `${blobs}/${name}`;
      const isOutput = statSync(blob).size >= bytes.length && readFileSync(blob).includes(bytes);
      if (isOutput) rmSync(blob);
    }
    expect(await project.json(["verify", LAYOUT])).toMatchObject({ ok: false });
    expect(await project.json(["verify", LAYOUT, "--files", "deployed"])).toMatchObject({ ok: true });
    expect(existsSync(project.at(".runseal"))).toBe(false);
  });

  it("is refused where the options name a project too, or the folder is missing", async () => {
    using project = await deployed();
    for (const option of [["--stored"], ["--project", "."]])
      expect(await project.json(["verify", LAYOUT, "--files", "deployed", ...option])).toMatchObject({
        code: "USAGE",
        exit_code: 2,
      });
    expect(await project.json(["verify", LAYOUT, "--files", "nope"])).toMatchObject({
      code: "PATH_NOT_FOUND",
      exit_code: 4,
    });
  });
});
