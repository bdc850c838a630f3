import { mkdirSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, makeSealedProject, type Project } from "../../support/command/cli.ts";
import { shell } from "../../support/command/run.ts";

/** The lines of a diff behind the two that name its sides. */
async function changesOf(project: Project, ...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await project.done(["diff", ...args]);
  return stdout.trimEnd().split("\n").slice(2);
}

/** A guarded folder, in which the run `fix` changed a file, took out a folder and made another. */
async function makeGuarded(): Promise<Project> {
  const project = await makeProjectWithKey({ "src/a.txt": "1\n2\n", "old/x": "x\n", "old/deep/y": "y\n" });
  const script = "printf '1\\n2\\n3\\n' > src/a.txt; rm -r old; mkdir new; echo z > new/z";
  await project.run(shell(script, "--guard", ".", "--id", "fix"));
  return project;
}

describe.concurrent("runseal diff of the folder", () => {
  it("compares the newest run with the folder where no run is named", async () => {
    using project = await makeSealedProject();
    expect(await changesOf(project)).toEqual(["0 added, 0 removed, 0 changed; 2 files the same"]);
    project.write({ "out/a.txt": "other\n", "out/fresh/one": "", "out/fresh/deep/two": "" });
    const { stdout } = await project.changesNothing(["diff"]);
    expect(stdout).toMatch(/^--- one .*\n\+\+\+ the folder\n/);
    expect(await changesOf(project)).toEqual([
      "+ added   out/fresh/  (2 paths)",
      "~ changed out/a.txt",
      "2 added, 0 removed, 1 changed; 1 file the same",
    ]);
    expect(await project.json(["diff"])).toMatchObject({
      after: null,
      changes: [
        { path: "out/a.txt", change: "changed" },
        { path: "out/fresh/deep/two", change: "added" },
        { path: "out/fresh/one", change: "added" },
      ],
    });
  });

  it("shows the lines that changed, with the sealed bytes from the store", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "one\ntwo\n", "out/bin": "\0\u0001" });
    await project.done(["seal", "out", "--id", "one"]);
    project.write({ "out/a.txt": "one\n2\u001b[2J\tx\n", "out/bin": "\0\u0001\u0002" });
    expect(await changesOf(project, "-p")).toEqual([
      "--- a/out/a.txt",
      "+++ b/out/a.txt",
      "@@ -1,2 +1,2 @@",
      " one",
      "-two",
      "+2\\u{1b}[2J\tx",
      "~ changed out/bin  (Bin 2 -> 3 bytes)",
      "0 added, 0 removed, 2 changed; 0 files the same",
    ]);
    expect(await changesOf(project, "--stat")).toEqual([
      " out/a.txt | 2 +-",
      " out/bin   | Bin 2 -> 3 bytes",
      " 2 paths changed, 1 insertion(+), 1 deletion(-)",
      "0 added, 0 removed, 2 changed; 0 files the same",
    ]);
  });

  it("names a file above 1 MiB, and one whose bytes no store has, without their lines", async () => {
    using project = await makeProjectWithKey({ "out/big": "a\n".repeat(600_000), "out/small": "a\n" });
    await project.done(["seal", "out", "--id", "one", "--no-keep"]);
    project.write({ "out/big": "b\n".repeat(600_000), "out/small": "b\n" });
    expect((await changesOf(project, "--stat")).slice(0, 2)).toEqual([
      " out/big   | changed, too large to compare its lines",
      " out/small | changed, its bytes are not kept here",
    ]);
  });

  it("leaves out of a new folder what the seal ignores", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "", "out/a.log": "" });
    await project.done(["seal", "out", "--id", "one", "--ignore", "*.log"]);
    project.write({ "out/new/b.txt": "", "out/new/c.log": "", "out/new/.git/HEAD": "" });
    expect(await project.json(["diff"])).toMatchObject({ changes: [{ path: "out/new/b.txt" }] });
  });

  it("takes a word for a run and what has a slash, or stands behind --, for a path", async () => {
    using project = await makeSealedProject();
    project.write({ "out/a.txt": "other\n", "out/b/new": "" });
    for (const args of [["./out/b"], ["--", "out/b"], ["out/b/"]])
      expect(await changesOf(project, ...args), args.join(" ")).toContain("+ added   out/b/  (1 path)");
    expect(await project.json(["diff", "out/b/"])).toMatchObject({ counts: { added: 1, changed: 0 } });
    expect(await project.json(["diff", "./out"])).toMatchObject({ counts: { added: 1, changed: 1 } });
    expect(await project.json(["diff", "./nowhere"])).toMatchObject({ code: "PATH_NOT_FOUND", exit_code: 4 });
    const { stderr } = await project.run(["diff", "out"]);
    expect(stderr).toContain("hint: a path has a slash: runseal diff './out'\n");
    expect(await project.json(["diff", "../elsewhere"])).toMatchObject({ code: "USAGE" });
  });
});

describe.concurrent("runseal diff of one run", () => {
  it("says what a run changed since the one before it, and that the first had none", async () => {
    using project = await makeSealedProject();
    project.write({ "out/a.txt": "later\n" });
    await project.done(["seal", "out", "--id", "two"]);
    expect(await changesOf(project, "two")).toContain("~ changed out/a.txt");
    const { stdout } = await project.done(["diff", "one"]);
    expect(stdout).toMatch(/^--- nothing: it is the first run\n\+\+\+ one /);
    expect(await project.json(["diff", "one"])).toMatchObject({ before: null, counts: { added: 2 } });
    rmSync(project.at(".runseal/runs/one"), { recursive: true });
    const { exitCode, stderr } = await project.run(["diff", "two"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`what "two" changed can't be said: the run before it is not here`);
  });

  it("says what a guarded run changed, with one line for a folder that changed whole", async () => {
    using project = await makeGuarded();
    expect(await changesOf(project, "fix")).toEqual([
      "+ added   new/  (1 path)",
      "- removed old/  (2 paths)",
      "~ changed src/a.txt",
      "1 added, 2 removed, 1 changed; 0 files the same; the outputs were not looked at",
    ]);
    expect((await changesOf(project, "fix", "--stat")).slice(0, 4)).toEqual([
      " new/      | 1 path added",
      " old/      | 2 paths removed",
      " src/a.txt | 1 +",
      " 4 paths changed, 1 insertion(+), 0 deletions(-)",
    ]);
    expect(await changesOf(project, "fix", "-p", "./old/deep/y")).toEqual([
      "--- a/old/deep/y",
      "+++ /dev/null",
      "@@ -1,1 +0,0 @@",
      "-y",
      "0 added, 1 removed, 0 changed; 0 files the same; the outputs were not looked at",
    ]);
  });

  it("compares a guarded folder with its newest snapshot, also after an undo, which changed what it took back", async () => {
    using project = await makeGuarded();
    mkdirSync(project.at("empty"));
    rmSync(project.at("new"), { recursive: true });
    expect((await changesOf(project)).slice(0, 2)).toEqual(["+ added   empty/", "- removed new/  (1 path)"]);
    await project.done(["undo", "fix", "--take-changed"]);
    expect(await changesOf(project, "fix.revert")).toContain("+ added   old/  (2 paths)");
    expect(await project.json(["diff"])).toMatchObject({ changes: [] });
  });

  it("finds a guarded run where the folder has a project of its own too", async () => {
    using project = await makeGuarded();
    await project.done(["seal", "src", "--id", "sealed"]);
    expect(await changesOf(project, "fix")).toContain("~ changed src/a.txt");
    expect(await changesOf(project)).toEqual(["0 added, 0 removed, 0 changed; 1 file the same"]);
  });
});
