import { chmodSync, mkdirSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sealPlain } from "../../support/bundles/plain-run.ts";
import { makeFifo, makeProjectWithKey, type Project } from "../../support/command/cli.ts";

/** A project with a program, links, an empty folder and a socket's like, sealed as `one`. */
async function projectOfOne(): Promise<Project> {
  const project = await makeProjectWithKey({ "out/a.txt": "alpha\n", "out/tool": "run\n" });
  chmodSync(project.at("out/tool"), 0o755);
  mkdirSync(project.at("out/empty"));
  symlinkSync("a.txt", project.at("out/latest"));
  symlinkSync("x -> \u001b[31m", project.at("out/odd"));
  makeFifo(project.at("out/pipe"));
  writeFileSync(project.at("out/x.log"), "");
  expect(await project.json(["seal", "out", "--id", "one", "--ignore", "*.log"])).toMatchObject({ ok: true });
  return project;
}

/** The same project changed in each way, and sealed as `two`. */
async function projectOfTwo(): Promise<Project> {
  const project = await projectOfOne();
  rmSync(project.at("out/latest"));
  writeFileSync(project.at("out/latest"), "a file now");
  rmSync(project.at("out/odd"));
  symlinkSync("a.txt", project.at("out/odd"));
  rmdirSync(project.at("out/empty"));
  mkdirSync(project.at("out/fresh"));
  chmodSync(project.at("out/a.txt"), 0o755);
  symlinkSync("/etc/passwd", project.at("out/outside"));
  expect(await project.json(["seal", "out", "--id", "two", "--links", "any"])).toMatchObject({ ok: true });
  return project;
}

/** The lines under a heading of `show`. */
function sectionOf(stdout: string, heading: string): readonly string[] {
  const lines = stdout.split("\n");
  const begin = lines.indexOf(heading);
  const rest = begin < 0 ? [] : lines.slice(begin + 1);
  const end = rest.findIndex((line) => !/^[ x] /.test(line));
  return rest.slice(0, end);
}

describe.concurrent("runseal show, of a tree", () => {
  it("marks programs, and lists links, empty folders and what was left out", async () => {
    using project = await projectOfOne();
    const { stdout } = await project.done(["show", "one"]);
    expect(sectionOf(stdout, "outputs")).toEqual([
      expect.stringMatching(/^ {2}[0-9a-f]{64} {2}out\/a\.txt$/),
      expect.stringMatching(/^x [0-9a-f]{64} {2}out\/tool$/),
    ]);
    expect(sectionOf(stdout, "links")).toEqual(["  out/latest -> a.txt", '  out/odd -> "x -> \\u{1b}[31m"']);
    expect(sectionOf(stdout, "empty folders")).toEqual(["  out/empty/"]);
    expect(sectionOf(stdout, "left out")).toEqual(["  out/pipe  (fifo)"]);
    expect(sectionOf(stdout, "ignored")).toEqual(["  *.log"]);
  });

  it("says which links lead outside", async () => {
    using project = await projectOfTwo();
    const { stdout } = await project.done(["show", "two"]);
    expect(sectionOf(stdout, "links")).toEqual([
      "  out/odd -> a.txt",
      "  out/outside -> /etc/passwd  (leads outside)",
    ]);
  });

  it("gives the artifact to a program", async () => {
    using project = await projectOfOne();
    expect(await project.json(["show", "one"])).toMatchObject({
      tree: {
        version: 1,
        kind: "outputs",
        scope: ["out"],
        ignored: ["*.log"],
        modes: { "755": ["out/tool"] },
        folder_modes: {},
        empty_folders: ["out/empty"],
        links: [
          { path: "out/latest", target: "a.txt" },
          { path: "out/odd", target: "x -> \u001b[31m" },
        ],
        left_out: [{ path: "out/pipe", reason: "fifo" }],
      },
      tree_entries_left_out: 0,
    });
  });

  it("rejects a tree that is missing or not as signed, and shows the rest", async () => {
    using project = await projectOfOne();
    const artifact = project.at(".runseal/runs/one/OUTPUT_TREE.json");
    writeFileSync(artifact, "{}");
    expect(await project.json(["show", "one"])).toMatchObject({
      ok: false,
      code: "TREE_MISMATCH",
      phase: "tree",
      standing: "rejected",
      files: 2,
      tree: null,
    });
    rmSync(artifact);
    const { exitCode, stderr, stdout } = await project.run(["show", "one"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: TREE_MISSING: /);
    expect(stdout).toContain("verdict  TREE_MISSING; the outputs were not looked at\n");
    expect((await project.done(["log"])).stdout).toContain("TREE_MISSING");
  });
});

describe.concurrent("runseal diff, of trees", () => {
  it("lists links, empty folders, targets and modes beside the files", async () => {
    using project = await projectOfTwo();
    const [, , ...lines] = (await project.done(["diff", "one", "two"])).stdout.split("\n");
    expect(lines).toEqual([
      "+ added   out/fresh/",
      "+ added   out/latest",
      "+ added   out/outside -> /etc/passwd",
      "+ added   out/x.log",
      "- removed out/empty/",
      "- removed out/latest -> a.txt",
      '~ changed out/odd: target "x -> \\u{1b}[31m", now a.txt',
      "~ mode    out/a.txt: mode 644, now 755",
      "4 added, 2 removed, 2 changed; 2 files the same; the outputs were not looked at",
      "",
    ]);
  });

  it("gives the same to a program: what became a file is removed as a link and added as a file", async () => {
    using project = await projectOfTwo();
    const facts = await project.json(["diff", "one", "two"]);
    const digest = expect.stringMatching(/^sha256:/) as unknown;
    expect(facts["same"]).toBe(2);
    expect(facts["changes"]).toEqual([
      { path: "out/a.txt", kind: "file", change: "mode", before: "644", after: "755" },
      { path: "out/empty", kind: "folder", change: "removed", before: null, after: null },
      { path: "out/fresh", kind: "folder", change: "added", before: null, after: null },
      { path: "out/latest", kind: "file", change: "added", before: null, after: digest },
      { path: "out/latest", kind: "link", change: "removed", before: "a.txt", after: null },
      { path: "out/odd", kind: "link", change: "changed", before: "x -> \u001b[31m", after: "a.txt" },
      { path: "out/outside", kind: "link", change: "added", before: null, after: "/etc/passwd" },
      { path: "out/x.log", kind: "file", change: "added", before: null, after: digest },
    ]);
  });

  it("says of a bundle without a tree that it names no modes and links", async () => {
    using project = await projectOfOne();
    for (const name of ["latest", "odd", "pipe"]) rmSync(project.at("out", name));
    await sealPlain(project, "plain", "out", "--ignore", "*.log");
    const { stdout } = await project.done(["diff", "plain", "one"]);
    expect(stdout).toContain("\nrun plain has no tree: it names no modes, links or empty folders\n");
    expect(stdout).toContain("\n+ added   out/latest -> a.txt\n");
    expect(stdout).not.toContain("mode 644");
  });
});

describe.concurrent("runseal prove, of a tree", () => {
  it.each([
    ["a link", "out/latest", "out/latest", "link"],
    ["an empty folder", "out/empty", "out/empty", "folder"],
    ["a folder with files", "./out/", "out", "folder"],
  ])("says of %s that it is not a file", async (_what, name, path, kind) => {
    using project = await projectOfOne();
    expect(await project.json(["prove", "one", "out/tool", name])).toMatchObject({
      ok: false,
      code: "FILE_NOT_IN_BUNDLE",
      details: { reason: "kind", path, kind },
      exit_code: 1,
    });
  });
});
