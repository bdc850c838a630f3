import { appendFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sealBundle, writeBundle } from "../../support/bundles/bundle.ts";
import { makeTwoRuns, RUNS } from "../../support/bundles/two-runs.ts";
import {
  BUNDLE,
  type Facts,
  factsOf,
  makeProject,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { killedAt, stopAt, whileStopped } from "../../support/command/stopped-cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const RESTORE = ["restore", BUNDLE, "--to", "there"];
const RECOVER = ["recover", "there"];

/** In a restore: before the second of its two outputs, and behind both. The first link is the lock. */
const ONE_OF_FIVE = "linkSync:3";
const TWO_OF_FIVE = "linkSync:4";
/** Cleaning up after everything was in place. */
const ALL_IN_PLACE = "unlinkSync:2";

const MOMENT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
const HEX = "[0-9a-f]{64}";
const NOT_OURS = "this user on this machine did not write, or not this version of runseal";

/** A sealed project with a foreign file in the folder `there`. */
async function withTarget(): Promise<Project> {
  const project = await makeSealedProject();
  project.write({ "there/mine": "mine\n" });
  return project;
}

/** The same, and a restore into the folder that was killed at this call. */
async function withKilled(where: string): Promise<Project> {
  const project = await withTarget();
  await killedAt(project, RESTORE, where);
  return project;
}

/** What a restore leaves in the folder. */
function leftoversIn(folder: string): readonly string[] {
  return namesIn(folder).filter((name) => name.startsWith(".spectrum06_"));
}

describe.concurrent("runseal recover: nothing to recover", () => {
  it("says so, and ends well", async () => {
    using project = await withTarget();
    const words = 'nothing to recover: no restore into "there" was left unfinished\n';
    for (const dryRun of [[], ["--dry-run"]]) {
      const end = await project.changesNothing([...RECOVER, ...dryRun]);
      expect(end).toEqual({ exitCode: 0, stdout: words, stderr: "" });
    }
    expect(factsOf(await project.changesNothing([...RECOVER, "--json"]))).toEqual({
      ok: true,
      code: "OK",
      message: "nothing to recover",
      details: {},
      recovered: [],
      exit_code: 0,
    });
  });

  it("rejects a missing folder and names it", async () => {
    using project = await withTarget();
    for (const dryRun of [[], ["--dry-run"]]) {
      const end = await project.changesNothing(["recover", "tehre", ...dryRun]);
      expect(end).toMatchObject({ exitCode: 5, stdout: "" });
      expect(end.stderr).toMatch(
        /^error: RESTORE_TARGET_NOT_EXIST: there is no folder "tehre"; nothing was changed\nhint: Check the path/,
      );
    }
    expect(factsOf(await project.changesNothing(["recover", "tehre", "--json"]))).toMatchObject({
      ok: false,
      code: "RESTORE_TARGET_NOT_EXIST",
      phase: "PREFLIGHT",
      details: { path: "tehre" },
      recovered: [],
      exit_code: 5,
    });
  });

  it.each([
    ["nope/deeper", "RESTORE_TARGET_NOT_EXIST"],
    ["there/mine", "RESTORE_TARGET_NOT_DIRECTORY"],
    ["", "RESTORE_TARGET_MISSING"],
  ])("does not look into %j: %s", async (folder, code) => {
    using project = await withTarget();
    const end = await project.changesNothing(["recover", folder]);
    expect(end).toMatchObject({ exitCode: 5, stdout: "" });
    expect(end.stderr).toMatch(new RegExp(`^error: ${code}: [^\n]+; nothing was changed\nhint: [^\n]+\n$`));
  });
});

describe.concurrent("runseal recover: a restore that was killed", () => {
  it("says whose it was, since when and how far, and undoes it", async () => {
    using project = await withTarget();
    const before = snapshotTree(project.at("there"));
    await killedAt(project, RESTORE, ONE_OF_FIVE);
    const { stdout } = await project.done(RECOVER);
    expect(stdout).toMatch(
      new RegExp(
        `^found {4}a restore, begun ${MOMENT}, was killed with 1 of 5 files in place\nrun {6}one\nhash {5}${HEX}\nsigner {3}${HEX}\nend {6}it was undone\nin {7}"there"\n$`,
      ),
    );
    expect(snapshotTree(project.at("there"))).toEqual(before);
    expect((await project.changesNothing(RECOVER)).stdout).toMatch(/^nothing to recover: /);
  });

  it("prints all of that with --json", async () => {
    using project = await withKilled(TWO_OF_FIVE);
    const { bundle_root, signer } = await project.json(["verify", BUNDLE]);
    const { validator_id } = signer as Facts;
    expect(await project.json(RECOVER)).toEqual({
      ok: true,
      code: "OK",
      message: "recovered",
      details: {},
      recovered: [
        {
          staging: expect.stringMatching(/^\.spectrum06_staging_[0-9a-f-]{36}$/),
          act: "restore",
          started: expect.stringMatching(new RegExp(`^${MOMENT}$`)),
          run_ids: ["one"],
          bundle_roots: [bundle_root],
          signers: [validator_id],
          placed: 2,
          files: 5,
          end: "nothing",
          astray: [],
          edited: [],
          moved: [],
          occupied: [],
        },
      ],
      exit_code: 0,
    });
  });

  it("only says what it would do, with --dry-run", async () => {
    using project = await withKilled(ONE_OF_FIVE);
    const { exitCode, stderr, stdout } = await project.changesNothing([...RECOVER, "--dry-run"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/\nend {6}it would be undone\nin {7}"there" \(nothing was changed\)\n$/);
    expect(await project.json([...RECOVER, "--dry-run"])).toMatchObject({
      message: "nothing was changed: this is what would be done",
      recovered: [{ placed: 1, files: 5, end: "nothing" }],
    });
  });

  it("keeps what was in place as a whole", async () => {
    using project = await withKilled(ALL_IN_PLACE);
    expect(leftoversIn(project.at("there"))).not.toEqual([]);
    const { stdout } = await project.done(RECOVER);
    expect(stdout).toMatch(/^found {4}a restore, begun \S+, was killed when all its files were in place\n/);
    expect(stdout).toMatch(/\nend {6}what was left of its staging folder was removed\nin {7}"there"\n$/);
    expect(leftoversIn(project.at("there"))).toEqual([]);
    await project.done(["verify", BUNDLE, "--files", "there"]);
  });

  it("cleans up after one that left neither a journal nor a marker", async () => {
    using project = await withKilled("linkSync:1");
    const { stdout } = await project.done(RECOVER);
    expect(stdout).toBe(
      'found    a restore or undo was killed, and neither a journal nor a marker is left\nend      whether it had begun or ended is not known; its staging folder was removed\nin       "there"\n',
    );
    expect(namesIn(project.at("there"))).toEqual(["mine"]);
  });

  it("finds one that was to make the folder", async () => {
    using project = await makeSealedProject();
    await killedAt(project, ["restore", BUNDLE, "--to", "new", "--mkdir"], "renameSync:2");
    expect(namesIn(project.root)).not.toContain("new");
    const { stdout } = await project.done(["recover", "new"]);
    expect(stdout).toMatch(
      /^found {4}a restore, begun \S+, was killed while it made the folder\nrun {6}one\n(?:.+\n){2}end {6}it was undone\n/,
    );
    expect(leftoversIn(project.root)).toEqual([]);
    expect((await project.run(["recover", "new"])).exitCode, "by now there is nothing of that name").toBe(5);
  });

  it("names all runs of a chain", async () => {
    using project = await makeTwoRuns();
    mkdirSync(project.at("there"));
    await killedAt(project, ["restore", ...RUNS, "--to", "there"], "linkSync:5");
    const { stdout } = await project.done(RECOVER);
    // The chain manifest counts too, as long as it stands there.
    expect(stdout).toMatch(
      new RegExp(`, was killed with 3 of 10 files in place\nrun {6}one\nhash {5}${HEX}\nrun {6}two\nhash `),
    );
    expect(namesIn(project.at("there"))).toEqual([]);
  });

  it("shows a run id of a stranger's choosing escaped", async () => {
    using project = makeProject({});
    const runId = "a\u001b[2J\u202e";
    writeBundle(project.root, sealBundle({ runId, outputs: { a: "x", b: "y" } }));
    mkdirSync(project.at("there"));
    const args = ["restore", `run/${runId}`, "--files", "files", "--any-signer", "--to", "there"];
    await killedAt(project, args, ONE_OF_FIVE);
    const dry = await project.run([...RECOVER, "--dry-run"]);
    expect(dry.stdout).toContain('\nrun      "a\\u{1b}[2J\\u{202e}"\n');
    const json = await project.run([...RECOVER, "--dry-run", "--json"]);
    expect(factsOf(json)).toMatchObject({ recovered: [{ run_ids: [runId] }] });
    const next = await project.run(args);
    expect(next.stderr).toContain('note: an earlier restore of run "a\\u{1b}[2J\\u{202e}", begun ');
    expect(dry.stdout + json.stdout + next.stdout + next.stderr).not.toMatch(/[^\n -~]/);
  });
});

describe.concurrent("runseal restore above one that was killed", () => {
  it("undoes the earlier one first, says so in one sentence, and restores", async () => {
    using project = await withKilled(ONE_OF_FIVE);
    const { exitCode, stderr, stdout } = await project.run(RESTORE);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringMatching(
        new RegExp(
          `^note: an earlier restore of run "one", begun ${MOMENT}, was killed with 1 of 5 files in place: it was undone first\n$`,
        ),
      ),
    });
    expect(stdout).toMatch(/^restored 2 files, 11 bytes\n/);
    await project.done(["verify", BUNDLE, "--files", "there"]);
    expect(leftoversIn(project.at("there"))).toEqual([]);
  });

  it("prints the earlier one with --json, also where it fails itself", async () => {
    using project = await withKilled(ONE_OF_FIVE);
    project.write({ "there/out/b.txt": "other user\n" });
    expect(await project.json(RESTORE)).toMatchObject({
      ok: false,
      code: "RESTORE_TARGET_PATH_EXISTS",
      recovered: [{ act: "restore", run_ids: ["one"], placed: 1, files: 5, end: "nothing" }],
      exit_code: 5,
    });
    expect(namesIn(project.at("there", "out"))).toEqual(["b.txt"]);
  });

  it("can't foretell, with --dry-run, what it would find then: exit 5, and nothing changes", async () => {
    using project = await withKilled(ONE_OF_FIVE);
    const { exitCode, stderr, stdout } = await project.changesNothing([...RESTORE, "--dry-run"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: "" });
    expect(stderr).toMatch(
      /^error: RESTORE_UNRESOLVED: an earlier restore or undo in the target was killed and is not recovered; nothing was written\nhint: Run runseal recover /,
    );
  });

  it("says of one that was whole already that it was, and does not overwrite it", async () => {
    using project = await withKilled(ALL_IN_PLACE);
    const { exitCode, stderr } = await project.run(RESTORE);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(
      /^note: an earlier restore of run "one", begun \S+, was killed when all its files were in place: what was left of its staging folder was removed first\nerror: RESTORE_TARGET_PATH_EXISTS: /,
    );
  });
});

