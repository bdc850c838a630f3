import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Facts, factsOf, makeProject, type Project } from "../../support/command/cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

/** A guarded folder, `work`. */
async function guarded(files: Readonly<Record<string, string>> = {}): Promise<Project> {
  const project = await makeProject();
  project.write({ "work/a.txt": "1\n", "work/b.txt": "1\n", ...below(files) });
  await project.json(["snapshot", "work", "--id", "first"]);
  return project;
}

function below(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`work/${path}`, text]));
}

/** Begins a turn of a session, and gives its name. */
async function begin(project: Project, session: string): Promise<string> {
  const { turn } = await project.json(["snapshot", "work", "--turn", "--session", session]);
  return (turn as { readonly turn_id: string }).turn_id;
}

async function undo(project: Project, ...args: readonly string[]): Promise<Facts> {
  return await project.json(["undo", "--guard", "work", "--turn", ...args]);
}

async function refused(project: Project, args: readonly string[], exitCode: number): Promise<Facts> {
  const end = await project.run([...args, "--json"]);
  expect(end.exitCode).toBe(exitCode);
  return factsOf(end);
}

function text(project: Project, path: string): string {
  return readFileSync(project.at("work", path), "utf8");
}

function edit(project: Project, files: Readonly<Record<string, string>>): void {
  project.write(below(files));
}

