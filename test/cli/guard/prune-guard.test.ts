import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { removeGuard } from "../../../src/node/back/guard/prune/remove-forgotten.ts";
import { AnchoredRoot } from "../../../src/node/system/files/anchored-root.ts";
import { SECOND_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { cutText } from "../../support/bundles/history-scene.ts";
import {
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { HAS_PTY, runAtTerminal } from "../../support/command/pty.ts";
import { stopAt } from "../../support/command/stopped-cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const VERIFY = ["verify", "--history", "--any-signer", "--stored"];

/** A project with a line of runs, each with a file of its own that it alone seals. */
async function lineOf(count: number, env: Readonly<Record<string, string>> = {}): Promise<Project> {
  const project = await makeProjectWithKey();
  for (let number = 1; number <= count; number++) await seal(project, number, env);
  return project;
}

async function seal(
  project: Project,
  number: number,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  project.write({ "out/a.txt": `content ${number}\n` });
  await project.done(["seal", "out", "--id", `run-${number}`], { env: { ...project.env, ...env } });
}

function rootOf(project: Project, id: string): string {
  const path = project.at(`.runseal/runs/${id}/SIGNED_PAYLOAD.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { bundle_root: string }).bundle_root;
}

const bundlesOf = (project: Project): readonly string[] => readdirSync(project.at(".runseal/runs")).sort();

describe.concurrent("runseal prune", () => {
  it("takes old runs from the line, which verifies from there on", async () => {
    using project = await lineOf(5);
    const { stdout } = await project.done(["prune", "--bundles", "--keep-last", "2"]);
    expect(stdout).toMatch(
      /^dropped {2}3 runs: run-1, run-2, run-3\nkept {5}2 runs\ncut {6}the history begins at run-4\nfreed {4}3 objects, \d+ bytes\n/,
    );
    expect(bundlesOf(project)).toEqual(["run-4", "run-5"]);
    expect(await project.json(VERIFY)).toMatchObject({
      ok: true,
      run_ids: ["run-4", "run-5"],
      cut: { forgotten: 3 },
      notes: [{ code: "HISTORY_CUT", run_id: "run-4" }],
    });
    expect(await project.json(["prune", "--dry-run"])).toMatchObject({ removed: 0, partial: 0 });
  });

  it("goes on with the same line, and forgets again", async () => {
    using project = await lineOf(3);
    await project.done(["prune", "--bundles", "--keep-last", "2"]);
    await seal(project, 4);
    expect(await project.json(VERIFY)).toMatchObject({ ok: true, run_ids: ["run-2", "run-3", "run-4"] });
    await project.done(["prune", "--bundles", "--keep-last", "1"]);
    expect(await project.json(VERIFY)).toMatchObject({ run_ids: ["run-4"], cut: { forgotten: 3 } });
  });

  it("keeps the last 50 runs and those of 30 days where nothing else is asked for", async () => {
    using project = await lineOf(2);
    const { stdout } = await project.done(["prune", "--bundles"]);
    expect(stdout).toBe(
      "dropped  0 runs\nkept     2 runs\nfreed    0 objects, 0 bytes\npacks    2 removed, 1 written\nkept     3 objects that bundles name\n",
    );
    expect(namesIn(project.at(".runseal"))).not.toContain("CUT.json");
  });

  it("keeps runs of a time", async () => {
    using project = await lineOf(2, { SOURCE_DATE_EPOCH: "1700000000" });
    await seal(project, 3);
    expect(await project.json(["prune", "--bundles", "--keep-days", "1", "--dry-run"])).toMatchObject({
      forgotten: [
        { run_id: "run-1", counts: true },
        { run_id: "run-2", counts: true },
      ],
      kept_runs: 1,
      cut: { run_id: "run-3", forgotten: 2 },
      removed: 2,
      kept: 2,
    });
  });

  it("changes nothing in a dry run", async () => {
    using project = await lineOf(3);
    const { stdout } = await project.changesNothing(["prune", "--bundles", "--keep-last", "1", "--dry-run"]);
    expect(stdout).toBe(
      "plan     2 runs: run-1, run-2\nkept     1 run\ncut      the history would begin at run-3\nplan     2 objects, 20 bytes\npacks    3 removed, 1 written\nkept     2 objects that bundles name\nnothing was removed\n",
    );
  });

  it("takes failed runs along, and the run that lists them does not miss them", async () => {
    using project = await lineOf(1);
    await project.run(["run", "--id", "bad", "--", "false"]);
    await seal(project, 2);
    await seal(project, 3);
    const facts = await project.json(["prune", "--bundles", "--keep-last", "2"]);
    expect(facts).toMatchObject({
      forgotten: [{ run_id: "bad" }, { run_id: "run-1" }],
      cut: { run_id: "run-2", failed_runs: [{ run_id: "bad" }] },
    });
    expect(await project.json(VERIFY)).toMatchObject({ ok: true, run_ids: ["run-2", "run-3"] });
  });

  it("does not count snapshots around a command, and keeps those of the runs that it keeps", async () => {
    using project = await lineOf(1);
    const task = project.at("task.json");
    for (const moment of ["before", "after"]) {
      writeFileSync(task, JSON.stringify({ kind: "snapshot", moment }));
      project.write({ "out/a.txt": moment });
      await project.done(["seal", "out", "--id", `run-2.${moment}`, "--task", task]);
    }
    await seal(project, 2);
    expect(await project.json(["prune", "--bundles", "--keep-last", "1"])).toMatchObject({
      forgotten: [
        { run_id: "run-1", counts: true },
        { run_id: "run-2.before", counts: false },
        { run_id: "run-2.after", counts: false },
      ],
      kept_runs: 1,
    });
  });

  it("removes what a killed one has left, without a key", async () => {
    using project = await lineOf(3);
    const bundle = (id: string): ReadonlyMap<string, Buffer> =>
      new Map(
        namesIn(project.at(".runseal/runs", id)).map((name) => [
          name,
          readFileSync(project.at(".runseal/runs", id, name)),
        ]),
      );
    const first = bundle("run-1");
    await project.done(["prune", "--bundles", "--keep-last", "2"]);
    for (const [name, bytes] of first) project.write({ [`.runseal/runs/run-1/${name}`]: bytes });
    project.write({ ".runseal/runs/.forgotten/STATUS.json": "{}" });
    rmSync(join(project.config, "runseal/keys"), { recursive: true });
    expect(await project.json(["prune", "--bundles", "--keep-last", "2"])).toMatchObject({
      forgotten: [{ run_id: "run-1" }],
      cut: null,
    });
    expect(bundlesOf(project)).toEqual(["run-2", "run-3"]);
  });

  it("forgets nothing where the key can't be opened", async () => {
    using project = await lineOf(3);
    rmSync(project.config, { recursive: true });
    expect((await project.changesNothing(["prune", "--bundles", "--keep-last", "1"])).exitCode).toBe(4);
  });

  it("refuses a line that a stranger cut, as verify --history and status do, and signs and removes nothing", async () => {
    using project = await lineOf(4);
    const cut = cutText({ bundle_root: rootOf(project, "run-2") }, SECOND_SEED);
    project.write({ ".runseal/CUT.json": cut });
    rmSync(project.at(".runseal/runs/run-1"), { recursive: true });
    const verified = await project.json(["verify", "--history", "--stored"]);
    expect(verified).toMatchObject({ ok: false, code: "SIGNER_UNKNOWN", exit_code: 3 });
    const args = ["prune", "--bundles", "--keep-last", "1"];
    for (const more of [[], ["--dry-run"]]) {
      const { exitCode, stderr } = await project.changesNothing([...args, ...more]);
      expect({ exitCode, stderr }).toEqual({
        exitCode: verified["exit_code"],
        stderr: expect.stringMatching(
          /^error: SIGNER_UNKNOWN: nothing was removed: the cut at its beginning: /,
        ),
      });
    }
    expect(await project.json(["status"])).toMatchObject({ whole: false });
    await project.done(["trust", "add", "stranger", testSigner(SECOND_SEED).publicKeyHex]);
    expect(await project.json(args)).toMatchObject({
      ok: true,
      cut: { run_id: "run-4", forgotten: 3 },
    });
  });

  it("is about the guard of a folder, whose snapshots count where the user asked for them", async () => {
    using project = await makeProjectWithKey();
    for (const id of ["s1", "s2", "s3"]) {
      project.write({ "a.txt": id });
      await project.done(["snapshot", "--id", id]);
    }
    expect(await project.json(["prune", "--keep-last", "2"])).toMatchObject({
      forgotten: [{ run_id: "s1", counts: true }],
      kept_runs: 2,
      cut: { run_id: "s2" },
      removed: 1,
    });
    expect(await project.json(VERIFY)).toMatchObject({ ok: true, run_ids: ["s2", "s3"] });
    expect(await project.json(["prune", "--guard", "out"])).toMatchObject({ ok: true, kept_runs: 2 });
  });

  it("is about the guard of a folder that is missing by now", async () => {
    using project = await makeProjectWithKey();
    for (const id of ["s1", "s2"]) {
      project.write({ "work/a.txt": id });
      await project.done(["snapshot", "work", "--id", id]);
    }
    rmSync(project.at("work"), { recursive: true });
    const args = ["prune", "--guard", "work", "--keep-last", "1"];
    expect(await project.json([...args, "--dry-run"])).toMatchObject({
      forgotten: [{ run_id: "s1" }],
      removed: 1,
    });
    expect(await project.json(args)).toMatchObject({ cut: { run_id: "s2" }, kept_runs: 1, bytes: 2 });
    expect((await project.run(["prune", "--guard", "never"])).stderr).toMatch(/^error: PATH_NOT_FOUND/);
  });

  it("is about the guard of a folder that is missing with the folder above it", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "above/work", 2);
    rmSync(project.at("above"), { recursive: true });
    expect(await project.json(["prune", "--guard", "above/work", "--keep-last", "1"])).toMatchObject({
      kept_runs: 1,
    });
  });

  it("removes the whole guard of a missing folder with --keep-last 0, with what this machine remembers of it", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "work", 2);
    await guarded(project, "there", 2);
    const [work, there] = [await homeOf(project, "work"), await homeOf(project, "there")];
    const args = ["prune", "--guard", "work", "--keep-last", "0"];
    expect(await project.json([...args, "--yes"])).toMatchObject({ kept_runs: 1, bytes: 2 });
    rmSync(project.at("work"), { recursive: true });
    const { exitCode, stderr } = await project.changesNothing(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining("--yes does it") });
    expect(await project.json([...args, "--dry-run"])).toMatchObject({ kept_runs: 0, removed: 1, bytes: 2 });
    expect(existsSync(join(work, "root"))).toBe(true);
    expect(await project.json(["prune", "--all-guards", "--keep-last", "0", "--yes"])).toMatchObject({
      ok: true,
      bytes: 4,
      guards: expect.arrayContaining([
        { path: project.at("work"), home: work, gone: true, code: "OK", forgotten: 1, bytes: 2 },
        { path: project.at("there"), home: there, gone: false, code: "OK", forgotten: 1, bytes: 2 },
      ]),
    });
    expect(existsSync(work)).toBe(false);
    expect(await project.json(["store", "size"])).toMatchObject({ places: [{ path: project.at("there") }] });
    // Nothing is left that a new guard of the same folder would have to fit.
    await guarded(project, "work", 1);
    expect(await project.json(["status", "--project", "work"])).toMatchObject({ whole: true });
  });

  it.each([
    ["unlinkSync", 22],
    ["rmdirSync", 8],
  ])(
    "finishes the removal of a guard that was killed before one of its last calls of %s",
    async (call, first) => {
      using project = await makeProjectWithKey();
      const args = ["prune", "--all-guards", "--keep-last", "0", "--yes"];
      let at = first;
      for (; ; at++) {
        await guarded(project, "work", 2);
        const home = await homeOf(project, "work");
        rmSync(project.at("work"), { recursive: true });
        const end = await project.run(args, stopAt(project, `${call}:${at}:SIGKILL`));
        if (end.exitCode === 0) break;
        expect(end).toEqual({ exitCode: null, stdout: "", stderr: "" });
        await project.done(args);
        // At most the lock of the killed process, for the next guard of the folder to take over.
        const left = existsSync(home) ? readdirSync(home, { recursive: true }).toSorted() : [];
        expect(left.filter((name) => !String(name).startsWith(".runseal/lock"))).toEqual(
          left.length === 0 ? [] : [".runseal"],
        );
        expect(await project.json(["store", "size"])).toMatchObject({ places: [] });
        if (left.length === 0) continue;
        project.write({ "work/a.txt": "again" });
        expect(await project.run(["snapshot", "work"])).toMatchObject({ exitCode: 0 });
        rmSync(project.at("work"), { recursive: true });
        await project.done(args);
      }
      expect(at).toBeGreaterThan(first + 2);
    },
  );

  it("removes the guard of a missing folder with all that guarded runs leave there, and foreign files", async () => {
    using project = await makeProjectWithKey();
    await guardedRun(project, "work", "change");
    await project.done(["snapshot", "work", "--keep-days", "9"]);
    const home = await homeOf(project, "work");
    for (const name of ["pruned", "keep"]) expect(existsSync(join(home, name))).toBe(true);
    for (const left of ["index.0123456789abcdef.new", ".runseal/runs/notes.txt"])
      writeFileSync(join(home, left), "left");
    mkdirSync(join(home, ".runseal/runs/.forgotten"));
    rmSync(project.at("work"), { recursive: true });
    await project.done(["prune", "--guard", "work", "--keep-last", "0", "--yes"]);
    expect(existsSync(home)).toBe(false);
    expect(await project.json(["prune", "--all-guards"])).toMatchObject({ ok: true, guards: [] });
    expect(await project.json(["store", "size"])).toMatchObject({ places: [] });
  });

  it("keeps of a guard what its user set, and says in its log what prune would free", async () => {
    using project = await makeProjectWithKey({ "work/a.txt": "0" });
    await project.done(["snapshot", "work", "--keep-last", "2"]);
    for (const text of ["10", "200", "3000"]) {
      project.write({ "work/a.txt": text });
      await project.done(["snapshot", "work"]);
    }
    const log = await project.json(["log", "--guard", "work"]);
    expect(log).toMatchObject({ prunable_bytes: 3 });
    expect(log["bytes"]).toBeGreaterThan(10_000);
    const { stdout } = await project.done(["log", "--guard", "work"]);
    expect(stdout).toMatch(/\n[\d,]+ bytes kept; runseal prune would free 3\n$/);
    const home = await homeOf(project, "work");
    expect(readFileSync(join(home, "keep"), "utf8")).toBe('{"keep_last":2,"keep_within":null,"version":1}\n');
    expect(await project.json(["prune", "--guard", "work", "--yes"])).toMatchObject({
      kept_runs: 2,
      bytes: 3,
    });
    expect(await project.json(["log", "--guard", "work"])).toMatchObject({ prunable_bytes: 0 });
  });

  it("forgets nothing where what its user set can't be read", async ({ skip }) => {
    skip(process.getuid?.() === 0, "root reads each file");
    using project = await makeProjectWithKey({ "work/a.txt": "0" });
    await project.done(["snapshot", "work", "--keep-last", "1"]);
    chmodSync(join(await homeOf(project, "work"), "keep"), 0);
    expect(await project.json(["prune", "--guard", "work", "--yes"])).toMatchObject({ code: "READ_FAILED" });
    const { exitCode, stderr } = await project.run(["run", "--guard", "work", "--", "sh", "-c", "exit 3"]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("could not be forgotten"),
    });
  });

  it.each([
    ["damaged", '{"keep_last":1}'],
    ["of a later version", '{"keep_last":1,"keep_within":null,"version":2}\n'],
  ])("forgets nothing where what its user set is %s", async (_what, text) => {
    using project = await makeProjectWithKey({ "work/a.txt": "0" });
    await project.done(["snapshot", "work", "--keep-last", "1"]);
    project.write({ "work/a.txt": "1" });
    await project.done(["snapshot", "work"]);
    const home = await homeOf(project, "work");
    writeFileSync(join(home, "keep"), text);
    expect(await project.json(["prune", "--guard", "work", "--yes"])).toMatchObject({
      code: "INPUT_MALFORMED",
      details: { reason: "keep" },
    });
    expect(await project.json(["log", "--guard", "work"])).toMatchObject({ prunable_bytes: null });
    const { exitCode, stderr } = await project.run(["run", "--guard", "work", "--", "true"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("old runs of this guard could not be forgotten");
    expect(await project.json(["log", "--guard", "work"])).toMatchObject({ ok: true });
    await project.done(["snapshot", "work", "--keep-last", "1"]);
    expect(await project.json(["prune", "--guard", "work", "--yes"])).toMatchObject({ ok: true });
  });

  it("removes no guard whose folder is there again, or that has a run which was not listed", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "work", 2);
    const path = await homeOf(project, "work");
    const before = snapshotTree(path);
    using home = AnchoredRoot.open(path);
    const request = { environment: project.env, home, homePath: path, guarded: project.at("work") };
    const known = new Set(["s1", "s2"]);
    expect(await removeGuard(request, known)).toMatchObject({ code: "CHANGED_WHILE_READ" });
    rmSync(project.at("work"), { recursive: true });
    expect(await removeGuard(request, new Set(["s1"]))).toMatchObject({ code: "LOCKED" });
    expect(snapshotTree(path)).toEqual(before);
    expect(await removeGuard(request, known)).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    [["--guard", "work", "--keep-last", "0"], {}],
    [["--all-guards", "--keep-last", "0", "--yes"], {}],
    [["--guard", "work", "--keep-days", "9"], { SOURCE_DATE_EPOCH: "1700000000" }],
  ])("keeps what undoes the last run of a folder that is there (%j)", async (args, env) => {
    using project = await makeProjectWithKey();
    await guardedRun(project, "work", "change", env);
    await project.done(["prune", ...args]);
    await project.done(["undo", "--guard", "work"]);
    expect(readFileSync(project.at("work/a.txt"), "utf8")).toBe("first");
  });

  it("removes what a killed removal left of a guard, and one whose history is not whole", async () => {
    using project = await makeProjectWithKey();
    for (const name of ["HEAD", "runs/two1"]) {
      await guarded(project, "two", 2, {}, "two");
      const home = await homeOf(project, "two");
      rmSync(project.at("two"), { recursive: true });
      rmSync(join(home, ".runseal", name), { recursive: true });
      await project.done(["prune", "--guard", "two", "--keep-last", "0", "--yes"]);
      expect(existsSync(home)).toBe(false);
    }
  });

  it("leaves the last snapshot of a missing folder where days are named too, and no project takes 0", async () => {
    using project = await makeSealedProject();
    await guarded(project, "work", 2);
    rmSync(project.at("work"), { recursive: true });
    const args = ["prune", "--guard", "work", "--keep-last", "0", "--keep-days", "9"];
    expect(await project.json(args)).toMatchObject({ kept_runs: 2 });
    const refused = await project.changesNothing(["prune", "--keep-last", "0", "--bundles"]);
    expect(refused.stderr).toContain("goes with --guard or --all-guards");
  });

  it("asks before snapshots go where no retention is named, and --yes answers", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "work", 2, { SOURCE_DATE_EPOCH: "1700000000" });
    await guarded(project, "work", 51, {}, "t");
    for (const which of [["--guard", "work"], ["--all-guards"]]) {
      const { exitCode, stderr } = await project.changesNothing(["prune", ...which]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining("--yes does it") });
    }
    expect(await project.json(["prune", "--all-guards", "--yes"])).toMatchObject({
      guards: [{ path: project.at("work"), forgotten: 2 }],
    });
  });
});

const IN_HOME: unknown = expect.stringContaining("/runseal/guards/");

describe.concurrent("runseal prune --all-guards", () => {
  it("prunes each guard, also of a missing folder, and says what it freed", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "one", 3);
    await guarded(project, "two", 2);
    rmSync(project.at("two"), { recursive: true });
    const args = ["prune", "--all-guards", "--keep-last", "1"];
    const dry = await project.changesNothing([...args, "--dry-run"]);
    expect(dry.stdout.split("\n").toSorted()).toEqual([
      "",
      `2  1 snapshot    ${project.at("two")}  (missing)`,
      `4  2 snapshots   ${project.at("one")}`,
      "6  bytes would be freed: nothing was removed",
    ]);
    expect(await project.json(args)).toMatchObject({
      ok: true,
      bytes: 6,
      guards: expect.arrayContaining([
        { path: project.at("one"), home: IN_HOME, gone: false, code: "OK", forgotten: 2, bytes: 4 },
        { path: project.at("two"), home: IN_HOME, gone: true, code: "OK", forgotten: 1, bytes: 2 },
      ]),
    });
    expect(await project.json(args)).toMatchObject({ ok: true, bytes: 0 });
  });

  it("prunes the others where one can't be pruned, and fails with its code", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "one", 2);
    await guarded(project, "two", 2);
    writeFileSync(join(await homeOf(project, "two"), "root"), "no record");
    const end = await project.run(["prune", "--all-guards", "--keep-last", "1"]);
    expect(end.stderr).toMatch(/^error: GUARD_PLACE_REFUSED: .*names no guarded folder/);
    expect(end.stdout).toContain(`2  1 snapshot    ${project.at("one")}\n`);
    expect(end.stdout).toContain("0  GUARD_PLACE_REFUSED  ");
  });

  it("prunes the others where one can't be read, and fails with its code", async ({ skip }) => {
    using project = await makeProjectWithKey();
    for (const name of ["one", "two", "three"]) await guarded(project, name, 2);
    if (!(await project.becomeOrdinaryUser())) skip("no other user can run runseal here");
    const closed = await homeOf(project, "two");
    const inner = await homeOf(project, "three");
    rmSync(project.at("two"), { recursive: true });
    chmodSync(closed, 0);
    chmodSync(join(inner, ".runseal"), 0);
    const end = await project.run(["prune", "--all-guards", "--keep-last", "1"]);
    expect(end.exitCode).toBe(4);
    expect(end.stdout).toContain(`2  1 snapshot    ${project.at("one")}\n`);
    expect(end.stdout).toContain(`0  READ_FAILED   ${closed}\n`);
    expect(end.stdout).toContain(`0  WRITE_FAILED  ${project.at("three")}\n`);
    const named = await project.run(["prune", "--guard", "two", "--keep-last", "1"]);
    expect(named.stderr).toMatch(/^error: READ_FAILED: .*runseal\/guards\//);
    chmodSync(closed, 0o700);
    chmodSync(join(inner, ".runseal"), 0o700);
  });

  it("does not prune another guard in the place of one that names its folder", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "one", 2);
    await guarded(project, "two", 2);
    const two = await homeOf(project, "two");
    copyFileSync(join(await homeOf(project, "one"), "root"), join(two, "root"));
    const { code, guards } = await project.json(["prune", "--all-guards", "--keep-last", "1"]);
    expect({ code, guards }).toEqual({
      code: "GUARD_PLACE_REFUSED",
      guards: expect.arrayContaining([
        { path: project.at("one"), home: IN_HOME, gone: false, code: "OK", forgotten: 1, bytes: 2 },
        { path: null, home: two, gone: false, code: "GUARD_PLACE_REFUSED", forgotten: 0, bytes: 0 },
      ]),
    });
  });

  it("passes over files and folders that are not guards", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "one", 2);
    const place = dirname(await homeOf(project, "one"));
    writeFileSync(join(place, ".DS_Store"), "x");
    mkdirSync(join(place, "moved away"));
    const facts = await project.json(["prune", "--all-guards", "--keep-last", "1"]);
    expect(facts).toMatchObject({ ok: true, guards: [{ forgotten: 1 }] });
    expect(await project.json(["store", "size"])).toMatchObject({ ok: true });
  });

  it.runIf(HAS_PTY)("says at a terminal of how many guards snapshots go", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "one", 1);
    await guarded(project, "two", 1);
    const setting = { cwd: project.root, env: project.env, mayEcho: true } as const;
    const asked = { expect: "Remove the others of 2 guards for good? yes or no: ", type: "\n" };
    const declined = await runAtTerminal(["prune", "--all-guards"], [asked], setting);
    expect(declined).toMatchObject({ exitCode: 1, unasked: 0 });
  });

  it("opens a key that has a passphrase once for all guards", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "one", 2);
    await guarded(project, "two", 2);
    await project.done(["key", "passwd"], {
      env: { ...project.env, RUNSEAL_NEW_PASSPHRASE: "one two three" },
    });
    const opened = project.at("opened");
    const command = `echo once >> '${opened}'; echo one two three`;
    const env = { ...project.env, RUNSEAL_PASSPHRASE_COMMAND: command };
    await project.done(["prune", "--all-guards", "--keep-last", "1"], { env });
    expect(readFileSync(opened, "utf8")).toBe("once\n");
  });

  it("has nothing to do where nothing is guarded", async () => {
    using project = await makeProjectWithKey();
    expect(await project.json(["prune", "--all-guards"])).toMatchObject({
      ok: true,
      guards: [],
      bytes: 0,
    });
  });
});

/** The folder of the guard of a folder. */
async function homeOf(project: Project, folder: string): Promise<string> {
  const { places } = await project.json(["store", "size"]);
  const guards = places as readonly { readonly home: string; readonly path: string }[];
  const home = guards.find(({ path }) => path === project.at(folder))?.home;
  if (home === undefined) throw new Error(`${folder} is not guarded`);
  return home;
}

/** Guards a folder in which a command changes a file. */
async function guardedRun(
  project: Project,
  folder: string,
  id: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  project.write({ [`${folder}/a.txt`]: "first" });
  const command = ["sh", "-c", `echo second > ${folder}/a.txt`];
  const args = ["run", "-q", "--guard", folder, "--id", id, "--", ...command];
  await project.done(args, { env: { ...project.env, ...env } });
}

/** Guards a folder, with as many snapshots, each of a file of two bytes at least. */
async function guarded(
  project: Project,
  folder: string,
  count: number,
  env: Readonly<Record<string, string>> = {},
  letter = "s",
): Promise<void> {
  for (let number = 1; number <= count; number++) {
    const id = `${letter}${number}`;
    project.write({ [`${folder}/a.txt`]: id });
    await project.done(["snapshot", folder, "--id", id], { env: { ...project.env, ...env } });
  }
}

describe.concurrent("runseal prune of a guard", () => {
  it("goes on with a line that the guard's own key cut", async () => {
    using project = makeProject();
    for (const id of ["s1", "s2", "s3"]) {
      project.write({ "a.txt": id });
      expect((await project.run(["snapshot", "--id", id])).exitCode).toBe(0);
      await project.done(["prune", "--keep-last", "1"]);
    }
    expect(await project.json(VERIFY)).toMatchObject({ ok: true, run_ids: ["s3"], cut: { forgotten: 2 } });
  });

  it("goes on where the policy requires several signers, which no snapshot has", async () => {
    using project = await makeProjectWithKey();
    await project.done(["trust", "add", "second", testSigner(SECOND_SEED).publicKeyHex]);
    await project.done(["trust", "require", "2", "of", "default,second"]);
    for (const id of ["s1", "s2", "s3"]) {
      project.write({ "a.txt": id });
      await project.done(["snapshot", "--id", id]);
      await project.done(["prune", "--keep-last", "1"]);
    }
    expect(await project.json(["status"])).toMatchObject({ whole: true });
  });

  it("keeps the run that a run in progress can be taken back to", async () => {
    using project = await lineOf(3);
    const record = `{"before":"${rootOf(project, "run-2")}","folder":"${"ab".repeat(32)}","run_id":"killed","started":"2026-11-25T01:02:03Z","version":1}\n`;
    project.write({ ".runseal/running/killed.json": record });
    expect(await project.json(["prune", "--bundles", "--keep-last", "1"])).toMatchObject({
      cut: { run_id: "run-2" },
    });
  });
});
