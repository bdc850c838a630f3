import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sealBundle, writeBundle } from "../../support/bundles/bundle.ts";
import { makeTwoRuns, RUNS } from "../../support/bundles/two-runs.ts";
import {
  BUNDLE,
  factsOf,
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { killedAt, stopAt } from "../../support/command/stopped-cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const RESTORE = ["restore", BUNDLE, "--to", "there"];
const UNDO = ["undo", "--restored", "there"];
const HEX = "[0-9a-f]{64}";

/** A sealed project with foreign files in the folder `there`. */
async function withTarget(): Promise<Project> {
  const project = await makeSealedProject();
  project.write({ "there/mine": "mine\n", "there/other/x": "x" });
  return project;
}

/** The same, with the bundle restored into it. */
async function withRestored(): Promise<Project> {
  const project = await withTarget();
  await project.done(RESTORE);
  return project;
}

describe.concurrent("runseal undo", () => {
  it("removes exactly what was restored, and says how much", async () => {
    using project = await withTarget();
    const before = snapshotTree(project.at("there"));
    await project.done(RESTORE);
    const { stdout } = await project.done(UNDO);
    expect(stdout).toMatch(new RegExp(`^removed {2}2 files, 11 bytes\nhash {5}${HEX}\nfrom {5}"there"\n$`));
    expect(snapshotTree(project.at("there"))).toEqual(before);
  });

  it("says that a run has nothing which a restore could have put there", async () => {
    using project = await withTarget();
    await project.done(["run", "-q", "--id", "none", "--", "true"]);
    const { stderr } = await project.changesNothing([...UNDO, "none"]);
    expect(stderr).toContain(
      "error: RESTORE_SELECTION_NOT_FOUND: what was named has no outputs, links or empty folders; nothing was removed\n",
    );
  });

  it("prints one object with --json", async () => {
    using project = await withRestored();
    const { bundle_root } = await project.json(["verify", BUNDLE]);
    expect(await project.json(UNDO)).toEqual({
      ok: true,
      code: "OK",
      message: "removed",
      details: {},
      bundle_roots: [bundle_root],
      files: 2,
      bytes: 11,
      links: 0,
      empty_folders: 0,
      clean: true,
      recovered: [],
      exit_code: 0,
    });
  });

  it("lists what it would remove with --dry-run, and removes nothing", async () => {
    using project = await withRestored();
    const { exitCode, stdout } = await project.changesNothing([...UNDO, "--dry-run"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `^"out/a\\.txt"\n"out/b\\.txt"\nplan {5}2 files, 11 bytes\nhash {5}${HEX}\nfrom {5}"there" \\(nothing was removed\\)\n$`,
      ),
    );
    expect(factsOf(await project.changesNothing([...UNDO, "--dry-run", "--json"]))).toMatchObject({
      ok: true,
      details: { paths: ["out/a.txt", "out/b.txt"], root: "there" },
      files: 2,
      bytes: 11,
    });
  });

  it("leaves files that came into restored folders since", async () => {
    using project = await withRestored();
    project.write({ "there/out/new": "new\n" });
    await project.done(UNDO);
    expect(namesIn(project.at("there", "out"))).toEqual(["new"]);
  });

  it("removes all runs of a chain, or the one that is named", async () => {
    using project = await makeTwoRuns();
    await project.done(["restore", ...RUNS, "--to", "there", "--mkdir"]);
    const one = await project.done(["undo", "--restored", "there/one"]);
    expect(one.stdout).toMatch(/^removed {2}2 files, 11 bytes\n/);
    expect(namesIn(project.at("there", "two"))).toContain("more");
    rmSync(project.at("there"), { recursive: true });
    await project.done(["restore", ...RUNS, "--to", "there", "--mkdir"]);
    const all = await project.done(UNDO);
    expect(all.stdout).toMatch(new RegExp(`^removed {2}3 files, 17 bytes\n(?:hash {5}${HEX}\n){2}from `));
    expect(namesIn(project.at("there"))).toEqual([]);
  });

  it("removes what was restored with --only", async () => {
    using project = await makeSealedProject();
    await project.done(["restore", BUNDLE, "--to", "there", "--mkdir", "--only", "out/a.txt"]);
    expect((await project.done(UNDO)).stdout).toMatch(/^removed {2}1 file, 6 bytes\n/);
    expect(namesIn(project.at("there"))).toEqual([]);
  });

  it("is taken back by recover where it was killed", async () => {
    using project = await withRestored();
    const before = snapshotTree(project.at("there"));
    await killedAt(project, UNDO, "renameSync:3");
    const { stdout } = await project.done(["recover", "there"]);
    expect(stdout).toMatch(
      /^found {4}an undo, begun \S+, was killed with 4 of 5 files still in place\nhash {5}[0-9a-f]{64}\nend {6}it was taken back\nin {7}"there"\n$/,
    );
    expect(snapshotTree(project.at("there"))).toEqual(before);
  });

  it("can't foretell, with --dry-run, what is left of one that was killed: exit 5", async () => {
    using project = await withRestored();
    await killedAt(project, UNDO, "renameSync:3");
    const { exitCode, stderr, stdout } = await project.changesNothing([...UNDO, "--dry-run"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: "" });
    expect(stderr).toMatch(
      /^error: RESTORE_UNRESOLVED: an earlier restore or undo in the target was killed and is not recovered; nothing was removed\nhint: Run runseal recover /,
    );
  });

  it("warns where its folder of working files is left, and names the remedy", async () => {
    using project = await withTarget();
    const before = snapshotTree(project.at("there"));
    await project.done(RESTORE);
    const end = await project.run(UNDO, stopAt(project, "unlinkSync:1:EIO", "/committed"));
    expect(end).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^warning: [^\n]+\nhint: runseal recover 'there' removes it\n$/),
    });
    await project.done(["recover", "there"]);
    expect(snapshotTree(project.at("there"))).toEqual(before);
  });
});

