import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";

import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { SECOND_SEED } from "../../support/bundles/bundle.ts";
import { cutText } from "../../support/bundles/history-scene.ts";
import {
  type Facts,
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { LiveRun, runFactsOf, shell } from "../../support/command/run.ts";
import { stopAt } from "../../support/command/stopped-cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";
import { LONG_TEST_MS, longIt } from "../../support/rings/ring.ts";

/** A program that rewrites the stat index of the guard. */
const FORGE_INDEX = fileURLToPath(new URL("../../support/bundles/forge-index.mjs", import.meta.url));

const VERIFY = ["verify", "--history", "--any-signer", "--stored"];

/** Runs a shell's words in the guarded project, and gives the facts. */
async function guarded(
  project: Project,
  id: string,
  script: string,
  ...options: readonly string[]
): Promise<Facts> {
  return runFactsOf(await project.run(shell(script, "--guard", ".", "--id", id, "--json", ...options)));
}

/** The only guard's own folder. */
function guardOf(project: Project): string {
  const guards = join(project.env["HOME"] ?? "", ".local/share/runseal/guards");
  return join(guards, namesIn(guards)[0] ?? "", ".runseal");
}

/** The binding of a run. */
function bindingOf(project: Project, id: string): Facts {
  const status = JSON.parse(readFileSync(join(guardOf(project), "runs", id, "STATUS.json"), "utf8")) as {
    runseal: Facts;
  };
  return status.runseal;
}

describe.concurrent("runseal run --guard", () => {
  it("says that it does not guard .runseal, where the command removed a project's runs", async () => {
    using project = await makeSealedProject();
    const script = "rm -rf .runseal/runs; mkdir -p out/.runseal";
    const args = shell(script, "--guard", ".", "--id", "fix");
    const { stderr } = await project.run(args);
    expect(stderr).toMatch(
      /^guard {4}(?:nothing was changed|\+.*)\nnot guarded: 2 entries of runseal's own \(\.runseal, out\/\.runseal\)\n/,
    );
    const facts = await guarded(project, "next", "true");
    expect(facts).toMatchObject({ guard: { not_guarded: { own_folders: [".runseal", "out/.runseal"] } } });
    rmSync(project.at("out/.runseal"), { recursive: true });
    expect((await project.done(["snapshot"])).stdout).toContain(
      "\nnot guarded: 1 entry of runseal's own (.runseal)\n",
    );
  });

  it("says one line for each later step, and with --verbose what is not guarded too", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "1" });
    expect(spawnSync("sh", ["-c", "mkfifo pipe; ln out/a.txt b"], { cwd: project.root }).status).toBe(0);
    const said = async (...args: readonly string[]): Promise<string> =>
      (await project.run(shell("true", "--guard", ".", ...args))).stderr;
    const all =
      /^guard {4}nothing was changed\nnot guarded: 1 FIFO \(pipe\)\nnote: the command could (?:.*\n)*note: 2 files with other/;
    expect(await said()).toMatch(all);
    expect(await said()).toBe("guard    nothing was changed\n");
    expect(await said("--verbose")).toMatch(all);
    const { stderr } = await project.run(shell("mkfifo more", "--guard", "."));
    expect(stderr).toContain("not guarded: 2 FIFOs (more, pipe)\n");
  });

  it("says that the command could have signed where a snapshot made the guard, and once a day", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "1" });
    await project.done(["snapshot", "."]);
    const said = async (): Promise<string> => (await project.run(shell("true", "--guard", "."))).stderr;
    expect(await said()).toContain("note: the command could have signed too");
    expect(await said()).toBe("guard    nothing was changed\n");
  });

  it("names the largest files where the snapshot after the command would be too large, and the way out works", async () => {
    using project = await makeProjectWithKey();
    const script = "head -c 2000000 /dev/urandom > big; echo evil > out/a.txt";
    const run = await project.run(shell(script, "--guard", ".", "--id", "fix", "--budget", "1M"));
    expect(run.exitCode).toBe(10);
    expect(run.stderr.replaceAll(/\s+/g, " ")).toContain(
      "the largest files and folders are big (2,000,000 bytes), out/a.txt (5 bytes), ",
    );
    expect(run.stderr).toContain("hint: first move the largest files to a place outside of the folder\n");
    const back = ["undo", "--to", "fix.before", "--budget", "1M"];
    expect(await project.json(back)).toMatchObject({
      code: "SNAPSHOT_REFUSED",
      details: { reason: "too-large" },
      exit_code: 4,
    });
    renameSync(project.at("big"), join(project.folder, "big"));
    expect(await project.json(back)).toMatchObject({ ok: true, replaced: 1 });
    expect(readFileSync(project.at("out/a.txt"), "utf8")).toBe("alpha\n");
  });

  it("keeps and reverts a file of holes at no cost", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "fix", "truncate -s 200M holes");
    await project.done(["undo", "fix"]);
    await project.done(["redo"]);
    if (statSync(project.at("holes")).blocks > 0) expect.unreachable("the holes were filled");
    expect(statSync(project.at("holes")).size).toBe(200 * 1024 * 1024);
    const { stdout } = spawnSync("du", ["-sm", join(project.folder, "home")], { encoding: "utf8" });
    expect(Number.parseInt(stdout, 10)).toBeLessThan(20);
  });

  it("names what is not guarded before or after the command, and what of it is gone", async () => {
    using project = await makeProjectWithKey({ ".runsealignore": "*.log\n", "a.log": "1", "b.log": "2" });
    const folder = "d".repeat(200);
    const deep = `for i in $(seq 25); do mkdir ${folder}; cd ${folder}; done; echo > file`;
    project.write({ "back\\slash": "1", ".spectrum06_mine/file": "2", "sub/.runseal/x": "3" });
    expect(spawnSync("bash", ["-c", `mkfifo pipe; ${deep}`], { cwd: project.root }).status).toBe(0);
    const args = ["--guard", ".", "--id", "fix"];
    const script = `rm -rf ddd* back* .spectrum* pipe a.log; mkfifo other; echo > c.log`;
    const { stderr } = await project.run(shell(script, ...args));
    expect(stderr).toContain(
      "\nnot guarded: 2 entries of runseal's own (.spectrum06_mine, sub/.runseal), 3 entries by 1 pattern (a.log, b.log, c.log), " +
        '1 name with a backslash ("back\\\\slash"), 1 path of more than 4,096 bytes (…), 2 FIFOs (other, pipe)\n',
    );
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(
      'warning: not guarded, and gone or replaced after the command: 5 entries (.spectrum06_mine, a.log, "back\\\\slash", pipe, …) hint: no undo brings these back ',
    );
    const facts = await guarded(project, "two", "rm other");
    expect(facts).toMatchObject({
      guard: { not_guarded: { entries: [{ path: "other", reason: "fifo" }], gone: ["other"] } },
    });
  });

  it("is listed by log --guard where the folder is a project too, which log says", async () => {
    using project = await makeSealedProject();
    await guarded(project, "fix", "echo new > new");
    const { stderr, stdout } = await project.run(["log"]);
    expect(stdout).toMatch(/^one /);
    expect(stderr).toBe(
      "note: this folder is guarded too\nhint: runseal log --guard . lists its runs and snapshots\n",
    );
    expect((await project.done(["log", "--guard", "."])).stdout).toMatch(/^fix /);
  });

  it("takes a snapshot before and after the command, and signs a run that names both", async () => {
    using project = await makeProjectWithKey();
    const facts = await guarded(project, "fix", "echo new > new; echo other > out/a.txt; rm out/b.txt");
    expect(facts).toMatchObject({
      ok: true,
      run_id: "fix",
      guard: {
        before: { run_id: "fix.before" },
        after: { run_id: "fix.after" },
        ...{ added: 1, removed: 1, changed: 1 },
        not_guarded: { entries: [], by_pattern: [] },
      },
    });
    const { after, before, folder } = facts["guard"] as { after: Facts; before: Facts; folder: string };
    expect(bindingOf(project, "fix")).toMatchObject({
      guard: { folder, before: before["bundle_root"], after: after["bundle_root"] },
    });
    expect(await project.json(VERIFY)).toMatchObject({
      ok: true,
      run_ids: ["fix.before", "fix.after", "fix"],
    });
    expect(existsSync(project.at(".runseal"))).toBe(false);
    expect(namesIn(guardOf(project))).not.toContain("running");
  });

  it("reads the bytes again where the command rewrote the stat index of the guard", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "one", "true");
    const facts = await guarded(
      project,
      "two",
      `echo evil > out/a.txt; "${process.execPath}" "${FORGE_INDEX}"`,
    );
    expect(facts).toMatchObject({ guard: { changed: 1, from_index: 0 } });
    expect(await guarded(project, "three", "true")).toMatchObject({ guard: { changed: 0 } });
    await project.done(["undo", "--to", "one.before"]);
    expect(readFileSync(project.at("out/a.txt"), "utf8")).toBe("alpha\n");
  });

  it("goes back to a snapshot by bytes, where something rewrote the stat index after the run", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "one", "true");
    project.write({ "out/a.txt": "evil\n" });
    const { status, stderr } = spawnSync(process.execPath, [FORGE_INDEX], {
      cwd: project.root,
      env: project.env,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(await project.json(["undo", "--to", "one.before"])).toMatchObject({ replaced: 1 });
    expect(readFileSync(project.at("out/a.txt"), "utf8")).toBe("alpha\n");
  });

  it("says how the run can be taken back", async () => {
    using project = await makeProjectWithKey();
    const args = shell("echo new > new", "--guard", ".", "--id", "fix");
    expect((await project.run(args)).stderr).toMatch(/^guard {4}\+1 ~0 -0 {3}\[runseal undo fix\]$/m);
    expect((await project.run(shell("true", "--guard", ".", "--id", "two"))).stderr).toMatch(
      /^guard {4}nothing was changed\n/,
    );
    const { stdout } = await project.done(["log"]);
    expect(stdout).toMatch(/^two .* nothing was changed {3}.* exit 0$/m);
    expect(stdout).toMatch(/^fix .* \+1 ~0 -0 {3}.* {3}\[undo fix\]$/m);
  });

  it("says once that a folder below a guarded one is a guard of its own", async () => {
    using project = await makeProjectWithKey();
    const said =
      "note: '..', a folder above, is guarded too: this run is listed and undone in this folder, not there\n";
    project.write({ "sub/a": "1" });
    await project.run(shell("true", "--guard", ".", "--id", "whole"));
    const below = { cwd: project.at("sub") };
    const first = await project.run(shell("echo 2 > a", "--guard", ".", "--id", "one"), below);
    expect(first.stderr).toContain(`${said}hint: run --guard '..' keeps the runs of both together\n`);
    const second = await project.run(shell("echo 3 > a", "--guard", ".", "--id", "two"), below);
    expect(second).toMatchObject({ exitCode: 0 });
    expect(second.stderr).not.toContain("is guarded too");
  });

  it("says how many files have other hard links, which a revert does not bring back as such", async () => {
    using project = await makeProjectWithKey();
    linkSync(project.at("out/a.txt"), project.at("out/linked"));
    const { stderr } = await project.run(shell("echo new > new", "--guard", ".", "--id", "fix"));
    expect(stderr).toContain(
      "note: 2 files with other hard links: an undo gives the path a file of its own\n",
    );
    expect(await guarded(project, "two", "true")).toMatchObject({ guard: { linked_files: 2 } });
  });

  it("names snapshots that show and diff find, also those that were equal to an earlier one", async () => {
    using project = await makeProjectWithKey();
    for (const id of ["one", "two"]) await guarded(project, id, `echo ${id} > new`);
    expect(namesIn(join(guardOf(project), "runs"))).not.toContain("two.before");
    expect(await project.json(["show", "two.before"])).toMatchObject({ ok: true, run_id: "one.after" });
    const { stderr, stdout } = await project.run(["diff", "two.before", "two.after"]);
    expect(stderr).toBe("note: two.before is one.after: nothing had changed, so it was not sealed again\n");
    expect(stdout).toContain("\n~ changed new\n");
    expect(await project.json(["show", "three.before"])).toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  it("takes no bundle elsewhere for a run that a snapshot is named after", async () => {
    using project = await makeProjectWithKey();
    for (const id of ["one", "two"]) await guarded(project, id, `echo ${id} > new`);
    const guard = guardOf(project);
    cpSync(join(guard, "runs/two"), join(guard, "copies/two"), { recursive: true });
    const { exitCode, stderr } = await project.run(["show", "../copies/two.before"]);
    expect(exitCode).toBe(4);
    expect(stderr).not.toContain("not sealed again");
  });

  it("names no snapshot of an unsound run: its words about equal ones are not believed", async () => {
    using project = await makeProjectWithKey();
    for (const id of ["one", "two"]) await guarded(project, id, `echo ${id} > new`);
    const status = join(guardOf(project), "runs/two/STATUS.json");
    const before = String(bindingOf(project, "two")["previous_bundle_root"]);
    const guard = bindingOf(project, "two")["guard"] as { readonly before: string };
    expect(guard.before).not.toBe(before);
    writeFileSync(status, readFileSync(status, "utf8").replace(guard.before, before));
    expect(await project.json(["show", "two.before"])).toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  it("says once that the guard's own key signs, which can't have a passphrase, and then one line a run", async () => {
    using project = await makeProject();
    const { stderr } = await project.run(shell("echo 1 > new", "--guard", ".", "--id", "one"));
    expect(stderr).toContain("signed by this guard's own key");
    expect(stderr).not.toContain("passphrase");
    const next = await project.run(shell("echo 2 > new", "--guard", ".", "--id", "two"));
    expect(next.stderr).toBe("guard    +0 ~1 -0   [runseal undo two]\n");
    const sealed = await project.run(
      shell("echo 3 > made", "--guard", ".", "--id", "three", "--output", "made"),
    );
    expect(sealed.stderr).toMatch(/^sealed {3}1 file, 2 bytes\nhash .*\nsigner .*\nbundle .*\nguard /);
  });

  it("names an earlier snapshot that is equal: a run that changed nothing adds one bundle", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "one", "echo new > new");
    expect(await guarded(project, "two", "true")).toMatchObject({
      guard: { before: { run_id: "one.after" }, after: { run_id: "one.after" }, changed: 0 },
    });
    expect(namesIn(join(guardOf(project), "runs"))).toEqual(["one", "one.after", "one.before", "two"]);
  });

  it("says of a failed command without outputs that its changes stay, and not what verifiers do", async () => {
    using project = await makeProjectWithKey();
    const { stderr } = await project.run(shell("echo x > x; exit 3", "--guard", ".", "--id", "bad"));
    expect(stderr).toContain("hint: what the command did to the folder stays until it is undone\n");
    expect(stderr).not.toContain("no verifier accepts it");
  });

  it("keeps the snapshots of a failed run in the line, and its bundle beside it", async () => {
    using project = await makeProjectWithKey();
    const facts = await guarded(project, "bad", "echo new > new; exit 7");
    expect(facts).toMatchObject({ ok: false, code: "COMMAND_FAILED", exit_code: 7, guard: { added: 1 } });
    expect(await project.json(VERIFY)).toMatchObject({
      ok: true,
      run_ids: ["bad.before", "bad.after"],
      failed_run_ids: ["bad"],
    });
    expect(bindingOf(project, "bad")).toHaveProperty(["guard", "after"]);
  });

  it("seals outputs of the folder too", async () => {
    using project = await makeProjectWithKey();
    expect(await guarded(project, "fix", "echo made > made", "--output", "made")).toMatchObject({ files: 1 });
    expect(await project.json(["verify", "fix", "--any-signer"])).toMatchObject({ ok: true, files: 1 });
  });

  it("reads patterns before the command: what it writes into .runsealignore has no effect", async () => {
    using project = await makeProjectWithKey();
    project.write({ ".runsealignore": "*.log\n", "a.log": "1" });
    const facts = await guarded(project, "fix", "echo '*' > .runsealignore; echo 2 > a.log; echo new > new");
    expect(facts).toMatchObject({
      guard: { added: 1, changed: 1, not_guarded: { by_pattern: [{ pattern: "*.log", entries: 1 }] } },
    });
  });

  it("is taken back by revert, failed or not, and done again by redo", async () => {
    using project = await makeProjectWithKey();
    project.write({ "d/e": "e", "d/f": "f" });
    symlinkSync("d/e", project.at("l"));
    const before = snapshotTree(project.root);
    const script = "rm -r d; rm l; ln -s nowhere l; echo other > out/a.txt; mkdir new; exit 3";
    await guarded(project, "fix", script);
    const after = snapshotTree(project.root);
    expect(await project.json(["undo", "fix"])).toMatchObject({ ok: true });
    expect(snapshotTree(project.root)).toEqual(before);
    expect(await project.json(["redo"])).toMatchObject({ ok: true });
    expect(snapshotTree(project.root)).toEqual(after);
  });

  it.each(["renameSync:3", "linkSync:2", "linkSync:4", "unlinkSync:3"])(
    "recovers first what a revert left that was killed at %s",
    async (point) => {
      using project = await makeProjectWithKey();
      await guarded(project, "fix", "rm out/a.txt out/b.txt; echo new > new; mkdir d; echo 1 > d/1");
      const revert = ["undo", "fix"];
      const killed = await project.run(revert, stopAt(project, `${point}:SIGKILL`));
      expect(killed.exitCode).toBeNull();
      expect(await guarded(project, "next", "true")).toMatchObject({ ok: true, guard: { changed: 0 } });
      expect(namesIn(project.root).filter((name) => name.startsWith(".spectrum06"))).toEqual([]);
      expect(await project.json(VERIFY)).toMatchObject({ ok: true });
    },
  );

  it("reads the patterns only then: a killed revert may have moved them away", async () => {
    using project = await makeProjectWithKey({ ".runsealignore": "*.log\n", "a.log": "1", b: "b" });
    await guarded(project, "fix", "echo '*' > .runsealignore; echo 2 > b");
    const revert = ["undo", "fix"];
    const killed = await project.run(revert, stopAt(project, "linkSync:4:SIGKILL"));
    expect(killed.exitCode).toBeNull();
    expect(namesIn(project.root)).not.toContain(".runsealignore");
    expect(await guarded(project, "next", "true")).toMatchObject({
      guard: { not_guarded: { by_pattern: [{ pattern: "*", entries: 3 }] } },
    });
  });

  it("runs nothing above what can't be recovered", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "fix", "rm out/a.txt; echo new > new");
    await project.run(["undo", "fix"], stopAt(project, "linkSync:3:SIGKILL"));
    rmSync(join(project.env["HOME"] ?? "", ".local/state/runseal/journal"), { recursive: true });
    const facts = await guarded(project, "next", "touch ran");
    expect(facts).toMatchObject({ code: "GUARD_UNRECOVERED", exit_code: 7, command: null });
    expect(namesIn(project.root)).not.toContain("ran");
  });

  it("is incomplete where the command leaves what can't be read, or no folder", async () => {
    using project = await makeProjectWithKey();
    mkdirSync(project.at("inner"));
    project.write({ "inner/a": "a" });
    const gone = ["run", "--guard", "inner", "--id", "gone", "--json", "--", "rm", "-r", "inner"];
    expect(runFactsOf(await project.run(gone))).toMatchObject({
      ok: false,
      code: "GUARD_INCOMPLETE",
      exit_code: 10,
      guard: { after: null, added: null },
    });
    const failed = ["run", "--guard", ".", "--id", "bad", "--json", "--", "sh", "-c", "exit 3"];
    expect(runFactsOf(await project.run(failed))).toMatchObject({ code: "COMMAND_FAILED", exit_code: 3 });
  });

  it("says nothing of what can't be read, or of another folder, where the guard itself was damaged or the folder is gone", async () => {
    using project = await makeProjectWithKey();
    const head = `rm "$HOME"/.local/share/runseal/guards/*/.runseal/HEAD`;
    const damaged = await project.run(shell(head, "--guard", ".", "--id", "damaged"));
    expect(damaged.stderr).toContain("the folder could not be looked at afterwards");
    expect(damaged.stderr).not.toContain("it left what can't be read");
    mkdirSync(project.at("inner"));
    const gone = await project.run(["run", "--guard", "inner", "--", "rm", "-r", "inner"]);
    expect(gone.stderr).not.toContain("another folder");
  });

  it("does not follow a link that the command puts in the place of the folder", async () => {
    using project = await makeProjectWithKey();
    for (const name of ["inner", "other"]) mkdirSync(project.at(name));
    const script = "mv inner moved && ln -s other inner";
    const args = ["run", "--guard", "inner", "--id", "fix", "--json", "--", "sh", "-c", script];
    expect(runFactsOf(await project.run(args))).toMatchObject({
      code: "GUARD_INCOMPLETE",
      guard: { after: null },
    });
  });

  it("goes on with another folder in the place of the guarded one, and says so", async () => {
    using project = await makeProjectWithKey();
    mkdirSync(project.at("inner"));
    const script = "mv inner moved && mkdir inner && echo 1 > inner/a";
    const args = ["run", "--guard", "inner", "--id", "fix", "--", "sh", "-c", script];
    const { exitCode, stderr } = await project.run(args);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("note: the command put another folder in the place of the guarded one\n");
    expect(stderr).toContain("guard    +1 ~0 -0");
  });

  it("runs nothing where the name of the snapshot from after is taken", async () => {
    using project = await makeProjectWithKey();
    await project.json(["snapshot", ".", "--id", "fix.after"]);
    expect(await guarded(project, "fix", "touch ran")).toMatchObject({ code: "RUN_EXISTS", command: null });
    expect(namesIn(project.root)).not.toContain("ran");
  });

  it("leaves no record of a command that could not be started", async () => {
    using project = await makeProjectWithKey();
    const args = ["run", "--guard", ".", "--id", "x", "--json", "--", "nope"];
    expect(runFactsOf(await project.run(args))).toMatchObject({ code: "COMMAND_NOT_FOUND", exit_code: 127 });
    expect(await project.json(["log"])).toMatchObject({ begun_runs: [], unlisted_runs: [] });
  });

  it("records the snapshot durably before the command, so that a killed run can be taken back", async () => {
    using project = await makeProjectWithKey();
    const live = new LiveRun(project, shell("echo ready; sleep 30", "--guard", ".", "--id", "killed"));
    await live.says("ready");
    const record = join(guardOf(project), "running/killed.json");
    expect(JSON.parse(readFileSync(record, "utf8"))).toMatchObject({ run_id: "killed", version: 1 });
    expect((await project.done(["log"])).stdout).toMatch(/^killed {2}\S+ {2}in progress$/m);

    const second = ["run", "--guard", ".", "--id", "second", "--json", "--", "true"];
    expect(runFactsOf(await project.run(second))).toMatchObject({
      code: "GUARD_BUSY",
      exit_code: 8,
      details: { run_id: "killed" },
      command: null,
    });

    live.kill("SIGKILL", "group");
    await live.end();
    expect((await project.done(["log"])).stdout).toMatch(
      /^killed {2}\S+ {2}killed; only killed\.before is there$/m,
    );
    await guarded(project, "next", "echo new > new");
    expect(existsSync(record)).toBe(true);
    // An old killed run is not listed above newer ones.
    writeFileSync(record, readFileSync(record, "utf8").replace(/"started":"\d{4}/, '"started":"2001'));
    const lines = (await project.done(["log"])).stdout.trimEnd().split("\n");
    expect(lines.slice(0, -1).map((line) => line.split(" ")[0])).toEqual(["next", "killed"]);
    expect((await project.done(["log", "--limit", "1"])).stdout).not.toContain("killed");
    expect(await project.json(VERIFY)).toMatchObject({ ok: true, killed_run_ids: ["killed"] });
    expect(await project.json(["prune", "--keep-last", "1", "--dry-run"])).toMatchObject({ forgotten: [] });
  });

  it("forgets nothing in a line that a stranger cut, and warns", async () => {
    using project = await makeProjectWithKey();
    await guarded(project, "first", "true");
    const signed = readFileSync(join(guardOf(project), "runs/first/SIGNED_PAYLOAD.json"), "utf8");
    const root = (JSON.parse(signed) as { bundle_root: string }).bundle_root;
    const cut = cutText({ bundle_root: root }, SECOND_SEED);
    writeFileSync(join(guardOf(project), "CUT.json"), cut);
    rmSync(join(guardOf(project), "../pruned"));
    const { stderr } = await project.run(shell("true", "--guard", ".", "--id", "second"));
    expect(stderr).toContain("warning: old runs of this guard could not be forgotten\n");
    expect(readFileSync(join(guardOf(project), "CUT.json"), "utf8")).toBe(cut);
  });

  longIt("forgets old runs once a day", { timeout: LONG_TEST_MS }, async () => {
    using project = await makeProjectWithKey();
    const env = { ...project.env, SOURCE_DATE_EPOCH: "1700000000" };
    for (let number = 1; number <= 52; number++) {
      project.write({ n: String(number) });
      await project.done(["snapshot", "--id", `s${number}`], { env });
    }
    await guarded(project, "early", "true");
    rmSync(join(guardOf(project), "../pruned"));
    await guarded(project, "last", "true");
    expect(await project.json(VERIFY)).toMatchObject({ ok: true, cut: { forgotten: 4 } });
    expect(
      await project.json(["log", "--project", join(guardOf(project), ".."), "--any-signer", "--limit", "1"]),
    ).toMatchObject({ suspicious: false });
  });
});

