import { generateKeyPairSync } from "node:crypto";
import { renameSync, rmSync, symlinkSync } from "node:fs";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { describe, expect, it } from "vitest";
import { processIo } from "../../../src/cli/output/process-io.ts";
import { makeProgram } from "../../../src/cli/program.ts";
import { makeProject, makeSealedProject, setMode } from "../../support/command/cli.ts";
import { breachesOf, SCHEMA_NAMES } from "../../support/command/json-schemas.ts";
import { LiveRun, shell } from "../../support/command/run.ts";
import { SchemaCheck } from "../../support/command/schema-check.ts";

const OTHER_ROOT = "0".repeat(64);

/** Command lines of one part of runseal, as SchemaCheck runs them, and members that they print. */
interface Scenario {
  readonly lines: readonly string[];
  readonly printed: readonly string[];
}

const OF_KEYS: Scenario = {
  lines: [
    "init --name alice --no-passphrase",
    "key new bob --no-passphrase",
    "key import key.pem --name carol --no-passphrase",
    "key default alice",
    "key default",
    "key show alice",
    "key list",
    "key export alice --format runseal",
    "key export alice --format minisign",
    "key export alice --format signify",
    "key export alice --format allowed-signers",
    "key passwd bob --no-passphrase",
    "trust add dora PUBLIC_KEY",
    "trust check PUBLIC_KEY",
    "trust require 1 of alice",
    "trust list",
    "! frobnicate",
    "explain",
    "explain HASH_MISMATCH",
    "explain 3",
    "key rm bob --yes",
    "trust revoke dora --at 20200101",
    "trust revoke dora --at 20200101",
    "trust remove dora",
  ],
  printed: [
    "error: details",
    "key-show: fingerprint",
    "key-export: minisign",
    "key-export: signify",
    "key-export: allowed_signers",
    "key-list: default_key",
    "key-list: keys[].fingerprint",
    "key-default: name",
    "key-rm: name",
    "trust-revoke: revoked[].revoked_at",
    "trust-revoke: unchanged[].revoked_at",
    "trust-check: signer.fingerprint",
  ],
};

const OF_RUNS: Scenario = {
  lines: [
    "key new bob --no-passphrase",
    "key default default",
    "seal out --id two --ignore *.tmp --links none",
    "seal out --id five --unsigned --links none",
    "sign five --yes",
    "! seal out --id four",
    "! seal .runseal",
    "sign --counter one --key bob",
    "! sign --counter two --key bob --signer PUBLIC_KEY",
    "push one one.runseal",
    "export one --format all -o evidence",
    "export one --format sums --any-signer",
    "export --format sums -o newest",
    "verify one",
    "verify one --all",
    "verify one --stored",
    "verify one.runseal --files .",
    "export one --format verdict -o verdict.json",
    "export one",
    "verify one --junit junit.xml --report page.html",
    "verify --report newest.html",
    "! verify nowhere",
    "! verify one --expect-id two",
  ],
  printed: [
    "seal: failed_runs",
    "seal: unkept",
    "seal: ignored.patterns",
    "seal: left_out[].reason",
    "seal: details.refused[].reason",
    "sign: act",
    "sign: signer.fingerprint",
    "sign: countersigner.fingerprint",
    "sign: trust.reason",
    "push: runs[].signer.fingerprint",
    "push: sha256",
    "export: exporter.fingerprint",
    "export: newest_run_id",
    "export: files[].sha256",
    "export: commands[].command",
    "export: trust.reason",
    "verify: signer.fingerprint",
    "export: exporter.fingerprint",
    "verify: junit",
    "verify: report",
    "verify: unsealed.below",
    "verify: trust.countersigners[].signed_at",
    "verify: details.what",
    "verify: details.names",
  ],
};