describe.concurrent("runseal undo refuses: exit 5", () => {
  it("names every file that is not as it was restored, and removes nothing", async () => {
    using project = await makeSealedProject({ "out/a": "1", "out/b": "2", "out/c": "3", "out/d": "4" });
    await project.done(["restore", BUNDLE, "--to", "there", "--mkdir"]);
    project.write({ "there/out/a": "changed\n" });
    rmSync(project.at("there", "out", "b"));
    rmSync(project.at("there", "out", "d"));
    symlinkSync("c", project.at("there", "out", "d"));
    const end = await project.changesNothing(UNDO);
    expect(end).toMatchObject({ exitCode: 5, stdout: "" });
    expect(end.stderr).toMatch(
      /^error: UNDO_TARGET_CHANGED: these are not as they were restored; nothing was removed\n {2}"out\/a" has other bytes\n {2}"out\/b" is not there\n {2}"out\/d" is of another kind than it was\nhint: [^\n]+\n$/,
    );
    for (const dryRun of [[], ["--dry-run"]]) {
      expect(factsOf(await project.changesNothing([...UNDO, ...dryRun, "--json"]))).toMatchObject({
        ok: false,
        code: "UNDO_TARGET_CHANGED",
        phase: "PLAN",
        cause_code: null,
        details: {
          changed: [
            { path: "out/a", change: "other-bytes" },
            { path: "out/b", change: "missing" },
            { path: "out/d", change: "other-type" },
          ],
        },
        recovered: [],
        exit_code: 5,
      });
    }
  });

  it("shows no more than fifty of them, and all with --json", async () => {
    const names = Array.from({ length: 60 }, (_, index) => `out/${index + 100}`);
    using project = await makeProjectWithKey(Object.fromEntries(names.map((name) => [name, ""])));
    await project.done(["seal", "out", "--id", "one"]);
    await project.done(["restore", BUNDLE, "--to", "there", "--mkdir"]);
    rmSync(project.at("there", "out"), { recursive: true });
    const { stderr } = await project.changesNothing(UNDO);
    expect(stderr.split("\n").filter((line) => line.startsWith('  "'))).toHaveLength(50);
    expect(stderr).toContain("\n  … and 10 more\n");
    const facts = await project.json(UNDO);
    expect((facts["details"] as { changed: readonly object[] }).changed).toHaveLength(60);
  });

  it("where nothing tells what was restored", async () => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n" });
    const { exitCode, stderr } = await project.changesNothing(UNDO);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(
      /^error: UNDO_LIST_INVALID: the folder holds no list of what was restored into it; nothing was removed\nhint: /,
    );
  });

  it("to undo twice", async () => {
    using project = await withRestored();
    await project.done(UNDO);
    expect(factsOf(await project.changesNothing([...UNDO, "--json"]))).toMatchObject({
      code: "UNDO_LIST_INVALID",
      details: { reason: "missing" },
      exit_code: 5,
    });
  });

  it("where the manifest was edited", async () => {
    using project = await withRestored();
    const manifest = project.at("there", "RESTORE_MANIFEST.json");
    chmodSync(manifest, 0o644);
    writeFileSync(manifest, '{"entries":[]}\n');
    const { exitCode, stderr } = await project.changesNothing(UNDO);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(
      /^error: UNDO_LIST_INVALID: "RESTORE_MANIFEST\.json" is not as a restore writes it; nothing was removed\nhint: /,
    );
  });

  it("where the folder holds runs of more than one restore", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two", "--out", "apart"]);
    mkdirSync(project.at("there"));
    const chained = ["--history", "--to", "there", "--files", "."];
    for (const run of [BUNDLE, "apart/two"]) await project.done(["restore", run, ...chained]);
    const { exitCode, stderr } = await project.changesNothing(UNDO);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(
      /^error: UNDO_LIST_INVALID: the folder holds runs of more than one restore; nothing was removed\nhint: Undo one run at a time: runseal undo --restored DIR\/RUN\.\n$/,
    );
    await project.done(["undo", "--restored", "there/two"]);
    expect(namesIn(project.at("there"))).toContain("one");
  });

  it.each([
    ["nope", "RESTORE_TARGET_NOT_EXIST"],
    ["out/a.txt", "RESTORE_TARGET_NOT_DIRECTORY"],
    ["", "RESTORE_TARGET_MISSING"],
  ])("for %j: %s", async (folder, code) => {
    using project = await makeSealedProject();
    const facts = factsOf(await project.changesNothing(["undo", "--restored", folder, "--json"]));
    expect(facts).toMatchObject({ ok: false, code, phase: "PREFLIGHT", exit_code: 5 });
    expect(facts["message"]).toMatch(/; nothing was removed$/);
  });
});

