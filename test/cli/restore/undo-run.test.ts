import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MAIN, makeProject, type Project } from "../../support/command/cli.ts";
import { LiveRun } from "../../support/command/run.ts";
import { linesBelow } from "../../support/faults/revert-guard.ts";
import { MountedFolder } from "../../support/files/file-systems.ts";

const UNDO = ["undo", "--guard", "work"];
const REDO = ["redo", "--guard", "work"];
const HEX = expect.stringMatching(/^[0-9a-f]{64}$/);

/** A guarded folder that was changed after its snapshot `first`, by the guard's own key. */
async function withChanges(): Promise<Project> {
  const project = await makeProject();
  project.write({ "work/a.txt": "1\n", "work/src/b.txt": "b\n", "work/gone/c.txt": "c\n" });
  symlinkSync("a.txt", project.at("work/link"));
  for (const path of ["a.txt", "src/b.txt", "gone/c.txt"]) chmodSync(project.at("work", path), 0o644);
  await succeed(project, ["snapshot", "work", "--id", "first"]);
  project.write({ "work/a.txt": "2\n", "work/new/d.txt": "d\n" });
  chmodSync(project.at("work/src/b.txt"), 0o600);
  rmSync(project.at("work/gone"), { recursive: true });
  rmSync(project.at("work/link"));
  return project;
}

/** Runs a command that succeeds, and may have something to note. */
async function succeed(project: Project, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await project.run(args);
  expect(exitCode, stderr).toBe(0);
}

/** A guarded run of a shell command. */
function changing(id: string, command: string): readonly string[] {
  return ["run", "--guard", "work", "--id", id, "--", "sh", "-c", command];
}

function look(project: Project): readonly string[] {
  return linesBelow(project.at("work"), "");
}

