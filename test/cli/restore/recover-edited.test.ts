import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  BUNDLE,
  factsOf,
  makeProject,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { killedAt } from "../../support/command/stopped-cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const RECOVER = ["recover", "work"];
const EDIT = "old\nPRECIOUS EDIT\n";
const PERSON = "person c\n";

/** A guarded folder with an undo of a run that was killed when `a` was in place again, and not yet all of the others. */
async function withKilledUndo(): Promise<Project> {
  const project = await makeProject();
  project.write({ "work/a": "old\n", "work/k/z": "z\n", "work/b": "o\n" });
  const command = "cd work; rm a b; rm -r k; echo c > c";
  const run = await project.run(["run", "--guard", "work", "--id", "edit", "--", "sh", "-c", command]);
  expect(run.exitCode, run.stderr).toBe(0);
  await killedAt(project, ["undo", "--guard", "work"], "linkSync:4");
  expect(readFileSync(project.at("work/a"), "utf8")).toBe("old\n");
  expect(existsSync(project.at("work/c"))).toBe(false);
  return project;
}

/** What a person does after the kill: one file is edited in its place, and one made where the undo had removed another. */
function editBoth(project: Project): void {
  writeFileSync(project.at("work/a"), EDIT);
  writeFileSync(project.at("work/c"), PERSON);
}

function read(project: Project, path: string): string {
  return readFileSync(project.at(path), "utf8");
}

describe.concurrent("runseal recover: what a person wrote after the kill", () => {
  it("tells edited files from taken names, and asks for no removal", async () => {
    using project = await withKilledUndo();
    editBoth(project);
    const { exitCode, stderr, stdout } = await project.run(RECOVER);
    expect(exitCode).toBe(7);
    expect(stdout).toMatch(/\nend {6}not all of it could be undone\n/);
    expect(stderr).toMatch(
      /^error: RESTORE_UNRESOLVED: [^\n]+\n {2}"a" was edited\n {2}"c" can't get its name back: something else has it by now\nhint: move the edited files elsewhere, [^\n]+\nhint: move what has those names elsewhere, [^\n]+\n$/,
    );
    expect(stderr).not.toContain("remove");
    const kinds = { astray: ["a", "c"], edited: ["a"], moved: [], occupied: ["c"] };
    expect(factsOf(await project.run([...RECOVER, "--json"]))).toMatchObject({
      code: "RESTORE_UNRESOLVED",
      details: kinds,
      recovered: [{ act: "revert", end: "unresolved", ...kinds }],
      exit_code: 7,
    });
    expect([read(project, "work/a"), read(project, "work/c")]).toEqual([EDIT, PERSON]);
    for (const name of ["a", "c"]) renameSync(project.at("work", name), project.at(`mine-${name}`));
    await project.done(RECOVER);
    expect(namesIn(project.at("work"))).toEqual(["c"]);
    expect([read(project, "mine-a"), read(project, "mine-c"), read(project, "work/c")]).toEqual([
      EDIT,
      PERSON,
      "c\n",
    ]);
  });

  it("names just the moved files where another one was edited", async () => {
    using project = await makeSealedProject();
    project.write({ "there/mine": "mine\n" });
    await killedAt(project, ["restore", BUNDLE, "--to", "there"], "linkSync:4");
    writeFileSync(project.at("there/out/a.txt"), EDIT);
    renameSync(project.at("there/out/b.txt"), project.at("elsewhere"));
    const args = ["recover", "there"];
    const facts = factsOf(await project.run([...args, "--json"]));
    const path = "out/b.txt";
    expect(facts).toMatchObject({
      code: "RESTORE_UNRESOLVED",
      details: {
        astray: ["out/a.txt", path],
        edited: ["out/a.txt"],
        moved: [{ path, staged: expect.stringMatching(/^f\d+$/) }],
        occupied: [],
      },
    });
    const [{ staged }] = (facts as { details: { moved: [{ staged: string }] } }).details.moved;
    const { stderr } = await project.run(args);
    expect(stderr).toContain('"out/a.txt" was edited\n  "out/b.txt" was moved or linked elsewhere\n');
    expect(stderr).toMatch(
      new RegExp(`\nhint: find the moved or linked files \\(find DIR -samefile DIR/[^ /]+/${staged}\\)`),
    );
    expect(stderr.match(/\/f\d+/g)).toEqual([`/${staged}`]);
  });

  it.each([
    ["recover", ["recover", "work"], ""],
    ["undo", ["undo", "--guard", "work"], "; only the recovery of an earlier one changed anything"],
    ["redo", ["redo", "--guard", "work"], "; only the recovery of an earlier one changed anything"],
  ])("ends %s with exit 7 where all but an edited file was taken back", async (_verb, args, tail) => {
    using project = await withKilledUndo();
    writeFileSync(project.at("work/a"), EDIT);
    const dry = await project.changesNothing(["recover", "work", "--dry-run"]);
    expect(dry.exitCode).toBe(7);
    expect(dry.stdout).toMatch(/\nend {6}all of it would be taken back but files that were edited since\n/);
    const { exitCode, stderr } = await project.run(args);
    expect(exitCode).toBe(7);
    expect(stderr).toMatch(new RegExp(`(^|\n)error: UNDO_TARGET_CHANGED: [^\n;]+${tail}\n`));
    expect(namesIn(project.at("work"))).toEqual([expect.stringMatching(/^\.spectrum06_staging_/), "a", "c"]);
    expect([read(project, "work/a"), read(project, "work/c")]).toEqual([EDIT, "c\n"]);
  });

  it("does not say that nothing was changed where an undo above it changed something", async () => {
    using project = await withKilledUndo();
    editBoth(project);
    const { exitCode, stderr } = await project.run(["undo", "--guard", "work"]);
    expect(exitCode).toBe(7);
    expect(stderr).toMatch(
      /\nerror: RESTORE_UNRESOLVED: [^\n;]+; only the recovery of an earlier one changed anything\n/,
    );
  });

  it("says that nothing was changed where a dry run stops above it", async () => {
    using project = await withKilledUndo();
    editBoth(project);
    const before = snapshotTree(project.at("work"));
    const { exitCode, stderr } = await project.run(["undo", "--guard", "work", "--dry-run"]);
    expect(snapshotTree(project.at("work"))).toEqual(before);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/^error: [^\n;]+; nothing was changed\n/);
  });
});
