import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeProject, makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { shell } from "../../support/command/run.ts";
import { stopAt } from "../../support/command/stopped-cli.ts";
import { MountedFolder } from "../../support/files/file-systems.ts";
import { compareSnapshots, snapshotTree } from "../../support/files/tree.ts";

/** 2026-11-01T00:00:00Z. */
const NOW = 1_793_491_200;
const DAY = 86_400;

function at(days: number): string {
  return String(NOW + days * DAY);
}

/** Takes a snapshot of `out`, at a day, and gives its facts. */
async function snapshot(project: Project, days = 0, ...more: readonly string[]) {
  const env = { ...project.env, SOURCE_DATE_EPOCH: at(days) };
  return await project.json(["snapshot", "out", ...more], { env });
}

/** The folders of the user's guards. */
function guards(project: Project): readonly string[] {
  const folder = join(project.folder, "home/.local/share/runseal/guards");
  return readdirSync(folder).map((name) => join(folder, name));
}

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

describe("runseal snapshot", () => {
  it("keeps a folder outside of it, and leaves the folder as it was", async () => {
    using project = await makeProjectWithKey();
    const before = snapshotTree(project.root);
    const { stdout } = await project.done(["snapshot", "out", "--id", "first", "-m", "before the upgrade"]);
    expect(stdout).toMatch(/^snapshot first\nholds {4}2 files, 11 bytes; 2 objects with 11 bytes new\n$/);
    expect(snapshotTree(project.root)).toEqual(before);
    expect(guards(project)).toHaveLength(1);
  });

  it("is of the guarded folder where it is taken below it without a name", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "1", "out/sub/b.txt": "2" });
    await project.done(["snapshot", "out", "--id", "first"]);
    const below = { cwd: project.at("out/sub") };
    expect(await project.json(["snapshot"], below)).toMatchObject({ run_id: "first", files: 2 });
    expect(await project.json(["snapshot", "."], below)).toMatchObject({ sealed: true, files: 1 });
    expect(await project.json(["snapshot"], below)).toMatchObject({ sealed: false, files: 1 });
  });

  it("tells two lists of names apart that are the same in one line", async () => {
    using project = await makeProjectWithKey({ "out/a": "1", "out/bc": "2" });
    await snapshot(project);
    renameSync(project.at("out/a"), project.at("out/ab"));
    renameSync(project.at("out/bc"), project.at("out/c"));
    expect(await snapshot(project)).toMatchObject({ sealed: true });
  });

  it("names the latest snapshot where nothing has changed, and adds nothing", async () => {
    using project = await makeProjectWithKey();
    expect(await snapshot(project, 0, "--id", "first")).toMatchObject({ run_id: "first", sealed: true });
    const before = snapshotTree(project.folder);
    expect(await snapshot(project, 1, "--id", "second")).toMatchObject({
      run_id: "first",
      sealed: false,
      objects: 0,
    });
    expect(compareSnapshots(before, snapshotTree(project.folder))).toMatchObject({ added: {}, removed: [] });
  });

  it("names the latest snapshot where a file was written anew with the same bytes", async () => {
    using project = await makeProjectWithKey();
    await snapshot(project, 0, "--id", "first");
    project.write({ "out/a.txt": readFileSync(project.at("out/a.txt"), "utf8") });
    expect(await snapshot(project)).toMatchObject({ run_id: "first", sealed: false });
    expect(await snapshot(project)).toMatchObject({ run_id: "first", sealed: false });
  });

  it.each([
    ["has a byte changed", (run: string) => flipByte(join(run, "OUTPUT_HASHES.json"))],
    ["has lost an artifact", (run: string) => rmSync(join(run, "TASK_SPEC.json"))],
    [
      "has an artifact in the place of another, of the same size and times",
      (run: string) => {
        const [file, other] = [join(run, "OUTPUT_HASHES.json"), join(run, "other")];
        const { atime, mtime } = statSync(file);
        copyFileSync(file, other);
        flipByte(other);
        utimesSync(other, atime, mtime);
        renameSync(other, file);
        utimesSync(run, atime, mtime);
      },
    ],
  ])("is sealed anew where the latest one %s since", async (_what, harm) => {
    using project = await makeProjectWithKey();
    await snapshot(project, 0, "--id", "first");
    expect(await snapshot(project)).toMatchObject({ sealed: false });
    const [guard = ""] = guards(project);
    harm(join(guard, ".runseal/runs/first"));
    expect(await snapshot(project, 0, "--id", "second")).toMatchObject({ run_id: "second", sealed: true });
  });

  it("is sealed anew where the latest one was changed while the clock stood behind", async ({ skip }) => {
    using disk = MountedFolder.typed("ext4");
    if (disk.obstacle !== undefined) skip(disk.obstacle);
    using project = await makeProjectWithKey();
    const store = ["--store", join(disk.folder, "store")];
    await snapshot(project, 0, "--id", "first", ...store);
    expect(await snapshot(project, 0, ...store)).toMatchObject({ sealed: false });
    const list = "store/.runseal/runs/first/OUTPUT_HASHES.json";
    flipByte(join(disk.folder, list));
    disk.remount([], (image) => {
      execFileSync("debugfs", ["-w", "-R", `set_inode_field /${list} ctime 20200101000000`, image]);
    });
    expect(statSync(join(disk.folder, list)).ctime.getUTCFullYear()).toBe(2020);
    expect(await snapshot(project, 0, "--id", "second", ...store)).toMatchObject({ sealed: true });
  });

  it.each([
    ["a byte", (project: Project) => project.write({ "out/a.txt": "Alpha\n" })],
    ["a new file", (project: Project) => project.write({ "out/c.txt": "" })],
    ["a mode of a file", (project: Project) => chmodSync(project.at("out/a.txt"), 0o600)],
    ["a mode of a folder", (project: Project) => chmodSync(project.at("out/sub"), 0o700)],
    ["a link", (project: Project) => symlinkSync("a.txt", project.at("out/link"))],
    ["an empty folder", (project: Project) => mkdirSync(project.at("out/empty"))],
  ])("takes another snapshot after a change of %s, linked to the one before", async (_what, change) => {
    using project = await makeProjectWithKey({ "out/a.txt": "alpha\n", "out/sub/b.txt": "beta\n" });
    const first = await snapshot(project, 0, "--id", "first");
    change(project);
    expect(await snapshot(project, 0, "--id", "second")).toMatchObject({ run_id: "second", sealed: true });
    const { runs } = await project.json(["log", "--guard", "out"]);
    expect(runs).toMatchObject([
      { run_id: "second", previous_bundle_root: first["bundle_root"] },
      { run_id: "first" },
    ]);
  });

  it("says that a message was not kept where no snapshot was made", async () => {
    using project = await makeProjectWithKey();
    await project.done(["snapshot", "out"]);
    const { stderr } = await project.run(["snapshot", "out", "-m", "hello"]);
    expect(stderr).toContain("note: the message was not kept: no snapshot was made");
  });

  it("seals an equal folder anew once the latest snapshot is older than a quarter of the retention", async () => {
    using project = await makeProjectWithKey();
    await snapshot(project, 0, "--id", "first");
    expect(await snapshot(project, 7, "--id", "second")).toMatchObject({ sealed: false });
    expect(await snapshot(project, 8, "--id", "third")).toMatchObject({ run_id: "third", sealed: true });
  });

  it("recovers first what a killed revert left, so that it never holds half of one", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "1", "out/b.txt": "2" });
    await project.json(["snapshot", "out", "--id", "first"]);
    rmSync(project.at("out/b.txt"));
    project.write({ "out/a.txt": "new", "out/c.txt": "3" });
    await project.json(["snapshot", "out", "--id", "second"]);
    const before = snapshotTree(project.at("out"));
    const revert = ["undo", "--to", "first", "--guard", "out"];
    const killed = await project.run(revert, stopAt(project, "linkSync:2:SIGKILL"));
    expect(killed.exitCode).toBeNull();
    expect(snapshotTree(project.at("out"))).not.toEqual(before);
    expect(await project.json(["snapshot", "out"])).toMatchObject({ run_id: "second", files: 2 });
    expect(snapshotTree(project.at("out"))).toEqual(before);
  });

  it("says what it does not hold", async () => {
    using project = await makeProjectWithKey({
      "out/a.txt": "1",
      "out/x.iso": "2",
      "out/y.iso": "3",
      "out/.runsealignore": "*.iso\n",
    });
    symlinkSync(Buffer.of(0xfe), project.at("out/link"));
    const { stdout } = await project.done(["snapshot", "out"]);
    expect(stdout).toContain(
      "not guarded: 1 link whose target is not UTF-8 (link), 2 entries by 1 pattern (x.iso, y.iso)\n",
    );
  });

  it("is signed by a key of the guard's own where the user has none, and says so", async () => {
    using project = makeProject();
    const end = await project.run(["snapshot", "out"]);
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stderr).toContain("signed by this guard's own key");
    const [guard = ""] = guards(project);
    // Some file systems have no index.
    expect(
      readdirSync(guard)
        .filter((name) => name !== "index")
        .sort(),
    ).toEqual([".runseal", "key", "root"]);
    project.write({ "out/a.txt": "changed" });
    expect(await project.json(["snapshot", "out"])).toMatchObject({ sealed: true, guards_own_key: true });
  });

  it("needs a key that the user names", async () => {
    using project = makeProject();
    const env = { ...project.env, RUNSEAL_KEY: "mine" };
    expect(await project.json(["snapshot", "out"], { env })).toMatchObject({ code: "KEY_NOT_FOUND" });
  });

  it("keeps snapshots where --store says", async () => {
    using project = await makeProjectWithKey();
    expect(await project.json(["snapshot", "out", "--store", "kept"])).toMatchObject({ guard: "kept" });
    expect(await project.json(["log", "--guard", "out", "--store", "kept"])).toMatchObject({
      runs: [{ kind: "snapshot" }],
    });
  });

  it("says that another folder is at the path, and keeps its line", async () => {
    using project = await makeProjectWithKey();
    await snapshot(project, 0, "--id", "first");
    renameSync(project.at("out"), project.at("old"));
    project.write({ "out/a.txt": "another" });
    const { stderr } = await project.run(["snapshot", "out", "--id", "second"]);
    expect(stderr).toContain("note: another folder is at this path than the one that was guarded before\n");
    expect(await project.json(["log", "--guard", "out"])).toMatchObject({
      runs: [{ run_id: "second" }, { run_id: "first" }],
    });
  });

  it("writes nothing for a folder beyond its budget, and names the largest files and folders", async () => {
    using project = await makeProjectWithKey({ "out/big/a": "x".repeat(2000), "out/small": "y" });
    const end = await project.changesNothing(["snapshot", "out", "--budget", "1K", "--json"]);
    expect(JSON.parse(end.stdout)).toMatchObject({
      code: "SNAPSHOT_REFUSED",
      details: {
        reason: "too-large",
        bytes: 2001,
        largest: [
          { path: "big/a", bytes: 2000 },
          { path: "big", bytes: 2000 },
          { path: "small", bytes: 1 },
        ],
      },
    });
  });

  it("has a budget for what a later snapshot adds, and none for what is kept already", async () => {
    using project = await makeProjectWithKey({ "out/kept": "k".repeat(3000) });
    await snapshot(project);
    project.write({
      "out/copy-1": "k".repeat(3000),
      "out/new-1": "x".repeat(400),
      "out/new-2": "x".repeat(400),
    });
    expect(await snapshot(project, 0, "--budget", "1K")).toMatchObject({ sealed: true, objects: 1 });
    project.write({ "out/new-1": "y".repeat(600), "out/new-2": "z".repeat(600) });
    const before = snapshotTree(project.folder);
    expect(await snapshot(project, 0, "--budget", "1K")).toMatchObject({
      code: "SNAPSHOT_REFUSED",
      details: {
        reason: "too-large",
        bytes: 1200,
        largest: [{ path: "new-1", bytes: 600 }, { path: "new-2" }],
      },
    });
    expect(compareSnapshots(before, snapshotTree(project.folder))).toMatchObject({ added: {}, removed: [] });
  });

  it("has a budget for holes, which take no room but time", async () => {
    using project = await makeProjectWithKey();
    await snapshot(project);
    project.write({ "out/huge": "" });
    truncateSync(project.at("out/huge"), 16 * 1024 * 1024 + 1);
    if (statSync(project.at("out/huge")).blocks > 0) return;
    expect(await snapshot(project, 0, "--budget", "1M")).toMatchObject({
      code: "SNAPSHOT_REFUSED",
      details: { reason: "too-large", bytes: 16 * 1024 * 1024 + 1, largest: [{ path: "huge" }] },
    });
    truncateSync(project.at("out/huge"), 16 * 1024 * 1024);
    expect(await snapshot(project, 0, "--budget", "1M")).toMatchObject({ sealed: true });
  });

  it.each(["~", "/"])("refuses %s without a budget", async (folder) => {
    using project = await makeProjectWithKey();
    const path = folder === "~" ? join(project.folder, "home") : "/";
    expect(await project.json(["snapshot", path])).toMatchObject({
      code: "SNAPSHOT_REFUSED",
      details: { reason: "too-large" },
    });
  });

  it("refuses what it can't read, all named, and writes nothing", async () => {
    using project = await makeProjectWithKey({ "out/a": "1", "out/b": "2", "out/sub/c": "3" });
    chmodSync(project.at("out/a"), 0);
    chmodSync(project.at("out/b"), 0o200);
    if (!(await project.becomeOrdinaryUser())) return;
    expect(await project.json(["snapshot", "out"])).toMatchObject({
      code: "SNAPSHOT_REFUSED",
      details: { reason: "unreadable", names: ["a", "b"] },
      exit_code: 4,
    });
    chmodSync(project.at("out/sub"), 0);
    expect(await project.json(["snapshot", "out"])).toMatchObject({ details: { names: ["sub"] } });
    expect(await project.json(["log", "--guard", "out"])).toMatchObject({ code: "GUARD_NOT_FOUND" });
  });
});