describe("runseal recover, restore and undo while a restore is at work there: exit 8", () => {
  it("leave it alone, and it goes on", async () => {
    using project = await withTarget();
    const placed = project.at("there", "out", "a.txt");
    const end = await whileStopped(project, RESTORE, ONE_OF_FIVE, placed, async () => {
      for (const [args, tail] of [
        [RECOVER, "nothing was changed"],
        [RESTORE, "nothing was written"],
        [["undo", "--restored", "there"], "nothing was removed"],
      ] as const) {
        const { exitCode, stderr, stdout } = await project.changesNothing(args);
        expect({ exitCode, stdout }, args[0]).toEqual({ exitCode: 8, stdout: "" });
        expect(stderr).toMatch(
          new RegExp(
            `^error: RESTORE_BUSY: another process is restoring, undoing or recovering in the target; ${tail}\nhint: Wait `,
          ),
        );
      }
      const dry = await project.changesNothing([...RECOVER, "--dry-run"]);
      expect(dry.exitCode).toBe(8);
      expect(dry.stdout).toMatch(/^found {4}a restore, begun \S+, is still at work\n/);
      expect(await project.json(RECOVER)).toMatchObject({ ok: false, code: "RESTORE_BUSY", exit_code: 8 });
    });
    expect(end).toMatchObject({ exitCode: 0, stderr: "" });
    await project.done(["verify", BUNDLE, "--files", "there"]);
    expect(leftoversIn(project.at("there"))).toEqual([]);
  });
});