const OF_HISTORY: Scenario = {
  lines: [
    "seal out --id two",
    "verify --history",
    "verify --history --junit chain.xml",
    "verify --history .runseal/runs/one .runseal/runs/two",
    `! verify --history --expect ${OTHER_ROOT}`,
    "log",
    "log --verify",
    "show one",
    `! show one --expect ${OTHER_ROOT}`,
    "diff one two",
    "prune",
    "store check",
    "status",
    "doctor",
    "completion bash",
    "verify",
    "show",
    "store cat b6a98d9ce9a2d9149288fa3df42d377c3e42737afdcdaf714e33c0a100b51060",
  ],
  printed: [
    "verify-history: runs[].differing",
    "verify-history: junit",
    "verify-history: killed_run_ids",
    "verify-history: details.what",
    "log: runs[].command",
    "status: last_run.trust.reason",
    "status: trusted[].key_id",
    "doctor: checks[].cost",
    "verify: newest_run_id",
    "show: newest_run_id",
    "log: runs[].failed_runs_more",
    "log: runs[].place",
    "show: command",
    "show: details.what",
    "diff: before.run_failure",
  ],
};

const OF_PROOFS: Scenario = {
  lines: [
    "prove one out/a.txt",
    "prove out/a.txt",
    "prove one out/a.txt -o proof.json",
    "! prove one nowhere",
    `! prove one out/a.txt --expect ${OTHER_ROOT}`,
    "export --format page -o verify.html",
    "export --format page -o -",
    "check proof.json out/a.txt",
    "! check proof.json",
    `! check proof.json out/a.txt --expect ${OTHER_ROOT}`,
  ],
  printed: [
    "prove: details.names",
    "prove: newest_run_id",
    "prove: details.what",
    "check: claims[].sha256",
    "check: files[].matched_by",
    "check: details.what",
  ],
};

const OF_RESTORES: Scenario = {
  lines: [
    "seal out --id two",
    "restore --to newest --mkdir",
    "restore one --to there --mkdir --dry-run",
    "restore one --to there --mkdir",
    "restore one two --to both --mkdir",
    "restore one --to bare --mkdir --no-report",
    `! restore one --to more --mkdir --expect ${OTHER_ROOT}`,
    "! restore one --to more --mkdir --signer PUBLIC_KEY",
    "! undo --restored bare one --signer PUBLIC_KEY",
    "undo --restored bare one",
    "recover there",
    "undo --restored there --dry-run",
    "undo --restored there",
  ],
  printed: [
    "restore: failed_run",
    "restore: newest_run_id",
    "restore: report",
    "restore: runs[].signer.fingerprint",
    "restore: trust.reason",
    "restore: details.what",
    "undo-restored: bundle_roots",
    "undo-restored: trust.reason",
  ],
};

const OF_SNAPSHOTS: Scenario = {
  lines: [
    "snapshot out -m first --ignore *.tmp",
    "snapshot out",
    "prune --all-guards --keep-last 1",
    "log --guard out",
    "prune --guard out --keep-last 1",
    "store size",
  ],
  printed: [
    "snapshot: tree.programs",
    "snapshot: not_guarded.entries",
    "prune-all-guards: guards[].code",
    "snapshot: unsettled",
    "log: runs[].moment",
    "log: unlisted_runs",
    "prune: cut",
    "store-size: places[].changed_at",
  ],
};

/** The words of each command that does something, such as `key new`. */
function commandsOf(command: CommandUnknownOpts, words: readonly string[] = []): readonly string[] {
  if (command.commands.length === 0) return [words.join(" ")];
  return command.commands.flatMap((child) => commandsOf(child, [...words, child.name()]));
}

async function checkScenario(checked: SchemaCheck, { lines, printed }: Scenario): Promise<void> {
  for (const line of lines) await checked.run(line);
  checked.expectAllNamed(printed);
}