describe("commands in a guarded folder", () => {
  it("know the snapshots by their ids: verify --exact, restore, verify --history, store check, prune", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "1", "out/sub/b.txt": "2" });
    mkdirSync(project.at("out/empty"));
    chmodSync(project.at("out/sub"), 0o555);
    chmodSync(project.at("out/sub/b.txt"), 0o400);
    symlinkSync("a.txt", project.at("out/link"));
    const before = snapshotTree(project.at("out"));
    await snapshot(project, 0, "--id", "first");
    const inside = { cwd: project.at("out/sub") };
    await project.done(["verify", "first", "--exact"], inside);
    project.write({ "out/a.txt": "changed" });
    await snapshot(project, 0, "--id", "second");
    expect(await project.json(["verify", "first"], inside)).toMatchObject({
      code: "HASH_MISMATCH",
      moved_on: { run_id: "second", differing: 1, files: 2 },
      stored: "whole",
    });
    await project.done(["verify", "first", "--stored"], inside);
    await project.done(["verify", "second", "--exact"], inside);
    await project.done(["verify", "--history"], inside);
    await project.done(["store", "check"], inside);
    await project.done(["prune"], inside);
    expect(await project.json(["diff", "first", "second"], inside)).toMatchObject({
      changes: [{ path: "a.txt", change: "changed" }],
    });
    await project.run(["restore", "first", "--to", project.at("back"), "--mkdir", "--no-report"], inside);
    expect(snapshotTree(project.at("back"))).toEqual(before);
  });

  it("use a .runseal that is nearer than the guard, and the guard where it is nearer", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "1", "out/sub/b.txt": "2" });
    await project.done(["snapshot", ".", "--id", "of-all"]);
    await project.done(["seal", "b.txt", "--id", "inner"], { cwd: project.at("out/sub") });
    const ids = async (cwd: string): Promise<unknown> => {
      const { runs } = await project.json(["log"], { cwd });
      return (runs as readonly { readonly run_id: string }[]).map(({ run_id }) => run_id);
    };
    expect(await ids(project.at("out/sub"))).toEqual(["inner"]);
    expect(await ids(project.at("out"))).toEqual(["of-all"]);
    await project.done(["snapshot", "out/sub", "--id", "of-sub"]);
    expect(await ids(project.at("out/sub"))).toEqual(["inner"]);
    rmSync(project.at("out/sub/.runseal"), { recursive: true });
    rmSync(join(project.folder, "home/.local/state"), { recursive: true });
    expect(await ids(project.at("out/sub"))).toEqual(["of-sub"]);
  });
});