describe.concurrent("runseal restore: not certain to the last", () => {
  it("says that durability is in doubt: exit 9; a recovery makes it certain", async () => {
    using project = await withTarget();
    const end = await project.run(RESTORE, stopAt(project, "fsyncSync:1:EIO", "/committed"));
    expect(end).toEqual({
      exitCode: 9,
      stdout: "",
      stderr:
        "error: IN_DOUBT: everything is in place, but it may not survive a power cut; nothing was undone\n" +
        "hint: Run runseal recover on the folder: it asks the disk again.\n",
    });
    await project.done(["verify", BUNDLE, "--files", "there"]);
    expect(await project.json(RECOVER)).toMatchObject({ recovered: [{ act: "restore", end: "everything" }] });
    await project.done(["verify", BUNDLE, "--files", "there"]);
    expect(leftoversIn(project.at("there"))).toEqual([]);
  });

  it("says so of what it recovers too, and a restore above it refuses", async () => {
    using project = await withKilled(ALL_IN_PLACE);
    const doubtful = stopAt(project, "fsyncSync:1:EIO");
    const end = await project.run(RECOVER, doubtful);
    expect(end.exitCode).toBe(9);
    expect(end.stdout).toMatch(/\nend {6}it may not survive a power cut\nin /);
    expect(end.stderr).toMatch(
      /^error: IN_DOUBT: everything is in place, [^\n]+ a power cut\nhint: run it again once the disk is in order; [^\n]+\n$/,
    );
    const above = await project.run([...RESTORE, "--json"], doubtful);
    expect(factsOf(above)).toMatchObject({ code: "RESTORE_UNRESOLVED", recovered: [{ end: "in-doubt" }] });
    await project.done(RECOVER);
    await project.done(["verify", BUNDLE, "--files", "there"]);
    expect(leftoversIn(project.at("there"))).toEqual([]);
  });

  it("warns where its folder of working files is left, and names the remedy", async () => {
    using project = await withTarget();
    const end = await project.run(RESTORE, stopAt(project, "unlinkSync:1:EIO", "/committed"));
    expect(end).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^restored 2 files, 11 bytes\n/),
      stderr:
        "warning: a folder of working files could not be removed and is left there, .spectrum06_staging_*, or beside a new folder, .spectrum06_new_*\n" +
        "hint: runseal recover 'there' removes it\n",
    });
    await project.done(RECOVER);
    expect(leftoversIn(project.at("there"))).toEqual([]);
  });
});