describe.concurrent("runseal undo", () => {
  it("asks for one trusted signer also where a release needs several", async () => {
    using project = await makeProject();
    await succeed(project, ["init", "--no-passphrase", "--name", "me"]);
    await succeed(project, ["trust", "add", "bob", `runseal-ed25519 ${"b".repeat(64)}`]);
    await succeed(project, ["trust", "require", "2", "of", "me,bob"]);
    project.write({ "work/a.txt": "1\n" });
    await succeed(project, changing("edit", "echo 2 > work/a.txt"));
    await succeed(project, UNDO);
    expect(readFileSync(project.at("work/a.txt"), "utf8")).toBe("1\n");
  });

  it("shows what it would do, and does it", async () => {
    using project = await withChanges();
    const changed = look(project);
    const planned = await project.done([...UNDO, "--to", "first", "--dry-run"]);
    expect(planned.stdout).toBe(
      [
        'replace  "a.txt"',
        'put back "gone/"',
        'put back "gone/c.txt"',
        'put back "link"',
        'remove   "new/"',
        'remove   "new/d.txt"',
        'mode     "src/b.txt"',
        "plan     first: 1 replaced, 2 put back, 1 removed, 1 mode, 1 folder made, 1 folder removed",
        'in       "work" (nothing was changed)\n',
      ].join("\n"),
    );
    expect(look(project)).toEqual(changed);
    const { stdout } = await project.done([...UNDO, "--to", "first"]);
    expect(stdout).toBe(
      [
        "undone   first: 1 replaced, 2 put back, 1 removed, 1 mode, 1 folder made, 1 folder removed",
        "before   first.revert.before",
        "now      first.revert",
        'in       "work"\n',
      ].join("\n"),
    );
    expect(look(project)).toEqual([
      'file 644 a.txt "1\\n"',
      "folder 755 gone",
      'file 644 gone/c.txt "c\\n"',
      "link link a.txt",
      "folder 755 src",
      'file 644 src/b.txt "b\\n"',
    ]);
    expect((await project.done(["log", "--guard", "work"])).stdout).toMatch(
      /^first\.revert .* \+2 ~2 -1 {3}undone first {3}\[undo first\.revert\]$/m,
    );
    expect((await project.done(REDO)).stdout).toMatch(
      /^redone {3}first: [^\n]+\nbefore {3}[^\n]+\nnow {6}first\.redo\n/,
    );
    expect(look(project)).toEqual(changed);
  });

  it("says that a run can't be undone whose snapshot was forgotten", async () => {
    using project = await withChanges();
    for (const id of ["one", "two"])
      expect((await project.run(changing(id, `echo ${id} > work/a.txt`))).exitCode).toBe(0);
    await project.done([...UNDO, "two"]);
    await project.done(["prune", "--guard", "work", "--keep-last", "1"]);
    const { exitCode, stderr } = await project.run([...UNDO, "two"]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('RUN_NOT_FOUND: no run "');
    expect(stderr).not.toContain("it holds no runs");
    expect(stderr).toContain("runseal prune may have taken it");
  });

  it("prints one object with --json", async () => {
    using project = await withChanges();
    const counts = {
      replaced: 1,
      put_back: 2,
      removed: 1,
      modes: 1,
      folders_made: 1,
      folders_removed: 1,
      bytes: 4,
    };
    const rest = {
      already: 0,
      skipped: [],
      folders_left: [],
      clean: true,
      recovered: [],
      recovered_seals: [],
    };
    const dry = { undo_id: null, before: null, after: null };
    expect(await project.json([...UNDO, "--to", "first", "--dry-run"])).toEqual({
      ok: true,
      code: "OK",
      message: "nothing was changed: this is what would be",
      details: {
        paths: [
          { path: "a.txt", action: "replace", kind: "file" },
          { path: "gone", action: "make-folder", kind: "folder" },
          { path: "gone/c.txt", action: "put-back", kind: "file" },
          { path: "link", action: "put-back", kind: "link" },
          { path: "new", action: "remove-folder", kind: "folder" },
          { path: "new/d.txt", action: "remove", kind: "file" },
          { path: "src/b.txt", action: "mode", kind: "file" },
        ],
      },
      run_id: "first",
      ...dry,
      ...counts,
      ...rest,
      exit_code: 0,
    });
    expect(await project.json([...UNDO, "--to", "first"])).toEqual({
      ok: true,
      code: "OK",
      message: "undone",
      details: {},
      run_id: "first",
      undo_id: "first.revert",
      before: HEX,
      after: HEX,
      ...counts,
      ...rest,
      exit_code: 0,
    });
    expect(await project.json([...UNDO, "--to", "first"])).toMatchObject({
      message: "nothing was to be done",
      ...dry,
    });
  });

  it("undoes after git has rewritten the index of a repository, and gives that index back", async () => {
    using project = await withChanges();
    project.write({ "work/.git/index": "1" });
    await project.done([...UNDO, "--to", "first"]);
    project.write({ "work/.git/index": "2" });
    await project.done(REDO);
    expect(readFileSync(project.at("work/.git/index"), "utf8")).toBe("1");
    await project.done(UNDO);
    expect(readFileSync(project.at("work/.git/index"), "utf8")).toBe("2");
  });

  it("refuses after a commit, whose objects stand on what the run added", async () => {
    using project = await withChanges();
    project.write({ "work/.git/index": "1" });
    await project.done([...UNDO, "--to", "first"]);
    project.write({ "work/.git/index": "2", "work/.git/objects/ab/cd": "x" });
    const { exitCode, stderr } = await project.run(REDO);
    expect(exitCode).toBe(5);
    expect(stderr).toContain('".git/index"');
  });

  it("refuses for other changed files, and does not name the index of a repository with them", async () => {
    using project = await withChanges();
    project.write({ "work/.git/index": "1", "work/mine": "1" });
    await project.done([...UNDO, "--to", "first"]);
    project.write({ "work/.git/index": "2", "work/mine": "2" });
    const { exitCode, stderr } = await project.run(REDO);
    expect(exitCode).toBe(5);
    expect(stderr).toContain('"mine"');
    expect(stderr).not.toContain("index");
  });

  it("names a command that works where it is pasted", async () => {
    using project = await withChanges();
    const named = ["run", "--guard", "work", "--id", "fix", "--", "rm", "work/a.txt"];
    expect((await project.run(named)).stderr).toContain("[runseal undo fix --guard 'work']\n");
    const gone = ["run", "--guard", "work", "--store", "kept", "--id", "gone", "--", "rm", "-r", "work"];
    const { stderr } = await project.run(gone);
    const command = "runseal undo --to gone.before --guard 'work' --store 'kept'";
    expect(stderr).toContain("note: the guarded folder is gone: the command removed or moved it\n");
    expect(stderr).toContain(`hint: ${command} makes the folder as it was\n`);
    expect((await project.run([...UNDO, "gone", "--store", "kept"])).stderr).toContain(
      `hint: see what would change: ${command} --dry-run\n`,
    );
    await project.done([...UNDO, "--to", "gone.before", "--store", "kept"]);
    expect(look(project)).toContain("folder 755 new");
  });

  it("without a run takes back the last one that is not undone, then the one before; redo comes forward", async () => {
    using project = await withChanges();
    for (const id of ["one", "two", "three"])
      await succeed(project, changing(id, id === "three" ? "true" : `echo ${id} > work/${id}`));
    await succeed(project, changing("four", "echo four > work/four"));
    const names = (): readonly string[] =>
      ["one", "two", "four"].filter((name) => existsSync(project.at("work", name)));
    const undone = async (): Promise<unknown> => (await project.json(UNDO))["run_id"];
    expect(await undone()).toBe("four");
    // It changed nothing, so there is nothing to undo.
    expect(await undone()).toBe("two");
    expect(names()).toEqual(["one"]);
    expect(await project.json(REDO)).toMatchObject({ run_id: "two.revert" });
    expect(names()).toEqual(["one", "two"]);
    expect(await project.json(REDO)).toMatchObject({ run_id: "four.revert" });
    expect(names()).toEqual(["one", "two", "four"]);
    expect((await project.run(REDO)).stderr).toContain("UNDO_NO_AFTER");
    // What a redo did is undone by its own name: that gives back what it took.
    expect([await undone(), await undone(), await undone()]).toEqual(["four.redo", "two.redo", "one"]);
    expect(names()).toEqual([]);
    expect((await project.run(UNDO)).stderr).toContain("UNDO_NO_AFTER");
  });

  it("counts a run whose command failed, and passes over those after a snapshot that it went back to", async () => {
    using project = await withChanges();
    await succeed(project, changing("one", "echo 1 > work/one"));
    expect((await project.run(changing("bad", "echo 2 > work/two; exit 3"))).exitCode).toBe(3);
    expect(await project.json([...UNDO, "--dry-run"])).toMatchObject({ run_id: "bad" });
    await project.done([...UNDO, "--to", "bad.before"]);
    expect(await project.json([...UNDO, "--dry-run"])).toMatchObject({ run_id: "one" });
    await project.done([...UNDO, "--to", "first"]);
    expect(await project.json([...UNDO, "--dry-run"])).toMatchObject({ code: "UNDO_NO_AFTER" });
    await project.done(REDO);
    expect(await project.json([...UNDO, "--dry-run"])).toMatchObject({ run_id: "first.redo" });
  });

  it("stops at a run that was killed, and names the snapshot before it", async () => {
    using project = await withChanges();
    await succeed(project, changing("one", "echo 1 > work/one"));
    const live = new LiveRun(project, changing("killed", "echo 2 > work/two; echo ready; sleep 30"));
    await live.says("ready");
    live.kill("SIGKILL", "group");
    await live.end();
    const { exitCode, stderr } = await project.run(UNDO);
    expect(exitCode).toBe(5);
    expect(stderr).toContain('there is no snapshot after "killed"');
    const [, before = ""] = /runseal undo --to (\S+) --guard/.exec(stderr) ?? [];
    await project.done([...UNDO, "--to", before]);
    expect(await project.json([...UNDO, "--dry-run"])).toMatchObject({ run_id: "one" });
  });

  it("takes back only the paths that are named, from where the user is", async () => {
    using project = await withChanges();
    await succeed(
      project,
      changing("one", "echo 1 > work/one; echo 2 > work/src/b.txt; echo 3 > work/src/c.txt"),
    );
    await project.done(["undo", "one", "src/b.txt"], { cwd: project.at("work") });
    expect(look(project)).toContain('file 600 src/b.txt "b\\n"');
    await project.done(["undo", "one", "./c.txt"], { cwd: project.at("work/src") });
    expect(existsSync(project.at("work/src/c.txt"))).toBe(false);
    await project.done([...UNDO, "one", "work/one"]);
    expect(existsSync(project.at("work/one"))).toBe(false);
  });

  it("names a command that works for a shell in the folder that is gone, without an absolute path", async () => {
    using project = await withChanges();
    const gone = [
      "run",
      "--guard",
      ".",
      "--store",
      "../kept",
      "--id",
      "boom",
      "--",
      "sh",
      "-c",
      'rm -r "$PWD"',
    ];
    const { stderr } = await project.run(gone, { cwd: project.at("work"), process: true });
    const [, hint = ""] =
      /^hint: (cd .*) makes the folder as it was$/m.exec(stderr.replaceAll(/\n {6}/g, " ")) ?? [];
    expect(hint).toBe("cd .. && runseal undo --to boom.before --guard 'work' --store 'kept'");
    const typed = hint.replace("runseal", '"$NODE" "$RUNSEAL"');
    const env = { ...project.env, NODE: process.execPath, RUNSEAL: MAIN };
    const script = `mkdir gone && cd gone && rmdir "$PWD" && ${typed}`;
    const undone = spawnSync("sh", ["-c", script], { cwd: project.root, env, encoding: "utf8" });
    expect(undone.status, undone.stderr).toBe(0);
    expect(look(project)).toContain("folder 755 new");
  });

  it("says of a wrong name or path what fits a guard", async () => {
    using project = await withChanges();
    const none = await project.run([...UNDO, "none"]);
    expect(none.stderr).toContain("hint: runseal log lists the runs and snapshots of the folder\n");
    const only = await project.run([...UNDO, "--to", "first", "./work/none"]);
    expect(only.exitCode).toBe(5);
    expect(only.stderr).toContain('"none" is neither a path that would be undone nor a folder above one');
    expect((await project.run([...UNDO, "first"])).stderr).toContain('"first" is a snapshot, not a run');
    expect((await project.run(REDO)).stderr).toContain("there is nothing here that could be taken back");
  });

  it("names what was changed since, and says what to do: exit 5", async () => {
    using project = await withChanges();
    await project.done([...UNDO, "--to", "first"]);
    project.write({ "work/a.txt": "mine\n" });
    const before = look(project);
    const { exitCode, stderr } = await project.run(REDO);
    expect(exitCode).toBe(5);
    expect(look(project)).toEqual(before);
    expect(stderr).toBe(
      [
        "error: UNDO_TARGET_CHANGED: these were changed after the run; nothing was changed",
        '  "a.txt" has other bytes',
        "hint: --skip-changed leaves them as they are and undoes the others",
        "hint: --take-changed undoes them too; a snapshot of now is kept first, so redo, or after a redo undo, gives them back\n",
      ].join("\n"),
    );
    const { stdout } = await project.done([...REDO, "--skip-changed"]);
    expect(stdout).toContain('\nskipped  "a.txt"\n');
    expect(look(project)).toContain('file 644 a.txt "mine\\n"');
  });

  it("names what stands against it: exit 5", async () => {
    using project = await withChanges();
    project.write({ "work/gone/.runseal/x": "" });
    rmSync(project.at("work/gone"), { recursive: true });
    project.write({ "work/gone": "a file\n" });
    await project.done([...UNDO, "--to", "first"]);
    project.write({ "work/gone/.runseal/x": "" });
    const { exitCode, stderr } = await project.run(REDO);
    expect(exitCode).toBe(5);
    expect(stderr).toContain(
      '  "gone": something that is not of the run, or not guarded, is in the way\nhint: Change what is named',
    );
  });

  it.each(["bind", "tmpfs"] as const)("says of a mount only that it is one: %s, exit 5", async (type) => {
    using project = await withChanges();
    project.write({ "work/gone/c.txt": "" });
    using mount = MountedFolder.inside(
      project.at("work/gone"),
      type,
      type === "bind" ? project.root : "none",
    );
    if (mount.obstacle !== undefined) return;
    const { exitCode, stderr } = await project.run([...UNDO, "--to", "first"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 5,
      stderr: expect.stringContaining('\n  "gone": something is mounted there\n'),
    });
  });

  it("names the snapshot to go back to where a run has none after it: exit 5", async () => {
    using project = await withChanges();
    const { exitCode, stderr } = await project.run([...UNDO, "first"]);
    expect(exitCode).toBe(5);
    expect(stderr).toContain(
      "hint: see what would change: runseal undo --to first --guard 'work' --dry-run\n",
    );
  });

  it("names the later run that changed a path again", async () => {
    using project = await withChanges();
    for (const id of ["fix-1", "fix-2"]) await succeed(project, changing(id, `echo ${id} > work/a.txt`));
    const { exitCode, stderr } = await project.run([...UNDO, "fix-1"]);
    expect(exitCode).toBe(5);
    expect(stderr).toContain('  "a.txt" has other bytes, by run "fix-2"\n');
  });

  it.each([
    [["."], "is not in the guarded folder"],
    [["./outside"], "is not in the guarded folder"],
    [["--to", "first", "--only", "first"], "goes with --restored"],
    [["--to", "first", "--any-signer"], "goes with --restored"],
    [["--restored", "work", "--only", "a.txt"], "goes with a run"],
    [["--to", "first", "--skip-changed", "--take-changed"], "give one"],
  ])("is wrong usage with %j: exit 2", async (args, words) => {
    using project = await makeProject();
    const { exitCode, stderr } = await project.run([...UNDO, ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
  });
});