describe.concurrent("runseal run --guard --confine", () => {
  // A confined command may write to /dev/shm, so homes may not be there.
  beforeAll(() => void vi.stubEnv("RUNSEAL_TEST_DISK", tmpdir()));
  afterAll(() => void vi.unstubAllEnvs());

  /** The environment of a user whose keys and guards are outside of TMPDIR. */
  function apart(project: Project): { readonly env: Readonly<Record<string, string>> } {
    const temporary = join(project.folder, "temporary");
    mkdirSync(temporary, { recursive: true });
    return { env: { ...project.env, TMPDIR: temporary } };
  }

  it("lets the command write in the folder and in TMPDIR, and nowhere else", async () => {
    using project = await makeProjectWithKey();
    const script = 'echo 1 > in; echo 1 > "$TMPDIR/t"; echo 1 > ../outside; rm -rf "$HOME"; exit 0';
    const args = shell(script, "--guard", ".", "--confine", "--even-as-root", "--id", "fix", "--json");
    expect(runFactsOf(await project.run(args, apart(project)))).toMatchObject({
      ok: true,
      guard: { added: 1, removed: 0, changed: 0 },
    });
    expect(namesIn(project.folder)).toEqual(["home", "project", "temporary"]);
    expect(await project.json(VERIFY)).toMatchObject({ ok: true });
  });

  it("lets it write where the user says", async () => {
    using project = await makeProjectWithKey();
    const script = "echo 1 > ../outside/a";
    const args = [
      "--guard",
      ".",
      "--confine",
      "--even-as-root",
      "--confine-write",
      "../outside",
      "--id",
      "fix",
      "--json",
    ];
    mkdirSync(join(project.folder, "outside"));
    expect(runFactsOf(await project.run(shell(script, ...args), apart(project)))).toMatchObject({ ok: true });
    expect(namesIn(join(project.folder, "outside"))).toEqual(["a"]);
  });

  it("refuses where the guard, the keys or the remembered heads are in reach of the command", async () => {
    using project = await makeProjectWithKey();
    const home = { env: { ...project.env, TMPDIR: project.env["HOME"] ?? "" } };
    const args = shell("touch ran", "--guard", ".", "--confine", "--even-as-root", "--json");
    expect(runFactsOf(await project.run(args, home))).toMatchObject({
      code: "GUARD_CANNOT_CONFINE",
      details: { why: "kept-within" },
      command: null,
    });
    renameSync(project.at("out"), project.at("moved"));
    expect(namesIn(project.root)).not.toContain("ran");
  });

  it("refuses where the command could make the folder of keys and trust that is not there yet", async () => {
    using project = await makeProject();
    mkdirSync(join(project.folder, "tmp"));
    const config = join(project.folder, "tmp/config");
    const reach = { TMPDIR: join(project.folder, "tmp"), XDG_CONFIG_HOME: config };
    const args = shell("touch ran", "--guard", ".", "--confine", "--even-as-root", "--json");
    expect(runFactsOf(await project.run(args, { env: { ...project.env, ...reach } }))).toMatchObject({
      code: "GUARD_CANNOT_CONFINE",
      details: { why: "kept-within" },
    });
    expect(namesIn(project.root)).not.toContain("ran");
  });

  it("refuses where the key file that is named is in reach of the command", async () => {
    using project = await makeProjectWithKey();
    const keys = join(project.config, "runseal/keys");
    const name = namesIn(keys).find((one) => one.endsWith(".key")) ?? "";
    copyFileSync(join(keys, name), project.at("tmp.key"));
    chmodSync(project.at("tmp.key"), 0o600);
    const args = ["--guard", ".", "--confine", "--even-as-root", "--key", "./tmp.key", "--json"];
    expect(runFactsOf(await project.run(shell("touch ran", ...args), apart(project)))).toMatchObject({
      code: "GUARD_CANNOT_CONFINE",
      details: { why: "kept-within" },
    });
    expect(namesIn(project.root)).not.toContain("ran");
  });
});