describe("runseal log", () => {
  it("lists them newest first, with their messages", async () => {
    using project = await makeProjectWithKey();
    await snapshot(project, 0, "--id", "first", "-m", "the beginning");
    project.write({ "out/c.txt": "3" });
    await snapshot(project, 1, "--id", "second");
    const { stdout } = await project.done(["log"], { cwd: project.at("out") });
    expect(stdout).toMatch(
      /^second {2}2026-11-02T00:00:00Z {2}snapshot {2}3 files\nfirst {3}2026-11-01T00:00:00Z {2}snapshot "the beginning" {2}2 files\n[\d,]+ bytes kept; runseal prune would free 0\n$/,
    );
  });

  it("lists no more than the limit, and says how many are left", async () => {
    using project = await makeProjectWithKey();
    await snapshot(project, 0, "--id", "first");
    project.write({ "out/c.txt": "3" });
    await snapshot(project, 1, "--id", "second");
    expect(await project.json(["log", "--guard", "out", "--limit", "1"])).toMatchObject({
      runs: [{ run_id: "second" }],
      more: 1,
    });
  });

  it("counts a run and its two snapshots as one towards the limit", async () => {
    using project = await makeProjectWithKey();
    for (const id of ["one", "two", "three"])
      await project.run(shell(`echo ${id} > out/c.txt`, "--guard", "out", "--id", id));
    const { stdout } = await project.done(["log", "--guard", "out", "--limit", "2"]);
    expect(stdout).toMatch(
      /^three .*\ntwo .*\n1 older not listed \(--limit\)\n[\d,]+ bytes kept; runseal prune would free 0\n$/,
    );
    expect(await project.json(["log", "--guard", "out", "--limit", "3"])).toMatchObject({ more: 0 });
  });

  it("shows a snapshot that is not as it was signed as rejected", async () => {
    using project = await makeProjectWithKey();
    await snapshot(project, 0, "--id", "first");
    const [guard = ""] = guards(project);
    rmSync(join(guard, ".runseal/runs/first/SIGNATURE.json"));
    const { stdout } = await project.done(["log", "--guard", "out"]);
    expect(stdout).toContain("REJECTED: ARTIFACT_MISSING");
  });

  it("lists those of a guarded folder that is gone", async () => {
    using project = await makeProjectWithKey();
    project.write({ "work/a": "1" });
    await project.done(["snapshot", "work", "--id", "one"]);
    await project.done(["snapshot", "work", "--id", "two", "--store", "kept"]);
    rmSync(project.at("work"), { recursive: true });
    expect((await project.done(["log", "--guard", "work"])).stdout).toContain("one");
    expect((await project.done(["log", "--guard", "work", "--store", "kept"])).stdout).toContain("two");
    expect((await project.run(["log", "--guard", "none"])).stderr).toContain(
      'PATH_NOT_FOUND: the folder "none" is missing, or is not a folder',
    );
  });
});

describe("a snapshot on a disk that is full", () => {
  it("fails, leaves the line as it was, and works once there is room", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "1" });
    using disk = MountedFolder.tmpfs("size=900k,mode=700");
    if (disk.obstacle !== undefined) return;
    const into = ["--store", disk.folder];
    await snapshot(project, 0, "--id", "first", ...into);
    project.write({ "out/large": randomBytes(1_500_000) });
    expect(await snapshot(project, 0, "--id", "second", ...into)).toMatchObject({
      code: "SNAPSHOT_REFUSED",
      details: { reason: "too-large" },
    });
    project.write({ "out/large": "small" });
    expect(await snapshot(project, 0, "--id", "third", ...into)).toMatchObject({
      run_id: "third",
      sealed: true,
    });
    const { runs } = await project.json(["log", "--guard", "out", ...into]);
    expect(runs).toMatchObject([{ run_id: "third" }, { run_id: "first" }]);
    await project.done(["verify", "--history", "--project", disk.folder, "--stored"]);
  });
});