describe.concurrent("turns", () => {
  it("are counted by session, and name the snapshot that is there where nothing was changed", async () => {
    using project = await guarded();
    const [one, two] = [await begin(project, "S"), await begin(project, "S")];
    expect(one).toMatch(/^turn-[0-9a-f]{12}-1$/);
    expect(two).toBe(one.replace(/1$/, "2"));
    expect(await begin(project, "other")).toMatch(/-1$/);
    const { runs, turns } = await project.json(["log", "--guard", "work"]);
    expect(runs).toMatchObject([{ run_id: "first" }]);
    const { bundle_root: root } = (runs as readonly Facts[])[0] ?? {};
    expect(turns).toMatchObject([{ before: root }, { before: root }, { before: root }]);
  });

  it("keep nothing of the session's id but its hash", async () => {
    using project = await guarded();
    await begin(project, "secret-session");
    const files = snapshotTree(join(project.folder, "home"));
    expect(JSON.stringify(files)).not.toContain("secret-session");
  });

  it("are taken back one by one, the last one first, and redone", async () => {
    using project = await guarded();
    const states = [snapshotTree(project.at("work"))];
    for (const number of [2, 3, 4]) {
      await begin(project, "S");
      edit(project, { "a.txt": `${number}\n`, [`new/${number}.txt`]: "new\n" });
      states.push(snapshotTree(project.at("work")));
    }
    for (const back of [2, 1, 0]) {
      expect(await undo(project)).toMatchObject({ run_id: expect.stringMatching(`-${back + 1}$`) });
      expect(snapshotTree(project.at("work"))).toEqual(states[back]);
    }
    for (const forth of [1, 2, 3]) {
      await project.json(["redo", "--guard", "work"]);
      expect(snapshotTree(project.at("work"))).toEqual(states[forth]);
    }
    await undo(project, "2");
    expect(snapshotTree(project.at("work"))).toEqual(states[1]);
    await project.json(["redo", "--guard", "work"]);
    expect(snapshotTree(project.at("work"))).toEqual(states[3]);
  });

  it("are taken back whole beside a turn of another session that changed nothing", async () => {
    using project = await guarded();
    await begin(project, "S");
    edit(project, { "a.txt": "agent\n" });
    await begin(project, "other");
    await project.json(["undo", "--guard", "work", "--turn", "--session", "S"]);
    expect(text(project, "a.txt")).toBe("1\n");
  });

  it("name the other session where both changed a path at once", async () => {
    using project = await guarded();
    const one = await begin(project, "one");
    edit(project, { "a.txt": "one\n" });
    const two = await begin(project, "two");
    edit(project, { "b.txt": "two\n" });
    await begin(project, "one");
    expect(await refused(project, ["undo", "--guard", "work", one], 5)).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "b.txt", by: two }] },
    });
    await project.json(["undo", "--guard", "work", one, "--skip-changed"]);
    expect([text(project, "a.txt"), text(project, "b.txt")]).toEqual(["1\n", "two\n"]);
  });

  it("are shown with what each changed", async () => {
    using project = await guarded();
    await begin(project, "S");
    edit(project, { "a.txt": "2\n", "c.txt": "new\n" });
    rmSync(project.at("work/b.txt"));
    const second = await begin(project, "S");
    const { stdout } = await project.done(["log", "--guard", "work", "--session", "S"]);
    const first = second.replace(/2$/, "1");
    expect(
      stdout
        .replaceAll(/\d{4}-\S+Z/g, "TIME")
        .replace(/^[\d,]+ bytes kept/m, "BYTES kept")
        .split("\n"),
    ).toEqual([
      `${second}  TIME  not ended   [undo ${second}]`,
      `${first}  TIME  +1 ~1 -1   turn   [undo ${first}]`,
      "BYTES kept; runseal prune would free 0",
      "",
    ]);
    const diff = await project.json(["diff", "--turn", "1"], { cwd: project.at("work") });
    expect(diff).toMatchObject({ counts: { added: 1, removed: 1, changed: 1 } });
    const patch = await project.done(["diff", "--turn=1", "-p", "./a.txt"], { cwd: project.at("work") });
    expect(patch.stdout).toContain("-1\n+2\n");
    edit(project, { "a.txt": "3\n" });
    const open = await project.json(["diff", "--turn"], { cwd: project.at("work") });
    expect(open).toMatchObject({ after: null, counts: { changed: 1 } });
  });

  it("go with their snapshots, and so does what a killed one left", async () => {
    using project = await guarded();
    await begin(project, "S");
    edit(project, { "a.txt": "2\n" });
    await begin(project, "S");
    const [guard = ""] = readdirSync(project.at("../home/.local/share/runseal/guards"));
    const turns = project.at("../home/.local/share/runseal/guards", guard, ".runseal/turns");
    writeFileSync(join(turns, "turn-000000000000-1.json.0123456789abcdef.new"), "half");
    writeFileSync(join(turns, "turn-000000000000-1.json"), "half");
    expect(readdirSync(turns)).toHaveLength(4);
    await project.json(["prune", "--guard", "work", "--keep-last", "50"]);
    expect(readdirSync(turns)).toHaveLength(2);
    await project.json(["snapshot", "work", "--id", "last"]);
    edit(project, { "a.txt": "3\n" });
    await project.json(["snapshot", "work", "--id", "newest"]);
    await project.json(["prune", "--guard", "work", "--keep-last", "1", "--yes"]);
    expect(readdirSync(turns)).toEqual([]);
  });

  it.each([
    ["undo", ["undo", "--guard", "work", "--turn", "9"], 5, "UNDO_NO_AFTER"],
    ["undo of a folder without turns", ["undo", "--guard", "work", "--turn"], 5, "UNDO_NO_AFTER"],
    ["diff", ["diff", "--project", "work", "--turn", "9"], 4, "RUN_NOT_FOUND"],
    [
      "snapshot in a folder without a guard",
      ["snapshot", "out", "--turn", "--session", "S"],
      4,
      "GUARD_NOT_FOUND",
    ],
    ["snapshot without a session", ["snapshot", "work", "--turn"], 2, "USAGE"],
    ["session without a turn", ["undo", "--guard", "work", "--session", "S"], 2, "USAGE"],
    ["turn and run", ["diff", "first", "--turn", "1"], 2, "USAGE"],
  ] as const)("are refused where they are not there: %s", async (_what, args, exitCode, code) => {
    using project = await guarded();
    project.write({ "out/a.txt": "a" });
    expect(await refused(project, args, exitCode)).toMatchObject({ code });
  });
});
