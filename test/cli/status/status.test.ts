import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sealPlain } from "../../support/bundles/plain-run.ts";
import {
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  type Project,
} from "../../support/command/cli.ts";
import { shell } from "../../support/command/run.ts";

/** A sealed folder with something of each kind. */
async function makeTree(): Promise<Project> {
  const project = await makeProjectWithKey({
    "out/bytes": "bytes",
    "out/gone": "gone",
    "out/program": "program",
  });
  symlinkSync("bytes", project.at("out/link"));
  symlinkSync("bytes", project.at("out/turned"));
  await project.done(["seal", "out", "--id", "one"]);
  return project;
}

/** Changes each of them, and adds a file and a folder. */
function changeAll(project: Project): void {
  project.write({ "out/bytes": "other", "out/new": "new", "out/folder/inner": "inner" });
  rmSync(project.at("out/gone"));
  chmodSync(project.at("out/program"), 0o755);
  rmSync(project.at("out/turned"));
  mkdirSync(project.at("out/turned"));
  rmSync(project.at("out/link"));
  symlinkSync("program", project.at("out/link"));
}

describe.concurrent("runseal status", () => {
  it("says that a folder is as the last run sealed it, and changes nothing", async () => {
    using project = await makeSealedProject();
    const { exitCode, stderr, stdout } = await project.changesNothing(["status"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(
      /^run {6}one, sealed \S+Z, by default \(trusted\)\nfolder {3}as it was sealed, 2 files\nhistory {2}1 run, whole\nkey {6}default \([0-9a-f]{8}\)\ntrust {4}default\n$/,
    );
    expect(await project.json(["status"])).toMatchObject({
      state: "as-sealed",
      whole: true,
      changes: [],
      head: { run_id: "one" },
      key: { name: "default" },
      trusted: [{ names: ["default"] }],
    });
  });

  it("does not say that nothing was sealed where HEAD alone is gone", async () => {
    using project = await makeSealedProject();
    rmSync(project.at(".runseal/HEAD"));
    const { stdout } = await project.done(["status"]);
    expect(stdout).toMatch(/^run {6}unknown: no run is known to be the last\nhistory {2}not whole: /);
  });

  it("lists what changed by its kind, as git status does", async () => {
    using project = await makeTree();
    changeAll(project);
    const { stdout } = await project.done(["status"]);
    const listed = [...stdout.matchAll(/^ {2}([a-z ]+): +(out[^\s:]*)/gm)].map(([, word, path]) => [
      word,
      path,
    ]);
    expect(listed).toEqual([
      ["changed", "out/bytes"],
      ["added", "out/folder/"],
      ["removed", "out/gone"],
      ["changed", "out/link"],
      ["added", "out/new"],
      ["mode", "out/program"],
      ["other kind", "out/turned"],
    ]);
    const facts = await project.json(["status"]);
    expect(facts).toMatchObject({
      ok: true,
      state: "changed",
      counts: { changed: 2, removed: 1, added: 2, kind: 1, mode: 1, unreadable: 0 },
    });
    const words = await project.done(["status"]);
    expect(words.stdout).toContain("folder   changed: 2 changed, 1 removed, 1 other kind, 1 mode, 2 added\n");
    expect(words.stdout).toContain("\n  removed:    out/gone\n");
    expect(words.stdout).toContain(
      "\n  runseal restore one --to DIR --mkdir  restores what was sealed into a new folder\n",
    );
  });

  it("passes over what the seal left out, and what stands outside of the sealed folders", async () => {
    using project = await makeProjectWithKey({ "out/a": "a", "out/cache.tmp": "", "elsewhere/b": "b" });
    await project.done(["seal", "out", "--id", "one", "--ignore", "*.tmp"]);
    project.write({ "out/other.tmp": "", "elsewhere/c": "c", "out/.git/config": "" });
    expect(await project.json(["status"])).toMatchObject({ state: "as-sealed", changes: [] });
  });

  it("counts new files of a run without a tree", async () => {
    using project = await makeProjectWithKey();
    await sealPlain(project, "old", "out");
    project.write({ "out/c.txt": "c" });
    expect(await project.json(["status"])).toMatchObject({
      state: "changed",
      changes: [],
      unsealed_files: 1,
    });
    expect((await project.done(["status"])).stdout).toContain("folder   changed: 1 not sealed\n");
  });

  it("compares with the newest run, and judges all of them", async () => {
    using project = await makeSealedProject();
    project.write({ "out/a.txt": "later\n" });
    await project.done(["seal", "out", "--id", "two"]);
    expect(await project.json(["status"])).toMatchObject({
      head: { run_id: "two" },
      state: "as-sealed",
      line_runs: 2,
    });
    rmSync(project.at(".runseal/runs/one"), { recursive: true });
    const facts = await project.json(["status"]);
    expect(facts).toMatchObject({
      ok: true,
      whole: false,
      findings: [{ code: "HISTORY_GAP" }],
      state: "as-sealed",
    });
    const { stdout } = await project.done(["status"]);
    expect(stdout).toContain("history  not whole: missing: ");
    expect(stdout).toContain("\n  runseal verify --history  lists what does not fit\n");
  });

  it("says that it does not know where the bundle itself was changed", async () => {
    using project = await makeSealedProject();
    project.write({ ".runseal/runs/one/STATUS.json": "{}" });
    const facts = await project.json(["status"]);
    expect(facts).toMatchObject({ ok: true, state: "unknown", counts: null, whole: false });
    expect((await project.done(["status"])).stdout).toContain("folder   unknown, the bundle does not hold: ");
  });

  it("names a signer who is not trusted, and judges by --trust and --signer", async () => {
    using project = await makeSealedProject();
    const stranger = await project.json(["status", "--signer", `${"0".repeat(63)}3`]);
    expect(stranger).toMatchObject({ ok: true, last_run: { trust: { ok: false, code: "SIGNER_UNKNOWN" } } });
    rmSync(project.at("../home/config/runseal/trust"));
    const { stdout } = await project.done(["status"]);
    expect(stdout).toContain("(not trusted: TRUST_POLICY_MISSING)");
    expect(stdout).toContain("trust    no trust policy; runseal trust add NAME KEY begins one\n");
    expect(await project.json(["status"])).toMatchObject({ trusted: null });
  });

  it("lists no signer where the trust file has a bad line, or none is judged", async () => {
    using project = await makeSealedProject();
    const judged = await project.done(["status", "--any-signer"]);
    expect(judged.stdout).toContain(" (not judged)\n");
    expect(judged.stdout).toContain("trust    not judged: --any-signer accepts any signer\n");
    project.write({ "../home/config/runseal/trust": "nonsense\n" });
    const { stdout } = await project.done(["status"]);
    expect(stdout).toContain("(not trusted: TRUST_FILE_MALFORMED)");
    expect(stdout).toContain("trust    no signer: the trust file has a bad line");
  });

  it("quotes names that a terminal would act on", async () => {
    using project = await makeSealedProject();
    project.write({ "out/\u001b[31m\nname": "" });
    const { stdout } = await project.done(["status"]);
    expect(stdout).not.toMatch(/[^\n -~]/);
    expect(stdout).toContain('  added:      "out/\\u{1b}[31m\\nname"\n');
  });

  it("says what to type in a folder without a project, with and without a key", async () => {
    using stranger = makeProject();
    const first = await stranger.changesNothing(["status"]);
    expect(first).toMatchObject({ exitCode: 4, stdout: "" });
    expect(first.stderr).toContain("error: PROJECT_NOT_FOUND: there is no project here");
    expect(first.stderr).toContain(
      "\nhint: runseal init makes your key, once\nhint: runseal seal FOLDER seals",
    );
    using owner = await makeProjectWithKey();
    const second = await owner.run(["status"]);
    expect(second.stderr).not.toContain("runseal init");
    expect(second.stderr).toContain("hint: runseal seal FOLDER seals");
  });

  it("says what to type where nothing was sealed yet", async () => {
    using project = await makeProjectWithKey({ ".runseal/runs/.keep": "" });
    const { stdout } = await project.done(["status"]);
    expect(stdout).toContain("run      nothing was sealed here yet\n");
    expect(stdout).toContain("\n  runseal seal FOLDER  seals what is in a folder\n");
    expect(await project.json(["status"])).toMatchObject({ head: null, last_run: null, state: "unknown" });
  });

  it("says that only failed runs were sealed so far", async () => {
    using project = await makeProjectWithKey({});
    await project.run(["run", "--id", "failing", "--", "false"]);
    const { stdout } = await project.done(["status"]);
    expect(stdout).toMatch(/^run {6}none succeeded yet; runseal log shows 1 failed run\n/);
  });

  it("names no key as usable that a seal refuses, and does not suggest another one", async () => {
    using project = await makeProjectWithKey({ "out/a": "a" });
    chmodSync(join(project.config, "runseal/keys/default.key"), 0o644);
    const nowhere = await project.run(["status"]);
    expect(nowhere.stderr).not.toContain("runseal init");
    await project.run(["seal", "out", "--unsigned"]);
    const { stdout } = await project.done(["status"]);
    expect(stdout).toContain("key      default is refused: KEY_FILE_UNUSABLE; runseal doctor says more\n");
    expect(stdout).not.toContain("runseal init");
    expect(await project.json(["status"])).toMatchObject({ key: null });
    expect(await project.json(["seal", "out"])).toMatchObject({
      code: "KEY_FILE_UNUSABLE",
      details: { reason: "exposed" },
    });
  });

  it("names the key that RUNSEAL_KEY asks for and that is not there", async () => {
    using project = await makeSealedProject();
    const env = { ...project.env, RUNSEAL_KEY: "typo" };
    const { stdout } = await project.done(["status"], { env });
    expect(stdout).toContain('key      none called "typo"; runseal key list shows yours\n');
  });

  it("says which key would sign where there are several", async () => {
    using project = await makeSealedProject();
    await project.done(["key", "new", "bob", "--no-passphrase"]);
    expect((await project.done(["status"])).stdout).toContain("key      several, and none is the default");
    expect(await project.json(["status"])).toMatchObject({ key: null });
    await project.done(["key", "default", "bob"]);
    expect(await project.json(["status"])).toMatchObject({ key: { name: "bob" } });
  });

  it("remembers a history that was begun anew where the user accepts it, and no other one", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out", "--id", "one"]);
    rmSync(project.at(".runseal"), { recursive: true });
    await project.run(["seal", "out", "--id", "anew"]);
    expect(await project.json(["status"])).toMatchObject({ whole: false });
    const asked = await project.run(["status", "--accept-history"]);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain(
      "one, which this machine saw sealed here, is not in the history that ends with anew\n",
    );
    expect(asked.stderr).toContain("nothing was done: --yes does it without asking");
    expect(await project.json(["status"])).toMatchObject({ whole: false });
    const { stderr } = await project.run(["status", "--accept-history", "--yes"]);
    expect(stderr).toBe("note: this machine remembers anew now, and one no more\n");
    expect(await project.json(["status"])).toMatchObject({ whole: true });
    expect((await project.run(["seal", "out", "--id", "next"])).stderr).toBe("");
    rmSync(project.at(".runseal/runs/anew"), { recursive: true });
    const gap = await project.run(["status", "--accept-history", "--yes"]);
    expect({ code: gap.exitCode, isNamed: gap.stderr.includes("whole otherwise") }).toEqual({
      code: 2,
      isNamed: true,
    });
  });

  it("compares a guarded folder with its latest snapshot", async () => {
    using project = await makeProjectWithKey();
    await project.done(["snapshot", "out", "--id", "first"]);
    const there = { cwd: project.at("out") };
    expect(await project.json(["status"], there)).toMatchObject({
      head: { run_id: "first" },
      state: "as-sealed",
    });
    project.write({ "out/c.txt": "c" });
    cpSync(project.at("out/c.txt"), project.at("out/a.txt"));
    expect((await project.done(["status"], there)).stdout).toMatch(
      /\n {2}changed: +a\.txt\b.*\n {2}added: +c\.txt\b/,
    );
  });

  it("speaks of the guard in a guarded folder: what changed since, the last runs, and what takes them back", async () => {
    using project = await makeProjectWithKey();
    for (const id of ["one", "two", "three", "four"])
      await project.run(shell(`mkdir ${id}; echo ${id} > ${id}/file`, "--guard", ".", "--id", id));
    rmSync(project.at("four"), { recursive: true });
    const { stdout } = await project.done(["status"]);
    expect(stdout).toMatch(
      /^snapshot four\.after, sealed \S+, by default \(trusted\)\nfolder {3}changed: 1 removed\nruns {5}four /,
    );
    expect(stdout).toMatch(/\n {9}two .*\[undo two\]\n {9}1 older; runseal log lists them\nhistory /);
    expect(stdout).toContain("\n  removed:    four/  (1 path)\n");
    expect(stdout).toContain("\n  runseal diff       shows what changed\n");
    expect(stdout).toContain("\n  runseal undo four  takes it back\n");
    expect(await project.json(["status"])).toMatchObject({
      guard: { snapshot: "four.after", state: "changed", runs: ["four", "three", "two"], more: 1 },
    });
  });

  it("says shortly of a guard beside a project how the folder is since its newest snapshot", async () => {
    using project = await makeSealedProject();
    await project.done(["snapshot", ".", "--id", "kept"]);
    project.write({ "elsewhere.txt": "" });
    const { stdout } = await project.done(["status"]);
    expect(stdout).toMatch(
      /^run {6}one, .*\nfolder {3}as it was sealed, 2 files\nguard {4}changed: 1 added since kept; /,
    );
    expect(await project.json(["status"])).toMatchObject({
      state: "as-sealed",
      guard: { snapshot: "kept", state: "changed", runs: ["kept"], more: 0 },
    });
    expect(await project.json(["status"])).toMatchObject({ changes: [] });
  });
});
