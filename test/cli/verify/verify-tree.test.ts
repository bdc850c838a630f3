import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../support/bundles/bundle.ts";
import { sealPlain } from "../../support/bundles/plain-run.ts";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";

/** A project with a program, two links, one of which leads outside, and an empty folder, sealed as `one`. */
async function makeTree(): Promise<Project> {
  const project = await makeProjectWithKey({ "dist/app.js": "app\n", "dist/lib/a.txt": "a\n" });
  chmodSync(project.at("dist/app.js"), 0o755);
  symlinkSync("app.js", project.at("dist/latest"));
  symlinkSync("/etc/hostname", project.at("dist/lib/host"));
  mkdirSync(project.at("dist/empty"));
  await project.done(["seal", "dist", "--id", "one", "--links", "any"]);
  return project;
}

describe.concurrent("runseal verify of a tree", () => {
  it("counts programs, links and empty folders, and says which links lead outside", async () => {
    using project = await makeTree();
    const { stdout } = await project.done(["verify", "one", "--verbose"]);
    expect(stdout).toContain("\n11 tree        ok\n");
    expect(stdout).toContain("\ntree     1 program, 2 links (1 leads outside), 1 empty folder\n");
    expect(await project.json(["verify", "one"])).toMatchObject({
      ok: true,
      tree: { state: "checked", programs: 1, links: 2, links_outside: 1, empty_folders: 1 },
    });
  });

  it("rejects a link with another target, and says both", async () => {
    using project = await makeTree();
    rmSync(project.at("dist/latest"));
    symlinkSync("lib/a.txt", project.at("dist/latest"));
    const { exitCode, stderr, stdout } = await project.changesNothing(["verify", "one"]);
    expect(exitCode).toBe(1);
    expect(stdout.endsWith("10 acceptance  ok\n11 tree        FAILED\n")).toBe(true);
    expect(stderr).toContain(
      'error: TREE_ENTRY_DIFFERS: "dist/latest" is not as it was sealed: its target is lib/a.txt, not app.js\n',
    );
  });

  it("passes over modes with --ignore-modes, and says so", async () => {
    using project = await makeTree();
    chmodSync(project.at("dist/app.js"), 0o644);
    expect((await project.run(["verify", "one"])).exitCode).toBe(1);
    const { stdout } = await project.done(["verify", "one", "--ignore-modes"]);
    expect(stdout).toContain("1 empty folder; modes not compared\n");
    expect(await project.json(["verify", "one", "--ignore-modes"])).toMatchObject({
      ok: true,
      tree: { modes_ignored: true },
    });
  });

  it("lists each difference with --all, files first", async () => {
    using project = await makeTree();
    project.write({ "dist/lib/a.txt": "b\n" });
    chmodSync(project.at("dist/app.js"), 0o644);
    rmSync(project.at("dist/empty"), { recursive: true });
    const { stdout } = await project.run(["verify", "one", "--all"]);
    expect(stdout).toContain(
      `HASH_MISMATCH      "dist/lib/a.txt": is ${sha256("b\n").slice(0, 16)}…, was ${sha256("a\n").slice(0, 16)}…\n` +
        'TREE_ENTRY_DIFFERS "dist/app.js": mode 644, not 755\n' +
        'TREE_ENTRY_MISSING "dist/empty": folder\n',
    );
  });

  it("lists no difference with --all where the tree itself can't be judged", async () => {
    using project = await makeTree();
    rmSync(project.at(".runseal/runs/one/OUTPUT_TREE.json"));
    expect(await project.json(["verify", "one", "--all"])).toMatchObject({
      code: "TREE_MISSING",
      failures: [],
      exit_code: 1,
    });
    const { stdout } = await project.run(["verify", "one", "--all"]);
    expect(stdout.endsWith("11 tree        FAILED\n")).toBe(true);
  });

  it("checks of a stored run no more than the artifact, and says so", async () => {
    using project = await makeTree();
    rmSync(project.at("dist"), { recursive: true });
    const { stdout } = await project.done(["verify", "one", "--stored"]);
    expect(stdout).toContain("1 empty folder; as the signer says\n");
    expect(await project.json(["verify", "one", "--stored"])).toMatchObject({ tree: { state: "declared" } });
  });

  it("does not look at a tree that the signature does not name, and says so", async () => {
    using project = await makeTree();
    await sealPlain(project, "two", "dist/app.js");
    project.write({ ".runseal/runs/two/OUTPUT_TREE.json": "{" });
    const { stdout } = await project.done(["verify", "two"]);
    expect(stdout).toContain("phases   all 10 ok\n");
    expect(stdout).toContain("tree     there is one, but the signature does not name it: not looked at\n");
    expect(await project.json(["verify", "two"])).toMatchObject({ tree: { state: "unbound", links: 0 } });
  });

  it("quotes a target that would control the terminal", async () => {
    using project = await makeTree();
    rmSync(project.at("dist/latest"));
    symlinkSync("\u001b[2J\nerror: x", project.at("dist/latest"));
    const { stderr } = await project.run(["verify", "one"]);
    expect(stderr).not.toContain("\u001b");
    expect(stderr.split("\n").filter((line) => line.startsWith("error: "))).toHaveLength(1);
  });

  it("follows no link that stands in a sealed folder's place", async () => {
    using project = await makeTree();
    project.write({ "elsewhere/a.txt": "a\n" });
    symlinkSync("/etc/hostname", project.at("elsewhere/host"));
    rmSync(project.at("dist/lib"), { recursive: true });
    symlinkSync("../elsewhere", project.at("dist/lib"));
    expect(await project.json(["verify", "one"])).toMatchObject({
      code: "TREE_ENTRY_DIFFERS",
      details: { path: "dist/lib", aspect: "kind", expected: "folder", actual: "link" },
    });
  });
});