describe("the published schemas", () => {
  it("are all valid schemas", () => {
    for (const name of SCHEMA_NAMES) expect(breachesOf(name, {}), name).not.toEqual([]);
  });

  it("exist for each command, and one for errors", async () => {
    const { close, io } = processIo(process);
    const program = await makeProgram(io, () => undefined, { flags: [], behindTerminator: [] });
    close();
    const names = commandsOf(program).map((words) => words.replace(" ", "-"));
    expect(SCHEMA_NAMES).toEqual(
      [...names, "prune-all-guards", "undo-restored", "verify-history", "error"].sort(),
    );
  });

  it("refuse what is not a report, and a success with another code or exit code", () => {
    const done = { ok: true, code: "OK", message: "m", details: {}, exit_code: 0 };
    expect(breachesOf("error", done)).toEqual([]);
    expect(breachesOf("error", { ...done, exit_code: 1 })).not.toEqual([]);
    expect(breachesOf("error", { ...done, ok: false })).not.toEqual([]);
    expect(breachesOf("error", { ...done, code: null })).not.toEqual([]);
    expect(breachesOf("verify", done)).not.toEqual([]);
    expect(breachesOf("prune", { ...done, removed: -1 })).not.toEqual([]);
  });
});

describe("the published schemas name every member, at any depth, that is printed", () => {
  it("by commands on keys and trust, and of a home folder that HOME does not name", async () => {
    using project = makeProject();
    const { privateKey } = generateKeyPairSync("ed25519");
    project.write({ "key.pem": privateKey.export({ type: "pkcs8", format: "pem" }) });
    setMode(project.at("key.pem"), 0o600);
    const checked = new SchemaCheck(project);
    const { home_of } = await checked.run("trust list", { HOME: "home", XDG_CONFIG_HOME: "" });
    expect(home_of).toEqual(expect.any(String));
    await checkScenario(checked, OF_KEYS);
  });

  it("by commands on sealed runs", async () => {
    using project = await makeSealedProject();
    project.write({ "out/c.tmp": "" });
    symlinkSync("/a.txt", project.at("out/link"));
    await checkScenario(new SchemaCheck(project), OF_RUNS);
  });

  it("by commands on a project's history and store", async () => {
    using project = await makeSealedProject();
    await checkScenario(new SchemaCheck(project), OF_HISTORY);
  });

  it("by commands on proofs", async () => {
    using project = await makeSealedProject();
    await checkScenario(new SchemaCheck(project), OF_PROOFS);
  });

  it("by snapshots", async () => {
    using project = await makeSealedProject();
    await checkScenario(new SchemaCheck(project), OF_SNAPSHOTS);
  });

  it("by restores and undos", async () => {
    using project = await makeSealedProject();
    await checkScenario(new SchemaCheck(project), OF_RESTORES);
  });

  it("by reverts", async () => {
    using project = await makeProject();
    project.write({ "work/a": "1", "work/b/c": "1" });
    const guarded = "--guard work";
    await project.run(["snapshot", "work", "--id", "first"]);
    project.write({ "work/a": "2", "work/d": "2" });
    const checked = new SchemaCheck(project);
    await checked.run(`undo --to first ${guarded} --dry-run`);
    await checked.run(`undo --to first ${guarded}`);
    await checked.run(`! undo first ${guarded}`);
    project.write({ "work/a": "3" });
    await checked.run(`! redo ${guarded}`);
    await checked.run(`redo --skip-changed ${guarded}`);
    rmSync(project.at("work/b"), { recursive: true });
    project.write({ "work/b": "a file" });
    await checked.run(`undo --to first ./work/b ${guarded}`);
    rmSync(project.at("work/b/c"));
    project.write({ "work/b/.runseal": "" });
    await checked.run(`! redo --take-changed ${guarded}`);
    checked.expectAllNamed([
      "undo: details.paths[].action",
      "undo: details.before",
      "undo: undo_id",
      "redo: details.changed[].change",
      "redo: details.blocked[].reason",
      "redo: skipped",
    ]);
  });

  it("of an older run whose files a later run overwrote, and of a tampered one", async () => {
    using project = await makeSealedProject();
    const checked = new SchemaCheck(project);
    project.write({ "out/a.txt": "later\n" });
    await checked.run("seal out --id two");
    expect(await checked.run("! verify one --all")).toMatchObject({
      moved_on: { run_id: "two" },
      stored: "whole",
    });
    expect(await checked.run("verify --history")).toMatchObject({
      runs: [{ differing: 1 }, { differing: 0 }],
    });
    project.write({ "out/a.txt": "tampered\n" });
    expect(await checked.run("! verify two")).toMatchObject({ moved_on: null, run_failure: null });
    await checked.run("! verify two --all");
    expect(await checked.run("status")).toMatchObject({
      changes: [{ path: "out/a.txt", change: "changed" }],
    });
    await checked.run("log --verify");
    await checked.run("! verify --history");
    await checked.run("restore two --to there --mkdir");
    await checked.run("! restore .runseal/runs/two --files nowhere --to more --mkdir");
    project.write({ "there/out/a.txt": "tampered\n" });
    await checked.run("! undo --restored there");
    project.write({ "out/a.txt": "later\n" });
    renameSync(project.at(".runseal/runs/two"), project.at(".runseal/runs/moved"));
    await checked.run("! verify .runseal/runs/moved");
    await checked.run("! show .runseal/runs/moved");
    await checked.run("! verify --history");
    checked.expectAllNamed([
      "verify: failures[].actual",
      "verify: details.sealed_as",
      "show: details.sealed_as",
      "restore: details.verifier_code",
      "undo-restored: details.changed[].change",
      "log: runs[].verdict.details.path",
      "verify-history: findings[].reason",
    ]);
  });

  it("of runs that succeeded, failed or were killed", async () => {
    using project = await makeSealedProject();
    const checked = new SchemaCheck(project);
    const made = "echo made > made";
    const sealed = await checked.runShell(made, "--id", "good", "--ignore", "*.tmp");
    expect(sealed).toMatchObject({ ok: true, command_could_sign: "plain-file" });
    expect(await checked.runShell(made, "--id", "good")).toMatchObject({ ok: false, command: null });
    expect(await checked.runShell("ln -sf /good made")).toMatchObject({
      code: "ENTRIES_REFUSED",
      details: { reason: "links-leave-root" },
    });
    rmSync(project.at("made"));
    expect(await checked.runShell("mkfifo made", "--strict")).toMatchObject({
      code: "ENTRIES_REFUSED",
      details: { reason: "special" },
    });
    rmSync(project.at("made"));
    expect(await checked.runShell(`${made}; exit 3`, "--id", "bad")).toMatchObject({ exit_code: 3 });
    expect(await checked.runShell("kill -9 $$", "--id", "signalled")).toMatchObject({ exit_code: 137 });
    project.write({ "tmp/there": "" });
    await checked.runShell("echo left > tmp/left; rm -f made", "--id", "dirty", "--scratch", "tmp");
    await checked.run("! verify bad");
    await checked.run("! show bad");
    await checked.run("! restore bad --to there --mkdir");
    await checked.run("restore bad --failed --to there --mkdir");
    const live = new LiveRun(project, shell("echo begun; sleep 60", "--output", "other", "--id", "killed"));
    await live.says("begun");
    live.kill("SIGKILL", "group");
    await live.end();
    await checked.run("log");
    rmSync(project.at("made"), { force: true });
    await checked.runShell(made, "--id", "last");
    await checked.run("show last");
    expect(await checked.run("verify --history")).toMatchObject({ killed_run_ids: ["killed"] });
    rmSync(project.at(".runseal/runs/bad"), { recursive: true });
    await checked.run("! verify --history");
    rmSync(project.at(".runseal/HEAD"));
    await checked.run("! seal out --id two");
    await checked.run("! verify --history");
    await checked.run("log");
    checked.expectAllNamed([
      "run: failed_runs[].bundle_root",
      "run: unkept",
      "run: ignored.patterns",
      "run: killed_runs[].started",
      "run: missing_outputs",
      "run: scratch.differences[].type",
      "run: command.signal",
      "run: details.refused[].reason",
      "run: details.status",
      "run: details.signal",
      "verify: run_failure.message",
      "show: run_failure.message",
      "show: failed_runs[].run_id",
      "restore: failed_run.message",
      "log: runs[].run_failure.code",
      "log: unlisted_runs[].state",
      "verify-history: findings[].missing[].bundle_root",
      "verify-history: details.missing[].bundle_root",
      "seal: details.names",
      "seal: details.remembered",
    ]);
  });
});
