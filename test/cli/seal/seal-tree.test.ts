import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EMPTY_TREE } from "../../support/bundles/output-trees.ts";
import { makeFifo, makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { artifactOf, runFacts } from "../../support/command/run.ts";

const ONE = ["--id", "one"];

/** A bundle's OUTPUT_TREE.json. */
function tree(project: Project, id = "one"): Readonly<Record<string, unknown>> {
  return artifactOf(project, id, "OUTPUT_TREE.json");
}

const NOTHING = { ...EMPTY_TREE, scope: ["out"] };

describe.concurrent("runseal seal: OUTPUT_TREE.json", () => {
  it("says of plain files only where the seal started", async () => {
    using project = await makeProjectWithKey();
    const { stdout } = await project.done(["seal", "out", ...ONE]);
    expect(tree(project)).toEqual(NOTHING);
    expect(stdout).not.toContain("tree ");
  });

  it("names programs, links and empty folders, and the seal counts them", async () => {
    using project = await makeProjectWithKey();
    chmodSync(project.at("out/a.txt"), 0o744);
    chmodSync(project.at("out/b.txt"), 0o677);
    mkdirSync(project.at("out/empty/deep"), { recursive: true });
    symlinkSync("a.txt", project.at("out/link"));
    const { stdout } = await project.done(["seal", "out", ...ONE]);
    expect(tree(project)).toEqual({
      ...NOTHING,
      modes: { "755": ["out/a.txt"] },
      empty_folders: ["out/empty/deep"],
      links: [{ path: "out/link", target: "a.txt" }],
    });
    expect(stdout).toContain("\ntree     1 program, 1 link, 1 empty folder\n");
    await project.done(["verify", "one", "--exact"]);
  });

  it("names all starting points in byte order, the root as a dot", async () => {
    using project = await makeProjectWithKey({ "b/x": "", "a/x": "", c: "" });
    await project.done(["seal", "b", "./a/", "b", "c", ...ONE]);
    expect(tree(project)["scope"]).toEqual(["a", "b", "c"]);
    await project.done(["seal", "b", ".", "--id", "two"]);
    expect(tree(project, "two")["scope"]).toEqual([".", "b"]);
  });
});

describe.concurrent("runseal seal: folders without files", () => {
  it("are empty if everything in them is ignored or left out", async () => {
    using project = await makeProjectWithKey({
      "out/logs/a.log": "",
      "out/git/.git/config": "",
      "out/x/y/b.log": "",
    });
    mkdirSync(project.at("out/pipes"));
    makeFifo(project.at("out/pipes/pipe"));
    const facts = await project.json(["seal", "out", ...ONE, "--ignore", "*.log"]);
    expect(facts).toMatchObject({ ok: true, files: 0, tree: { empty_folders: 4 } });
    expect(tree(project)).toEqual({
      ...NOTHING,
      ignored: [".git", "*.log"],
      empty_folders: ["out/git", "out/logs", "out/pipes", "out/x/y"],
      left_out: [{ path: "out/pipes/pipe", reason: "fifo" }],
    });
    await project.done(["verify", "one", "--exact"]);
  });

  it("can be all that there is to seal", async () => {
    using project = await makeProjectWithKey({});
    mkdirSync(project.at("out"));
    expect(await project.json(["seal", "out", ...ONE])).toMatchObject({
      ok: true,
      files: 0,
      bytes: 0,
      kept: 0,
    });
    await project.done(["verify", "one", "--exact"]);
    await project.done(["verify", "one", "--stored"]);
  });

  it("are refused if a restore keeps the name for itself, or no tree can name it", async () => {
    using project = await makeProjectWithKey({});
    mkdirSync(project.at(".spectrum06_x"));
    mkdirSync(project.at("a\\b"));
    expect(await project.json(["seal", ".", ...ONE])).toMatchObject({
      code: "ENTRIES_REFUSED",
      details: {
        reason: "names-unlawful",
        refused: [
          { path: ".spectrum06_x", reason: "restore-name" },
          { path: "a\\b", reason: "backslash" },
        ],
      },
    });
  });
});

describe.concurrent("runseal seal: what the tree says was ignored", () => {
  it("is the patterns that left something out, in the caller's order, after version control", async () => {
    using project = await makeProjectWithKey({
      "out/.svn/x": "",
      "out/.git": "",
      "out/z.tmp": "",
      "out/a.log": "",
      "out/f": "",
    });
    await project.done([
      "seal",
      "out",
      ...ONE,
      "--ignore",
      "*.tmp",
      "--ignore",
      "unused",
      "--ignore",
      "*.log",
    ]);
    expect(tree(project)["ignored"]).toEqual([".git", ".svn", "*.tmp", "*.log"]);
  });

  it("has the patterns that take something back: what they match is not passed over", async () => {
    using project = await makeProjectWithKey({ "out/a.log": "", "out/keep.log": "" });
    await project.done([
      "seal",
      "out",
      ...ONE,
      "--ignore",
      "!early",
      "--ignore",
      "*.log",
      "--ignore",
      "!keep*",
    ]);
    expect(tree(project)["ignored"]).toEqual(["*.log", "!keep*"]);
    project.write({ "out/b.log": "" });
    await project.done(["verify", "one", "--exact"]);
    project.write({ "out/keep-me.log": "" });
    expect((await project.run(["verify", "one", "--exact"])).stderr).toContain("TREE_EXTRA: ");
  });

  it("has runseal's own folder only below the root, where it belongs to another project", async () => {
    using project = await makeProjectWithKey({ "out/f": "", "out/sub/.runseal/HEAD": "" });
    await project.done(["seal", ".", ...ONE, "--ignore", "none"]);
    expect(tree(project)).toMatchObject({ ignored: [".runseal"], empty_folders: ["out/sub"] });
    await project.done(["seal", "out/f", "--id", "two"]);
    expect(tree(project, "two")["ignored"]).toEqual([]);
  });

  it("is refused if there are more patterns than a tree can name", async () => {
    using project = await makeProjectWithKey();
    const names = Array.from({ length: 1000 }, (_, index) => `x${index}`);
    project.write(Object.fromEntries(names.map((name) => [`out/${name}`, ""])));
    project.write({ ".runsealignore": names.join("\n") });
    await project.done(["seal", "out", ...ONE]);
    project.write({ "out/.git": "" });
    expect(await project.json(["seal", "out"])).toMatchObject({
      ok: false,
      code: "INPUT_MALFORMED",
      details: { reason: "patterns" },
    });
  });
});

describe.concurrent("runseal seal: links", () => {
  it("are sealed with their targets wherever these are in the tree, also if nothing is there", async () => {
    using project = await makeProjectWithKey();
    mkdirSync(project.at("out/d"));
    const targets = ["../a.txt", "none", "..", "d2/../x", "self", "./././", "\u2028\u{1f600}"];
    for (const [index, target] of targets.entries()) symlinkSync(target, project.at(`out/d/l${index}`));
    const end = await project.json(["seal", "out", ...ONE, "--links", "any"]);
    expect(end).toMatchObject({ ok: true, tree: { links: 7, links_outside: 1 } });
    const links = targets.map((target, index) => ({ path: `out/d/l${index}`, target }));
    expect(tree(project)["links"]).toEqual(links);
  });

  it("are refused if they lead outside, all of them, with their targets", async () => {
    using project = await makeProjectWithKey();
    symlinkSync("/etc/passwd", project.at("out/absolute"));
    symlinkSync("../../up", project.at("out/climbs"));
    symlinkSync("a.txt", project.at("out/inside"));
    symlinkSync("absolute", project.at("out/through"));
    symlinkSync("../other/../x", project.at("out/unknown"));
    const { stderr, exitCode } = await project.changesNothing(["seal", "out", ...ONE]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "error: ENTRIES_REFUSED: these links lead outside of what is sealed\n" +
        '  "out/absolute" -> "/etc/passwd"\n' +
        '  "out/climbs" -> "../../up"\n' +
        '  "out/through" -> "absolute"\n' +
        '  "out/unknown" -> "../other/../x"\n' +
        "hint: --links any takes them as they are; a restore refuses them unless it gets --links any too\n" +
        "hint: --links none of seal and run leaves out all links, and says so\n",
    );
    const facts = await project.json(["seal", "out"]);
    expect(facts["details"]).toMatchObject({
      refused: expect.arrayContaining([{ path: "out/climbs", target: "../../up" }]),
    });
  });

  it("are not refused if patterns leave them out", async () => {
    using project = await makeProjectWithKey();
    symlinkSync("/etc/passwd", project.at("out/absolute"));
    symlinkSync(Buffer.from("a\xff", "latin1"), project.at("out/bytes"));
    const options = ["--ignore", "absolute", "--ignore", "bytes"];
    await project.done(["seal", "out", ...ONE, ...options]);
    expect(tree(project)).toEqual({ ...NOTHING, ignored: ["absolute", "bytes"] });
  });

  it("are sealed if the caller names them, not what they lead to", async () => {
    using project = await makeProjectWithKey();
    symlinkSync("out", project.at("way"));
    const facts = await project.json(["seal", "way/", ...ONE]);
    expect(facts).toMatchObject({ ok: true, files: 0, tree: { links: 1 } });
    expect(tree(project)).toMatchObject({ scope: ["way"], links: [{ path: "way", target: "out" }] });
  });

  it.each([
    ["a backslash", "x\\y", "backslash"],
    ["a drive", "C:x", "drive"],
  ])("are refused if another system reads %s in the target", async (_what, target, reason) => {
    using project = await makeProjectWithKey();
    symlinkSync(target, project.at("out/link"));
    const facts = await project.json(["seal", "out", ...ONE]);
    expect(facts).toMatchObject({
      code: "ENTRIES_REFUSED",
      details: { reason: "names-not-portable", refused: [{ path: "out/link", reason, target }] },
    });
    await project.done(["seal", "out", ...ONE, "--names", "posix"]);
    expect(tree(project)["links"]).toEqual([{ path: "out/link", target }]);
  });

  it("and empty folders are refused if another system takes their names for one", async () => {
    using project = await makeProjectWithKey();
    symlinkSync("a.txt", project.at("out/A.TXT"));
    mkdirSync(project.at("out/B.txt"));
    expect(await project.json(["seal", "out"])).toMatchObject({
      code: "ENTRIES_REFUSED",
      details: {
        reason: "names-not-portable",
        refused: [
          { path: "out/a.txt", reason: "collision", other: "out/A.TXT" },
          { path: "out/b.txt", reason: "collision", other: "out/B.txt" },
        ],
      },
    });
  });
});

describe.concurrent("runseal run: OUTPUT_TREE.json", () => {
  const SCRIPT = "mkdir -p made/e; echo x > made/p; chmod +x made/p; ln -s p made/l";

  it("says what the command made beside files, and all that was asked for", async () => {
    using project = await makeProjectWithKey();
    const facts = await runFacts(project, SCRIPT, ["--output", "made", ...ONE]);
    expect(facts).toMatchObject({ ok: true, tree: { programs: 1, links: 1, empty_folders: 1 } });
    expect(tree(project)).toEqual({
      ...NOTHING,
      scope: ["made"],
      modes: { "755": ["made/p"] },
      empty_folders: ["made/e"],
      links: [{ path: "made/l", target: "p" }],
    });
  });

  it("is in the bundle of a failed run, and names what was not made in its scope", async () => {
    using project = await makeProjectWithKey();
    const options = ["--output", "made", "--output", "none", ...ONE];
    expect(await runFacts(project, SCRIPT, options)).toMatchObject({ code: "OUTPUT_NOT_MADE" });
    expect(tree(project)).toMatchObject({ scope: ["made", "none"], modes: { "755": ["made/p"] } });
  });

  it("says nothing but the scope if the outputs can't be sealed", async () => {
    using project = await makeProjectWithKey();
    const facts = await runFacts(project, `${SCRIPT}; mkfifo made/f`, [
      "--output",
      "made",
      "--strict",
      ...ONE,
    ]);
    expect(facts).toMatchObject({ code: "ENTRIES_REFUSED", details: { reason: "special" } });
    expect(tree(project)).toEqual({ ...NOTHING, scope: ["made"] });
  });
});