describe.concurrent("runseal recover: what is in the way: exit 7", () => {
  it("touches nothing where the journal was damaged; restore and undo refuse too", async () => {
    using project = await withKilled(ONE_OF_FIVE);
    const [staging = ""] = namesIn(project.at("there")).filter((name) => name.includes("_staging_"));
    appendFileSync(project.at("there", staging, "journal"), "x");
    const before = snapshotTree(project.at("there", staging));
    const placed = snapshotTree(project.at("there", "out"));
    const end = await project.run(RECOVER);
    expect(end).toEqual({
      exitCode: 7,
      stdout: `found    a restore or undo left a journal in "${staging}" that ${NOT_OURS}\nend      nothing of it was touched\nin       "there"\n`,
      stderr: expect.stringMatching(
        /^error: RECOVER_FOREIGN_JOURNAL: the target holds the journal of [^\n]+; nothing was changed\nhint: [^\n]+ by hand\.\n$/,
      ),
    });
    for (const [args, tail] of [
      [RESTORE, "nothing was written"],
      [["undo", "--restored", "there"], "nothing was removed"],
    ] as const) {
      const { exitCode, stderr, stdout } = await project.run(args);
      expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: "" });
      expect(stderr).toMatch(
        new RegExp(
          `^note: an earlier restore or undo left a journal in "${staging}" that ${NOT_OURS}: nothing of it was touched\nerror: RECOVER_FOREIGN_JOURNAL: [^\n]+; ${tail}\nhint: [^\n]+ by hand`,
        ),
      );
    }
    expect(snapshotTree(project.at("there", staging))).toEqual(before);
    expect(snapshotTree(project.at("there", "out"))).toEqual(placed);
    const dry = factsOf(await project.changesNothing([...RECOVER, "--dry-run", "--json"]));
    expect(dry).toMatchObject({
      code: "RECOVER_FOREIGN_JOURNAL",
      recovered: [{ staging, end: "foreign" }],
      exit_code: 7,
    });
  });

  it("names files that were moved elsewhere, and goes on once they are gone", async () => {
    using project = makeProject({});
    const path = "a\u001b[2J/b";
    writeBundle(project.root, sealBundle({ outputs: { [path]: "x", z: "y" } }));
    mkdirSync(project.at("there"));
    const args = ["restore", "run/run-001", "--files", "files", "--any-signer", "--to", "there"];
    await killedAt(project, args, TWO_OF_FIVE);
    renameSync(project.at("there", "a\u001b[2J"), project.at("elsewhere"));
    const { exitCode, stderr, stdout } = await project.run(RECOVER);
    expect(exitCode).toBe(7);
    expect(stdout).toMatch(/\nend {6}not all of it could be undone\n/);
    expect(stderr).toMatch(
      /^error: RESTORE_UNRESOLVED: [^\n]+\n {2}"a\\u\{1b\}\[2J\/b" was moved or linked elsewhere\nhint: find the moved or linked files [^\n]+\n$/,
    );
    expect(stderr).not.toMatch(/[^\n -~]/);
    expect(await project.json(RECOVER)).toMatchObject({
      code: "RESTORE_UNRESOLVED",
      details: { astray: [path] },
      recovered: [{ end: "unresolved", astray: [path] }],
    });
    rmSync(project.at("elsewhere"), { recursive: true });
    expect(await project.json(RECOVER)).toMatchObject({ ok: true, recovered: [{ end: "nothing" }] });
    expect(namesIn(join(project.root, "there"))).toEqual([]);
  });
});