describe.concurrent("runseal verify --history of trees", () => {
  it("names the run whose tree is not there, and passes over modes with --ignore-modes", async () => {
    using project = await makeTree();
    chmodSync(project.at("dist/app.js"), 0o644);
    for (const runs of [[], [".runseal/runs/one"]]) {
      const answer = await project.json(["verify", "--history", ...runs]);
      expect(answer).toMatchObject({
        code: "TREE_ENTRY_DIFFERS",
        phase: "tree",
        details: { path: "dist/app.js", aspect: "mode", run_id: "one" },
      });
      await project.done(["verify", "--history", ...runs, "--ignore-modes"]);
    }
  });

  it("takes older runs from the store, where trees are as the signer says", async () => {
    using project = await makeTree();
    rmSync(project.at("dist/latest"));
    await project.done(["seal", "dist", "--id", "two", "--links", "any"]);
    await project.done(["verify", "--history"]);
  });
});

describe.concurrent("runseal verify --exact", () => {
  it.each([
    ["file", (at: string) => ({ [`${at}/x`]: "" }), "x"],
    ["folder", (at: string) => ({ [`${at}/x/y`]: "" }), "x"],
  ] as const)("finds an extra %s at any depth", async (kind, filesAt, name) => {
    using project = await makeTree();
    for (const at of ["dist", "dist/lib"]) {
      project.write(filesAt(at));
      expect(await project.json(["verify", "one", "--exact"])).toMatchObject({
        code: "TREE_EXTRA",
        details: { path: `${at}/${name}`, kind },
        exit_code: 1,
      });
      rmSync(project.at(at, name), { recursive: true });
    }
  });

  it("finds an extra link, and names the first extra in byte order", async () => {
    using project = await makeTree();
    symlinkSync("a.txt", project.at("dist/lib/b.txt"));
    project.write({ "dist/z": "" });
    expect(await project.json(["verify", "one", "--exact"])).toMatchObject({
      details: { path: "dist/lib/b.txt", kind: "link" },
    });
  });

  it("passes over what the seal ignored, and what the caller ignores", async () => {
    using project = await makeTree();
    await project.done(["seal", "dist", "--id", "two", "--links", "any", "--ignore", "*.log"]);
    project.write({ "dist/x.log": "", "dist/lib/y.tmp": "" });
    expect(await project.json(["verify", "two", "--exact"])).toMatchObject({
      details: { path: "dist/lib/y.tmp" },
    });
    await project.done([
      "seal",
      "dist",
      "--id",
      "three",
      "--links",
      "any",
      "--ignore",
      "*.log",
      "--ignore",
      "*.tmp",
    ]);
    expect(await project.json(["verify", "three", "--exact"])).toMatchObject({
      ok: true,
      tree: { exact: true, extra_ignored: 2 },
    });
    expect(await project.json(["verify", "three", "--exact", "--ignore", "!x.log"])).toMatchObject({
      ok: true,
    });
  });

  it("passes over runseal's own folder and version control where the root was sealed", async () => {
    using project = await makeTree();
    project.write({ ".git/HEAD": "ref: refs/heads/main\n" });
    await project.done(["seal", ".", "--id", "two", "--links", "any"]);
    await project.done(["verify", "two", "--exact"]);
    project.write({ ".git/index": "", x: "" });
    expect(await project.json(["verify", "two", "--exact"])).toMatchObject({ details: { path: "x" } });
  });

  it("passes over the bundle that it verifies, and no other file beside it", async () => {
    using project = await makeTree();
    await project.done(["seal", ".", "--id", "two", "--links", "any", "--out", "bundles"]);
    await project.done(["verify", "bundles/two", "--files", ".", "--exact"]);
    project.write({ "bundles/two/x": "" });
    expect(await project.json(["verify", "bundles/two", "--files", ".", "--exact"])).toMatchObject({
      details: { path: "bundles/two/x" },
    });
  });
});
