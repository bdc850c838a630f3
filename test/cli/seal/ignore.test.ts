import { symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { artifactOf, runFacts } from "../../support/command/run.ts";

const FILES = {
  ".git/config": "[core]\n",
  "lib/.git": "gitdir: ../.git/modules/lib\n",
  ".hg/store": "",
  ".svn/entries": "",
  "a.log": "",
  "src/b.log": "",
  "src/app.js": "",
};

function sealed(project: Project, id: string): readonly string[] {
  return Object.keys(artifactOf(project, id, "OUTPUT_HASHES.json")["hashes"] as object);
}

describe.concurrent("runseal seal: what is left out", () => {
  it("is what version control keeps, at any depth, and the seal says so", async () => {
    using project = await makeProjectWithKey(FILES);
    const facts = await project.json(["seal", ".", "--id", "one"]);
    expect(facts).toMatchObject({ ok: true });
    expect(sealed(project, "one")).toEqual(["a.log", "src/app.js", "src/b.log"]);
    expect(facts["left_out"]).toEqual(
      [".git", ".hg", ".svn", "lib/.git"].map((path) => ({ path, reason: "version-control" })),
    );
    const { stdout } = await project.run(["seal", ".", "--id", "two"]);
    expect(stdout).toContain(`left out "lib/.git" (version control; --ignore '!.git' takes it)\n`);
    expect(sealed(project, "two")).toEqual(["a.log", "src/app.js", "src/b.log"]);
  });

  it("is what .runsealignore at the root and --ignore match, before anything is refused", async () => {
    using project = await makeProjectWithKey({
      ...FILES,
      ".runsealignore": "# logs\n*.log\n!b.log\nlinks/\n",
    });
    project.write({ "links/x": "", "tmp/NUL": "" });
    symlinkSync("x", project.at("links/y"));
    const facts = await project.json(["seal", ".", "--ignore", "/tmp", "--ignore", "!.svn", "--id", "one"]);
    expect(facts).toMatchObject({ ok: true });
    expect(sealed(project, "one")).toEqual([".runsealignore", ".svn/entries", "src/app.js", "src/b.log"]);
    expect(facts["ignored"]).toEqual({ entries: 3, patterns: ["*.log", "links/", "/tmp"] });
    const { stdout } = await project.run(["seal", ".", "--ignore", "tmp", "--id", "two"]);
    expect(stdout).toContain('left out 3 entries by "*.log", "links/", "tmp"\n');
  });

  it("is never what the caller names", async () => {
    using project = await makeProjectWithKey({ ...FILES, ".runsealignore": "*.log\nsrc/\n" });
    await project.done(["seal", "a.log", "src", ".git", "--names", "posix", "--id", "one"]);
    expect(sealed(project, "one")).toEqual([".git/config", "a.log", "src/app.js"]);
  });
});

describe.concurrent("runseal run: what is left out of outputs", () => {
  it("is the same as of a seal, by the patterns from before the command ran", async () => {
    using project = await makeProjectWithKey({ ".runsealignore": "*.tmp\n" });
    const script = "mkdir -p made/.git; touch made/.git/x made/a.tmp made/a.log made/b; rm .runsealignore";
    const options = ["--output", "made", "--ignore", "*.log", "--id", "r"];
    expect(await runFacts(project, script, options)).toMatchObject({
      ok: true,
      left_out: [{ path: "made/.git", reason: "version-control" }],
      ignored: { entries: 2, patterns: ["*.log", "*.tmp"] },
    });
    expect(sealed(project, "r")).toEqual(["made/b"]);
  });
});