describe.concurrent("runseal undo: a disk that fails", () => {
  it("removes nothing where the intent could not be made durable: exit 6", async () => {
    using project = await withRestored();
    const before = snapshotTree(project.at("there"));
    const end = await project.run(UNDO, stopAt(project, "fsyncSync:1:EIO", "/journal.new"));
    expect(end).toMatchObject({ exitCode: 6, stdout: "" });
    expect(end.stderr).toMatch(
      /^error: RESTORE_INTERNAL_ERROR: the undo could not go on: the disk reports an error; nothing was removed\nhint: /,
    );
    expect(snapshotTree(project.at("there"))).toEqual(before);
  });

  it("takes everything back where a name can't be removed: exit 6", async () => {
    using project = await withRestored();
    const before = snapshotTree(project.at("there"));
    const end = await project.run(UNDO, stopAt(project, "renameSync:3:EIO", "/journal.new"));
    expect(end).toMatchObject({ exitCode: 6, stdout: "" });
    expect(end.stderr).toMatch(/^error: RESTORE_FINALIZE_FAILED: [^\n]+; nothing was removed\nhint: /);
    expect(snapshotTree(project.at("there"))).toEqual(before);
  });

  it("says that it was begun and not finished, and recover takes it back: exit 7", async () => {
    using project = await withRestored();
    const before = snapshotTree(project.at("there"));
    const where = "renameSync:3:EIO,linkSync:1:EIO";
    const end = await project.run(UNDO, stopAt(project, where, "/journal.new"));
    expect(end).toMatchObject({ exitCode: 7, stdout: "" });
    expect(end.stderr).toMatch(
      /^error: RESTORE_ROLLBACK_FAILED: the undo was begun and could not be finished \(RESTORE_FINALIZE_FAILED\): the disk reports an error; some of what was restored may still be there\nhint: Run runseal recover /,
    );
    await project.done(["recover", "there"]);
    expect(snapshotTree(project.at("there"))).toEqual(before);
  });
});

describe.concurrent("runseal undo: names of a stranger's choosing", () => {
  it("shows them escaped, where it lists and where it refuses", async () => {
    using project = makeProject({});
    const names = ["a\u001b[2J", "b\u202e\n"];
    writeBundle(project.root, sealBundle({ outputs: Object.fromEntries(names.map((name) => [name, name])) }));
    await project.done([
      ...["restore", "run/run-001", "--files", "files", "--any-signer", "--to", "there", "--mkdir"],
    ]);
    const dry = await project.done([...UNDO, "--dry-run"]);
    expect(dry.stdout).toMatch(/^"a\\u\{1b\}\[2J"\n"b\\u\{202e\}\\n"\nplan /);
    for (const name of names) writeFileSync(join(project.root, "there", name), "changed");
    const changed = await project.changesNothing(UNDO);
    expect(changed.stderr).toContain(
      '\n  "a\\u{1b}[2J" has other bytes\n  "b\\u{202e}\\n" has other bytes\n',
    );
    expect(dry.stdout + changed.stderr).not.toMatch(/[^\n -~]/);
  });
});
