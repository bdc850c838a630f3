import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verifyPlainly } from "../../support/bundles/plain-verifier.ts";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { runFacts } from "../../support/command/run.ts";

function judge(project: Project, id = "one"): string {
  return verifyPlainly(project.at(`.runseal/runs/${id}`), project.root);
}

/** A project with programs, links and empty folders, sealed by the command line. */
async function makeTreeProject(): Promise<Project> {
  const project = await makeProjectWithKey({
    "out/a.txt": "alpha\n",
    "out/bin/run": "#!/bin/sh\n",
    "out/1": "",
  });
  chmodSync(project.at("out/bin/run"), 0o755);
  mkdirSync(project.at("out/hollow/er"), { recursive: true });
  symlinkSync("bin", project.at("out/latest"));
  symlinkSync("not/there", project.at("out/nothing"));
  await project.done(["seal", "out", "--id", "one"]);
  return project;
}

describe.concurrent("a SPECTRUM verifier that knows nothing of trees", () => {
  it("accepts a bundle with programs, links and empty folders", async () => {
    using project = await makeTreeProject();
    expect(readFileSync(project.at(".runseal/runs/one/OUTPUT_TREE.json"), "utf8")).toContain("out/latest");
    expect(judge(project)).toBe("ok");
  });

  it("accepts a bundle with nothing but links", async () => {
    using project = await makeProjectWithKey({});
    mkdirSync(project.at("out"));
    symlinkSync("b", project.at("out/a"));
    await project.done(["seal", "out", "--id", "one"]);
    expect(judge(project)).toBe("ok");
  });

  it("accepts a run that is linked to an earlier one, and what was restored from it", async () => {
    using project = await makeTreeProject();
    await project.done(["seal", "out", "--id", "two"]);
    expect(judge(project, "two")).toBe("ok");
    rmSync(project.at("out"), { recursive: true });
    await project.done(["restore", "two", "--to", "."]);
    expect(judge(project, "two")).toBe("ok");
  });

  it("refuses a failed run with a tree", async () => {
    using project = await makeProjectWithKey({});
    const command = "mkdir out && ln -s b out/a && echo x > out/x && exit 3";
    expect(await runFacts(project, command, ["--output", "out", "--id", "one"])).toMatchObject({ ok: false });
    expect(readFileSync(project.at(".runseal/runs/one/OUTPUT_TREE.json"), "utf8")).toContain("out/a");
    expect(judge(project)).toBe("DECISION_INVALID");
  });

  it("sees a changed file, and a changed binding of the tree", async () => {
    using project = await makeTreeProject();
    writeFileSync(project.at("out/a.txt"), "other\n");
    expect(judge(project)).toBe("HASH_MISMATCH");
    const status = project.at(".runseal/runs/one/STATUS.json");
    const bound = readFileSync(status, "utf8");
    writeFileSync(
      status,
      bound.replace(/"output_tree_sha256":"[^"]*"/, `"output_tree_sha256":"${"0".repeat(64)}"`),
    );
    expect(judge(project)).toBe("BUNDLE_ROOT_MISMATCH");
  });
});
