// What the README promises, played on the system at hand: every verb, other homes, hostile names, kills, and two processes at one lock.
// test/windows/run.sh plays it under Wine, test/elsewhere/scenario.long.test.ts on Linux with and without /proc, and GitHub's CI on macOS and
// Windows. Usage: node test/elsewhere/scenario.mjs [MAIN]   where MAIN is the command's main.js (default: the built one)
// SCENARIO_REGISTRY is a registry without a password, HOST:PORT; without it, runs travel by a layout in a folder. SCENARIO_SMALL is a
// folder on a file system with less than 4 MiB. With SCENARIO_SHOW=1 the output of each command is printed.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = resolve(process.argv[2] ?? fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url)));
const HOOK = new URL("../support/command/stop-at.mjs", import.meta.url).href;
const { SCENARIO_REGISTRY, SCENARIO_SHOW, SCENARIO_SMALL, ...surroundings } = process.env;

const isWindows = process.platform === "win32";
const holdsFolders = process.platform === "linux" && existsSync("/proc/self/fd");

/** The same of a restore into a folder that is there, of an undo of it, and of an undo of a run. */
const KILLS_THERE = ["linkSync:3", "linkSync:5", "fsyncSync:4", "renameSync:1", "unlinkSync:2"];

/** Calls of a restore before which it is killed: some of each kind, from the first folder to the last name that is removed. */
const KILLS = ["mkdirSync:2", "mkdirSync:4", "fchmodSync:2", "renameSync:1", "renameSync:2", "rmdirSync:2"];

const LONG = `out/${"long folder/".repeat(24)}c.txt`;

const FILES = {
  "out/a.txt": "alpha\n",
  "out/deep/er/b.bin": "b".repeat(300_000),
  "out/empty.txt": "",
  "out/ünï 日本 (1).txt": "names\n",
  [LONG]: "long\n",
};

const folder = mkdtempSync(join(tmpdir(), "runseal scenario ü-"));
const home = join(folder, "home");
const project = join(folder, "project");

/** A new user: on Windows without HOME, as everywhere there. */
const env = {
  ...Object.fromEntries(
    Object.entries(surroundings).filter(([name]) => !/^(XDG_.*|HOME|NODE_OPTIONS|RUNSEAL_.*)$/.test(name)),
  ),
  ...(isWindows
    ? {
        USERPROFILE: home,
        APPDATA: join(home, "AppData", "Roaming"),
        LOCALAPPDATA: join(home, "AppData", "Local"),
      }
    : { HOME: home }),
};

let steps = 0;
function step(text) {
  steps++;
  console.log(`${String(steps).padStart(3)}  ${text}`);
}

function show(args, { status, stderr, stdout }) {
  if (SCENARIO_SHOW !== "1") return;
  console.log(`       $ runseal ${args.join(" ")}`);
  for (const line of `${stdout}${stderr}`.split("\n").filter(Boolean).slice(0, 12))
    console.log(`       ${line.slice(0, 160)}`);
  console.log(`       exit ${status}`);
}

function runseal(args, more = {}, cwd = project) {
  const end = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...env, ...more },
    encoding: "utf8",
  });
  show(args, end);
  return end;
}

/** Plays a command that must end with a code, by default 0. */
function plays(args, { status = 0, env: more, cwd } = {}) {
  const end = runseal(args, more, cwd);
  assert.equal(end.status, status, `runseal ${args.join(" ")}\n${end.stdout}${end.stderr}`);
  step(`runseal ${args.join(" ").replaceAll(folder, "…").slice(0, 100)}: exit ${status}`);
  return end.stdout;
}

/** The same for a command that must be refused with a code of runseal's. Gives the facts of the failure. */
function refuses(code, args, { env: more, cwd } = {}) {
  const own = args.includes("--") ? args.indexOf("--") : args.length;
  const end = runseal(args.toSpliced(own, 0, "--json"), more, cwd);
  // Standard output is the command's own where one is run.
  const facts = JSON.parse(end.stdout || end.stderr);
  assert.equal(facts.code, code, `runseal ${args.join(" ")}\n${end.stdout}${end.stderr}`);
  step(`runseal ${args.join(" ").replaceAll(folder, "…").slice(0, 100)}: ${code}, exit ${end.status}`);
  return facts.details;
}

/** The same where a file system takes a name for another one that differs in capitals only. */
function refusesCase(path, other, args) {
  const { reason, refused } = refuses("RESTORE_FINALIZE_FAILED", args);
  assert.deepEqual(
    { reason, refused },
    { reason: "no-case", refused: [{ path, reason: "collision", other }] },
  );
}

/** Starts a command. Gives a promise of its exit code or signal. */
function starts(args, more = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: project,
    env: { ...env, ...more },
    stdio: "ignore",
  });
  return new Promise((end) => child.on("exit", (status, signal) => end(status ?? signal)));
}

/** What makes a command be killed before a call of node:fs. */
function killedAt(call) {
  return { NODE_OPTIONS: `--import ${HOOK}`, STOP_AT: `${call}:SIGKILL`, STOP_AFTER: "" };
}

function leftovers() {
  return leftoversIn(project);
}

function leftoversIn(path) {
  return readdirSync(path).filter((name) => name.startsWith(".spectrum06_"));
}

/** Nothing, or every byte. */
function stateOf(target) {
  if (!existsSync(target)) return "nothing";
  for (const [path, content] of Object.entries(FILES)) {
    assert.equal(readFileSync(join(target, path), "utf8"), content, path);
  }
  return "everything";
}

function keysAndTrust() {
  plays(["doctor"]);
  plays(["init", "--name", "ci", "--no-passphrase"]);
  const config = isWindows ? join(home, "AppData", "Roaming") : join(home, ".config");
  assert.deepEqual(readdirSync(join(config, "runseal", "keys")).sort(), ["ci.key", "ci.pub"]);
  writeFileSync(join(folder, "passphrase"), "correct horse\n", { mode: 0o600 });
  const withPassphrase = { RUNSEAL_PASSPHRASE_FILE: join(folder, "passphrase") };
  plays(["key", "new", "locked"], { env: withPassphrase });
  plays(["key", "default", "ci"]);
  const { privateKey } = generateKeyPairSync("ed25519");
  writeFileSync(join(folder, "key.pem"), privateKey.export({ format: "pem", type: "pkcs8" }), {
    mode: 0o600,
  });
  const imports = ["key", "import", join(folder, "key.pem"), "--name", "imported", "--no-passphrase"];
  const asks = { RUNSEAL_PASSPHRASE_COMMAND: "echo correct horse" };
  if (isWindows) {
    refuses("SYSTEM_UNSUPPORTED", imports);
    refuses("SYSTEM_UNSUPPORTED", ["key", "new", "asked"], { env: asks });
  } else {
    plays(imports);
    plays(["key", "new", "asked"], { env: asks });
  }
  plays(["key", "list"]);
  plays(["trust", "list"]);
  return withPassphrase;
}

function homes() {
  const named = isWindows ? "APPDATA" : "HOME";
  for (const value of ["", "relative/home"]) {
    const isFound = isWindows && value === "";
    if (!isFound)
      refuses("HOME_UNUSABLE", ["key", "new", "other", "--no-passphrase"], { env: { [named]: value } });
    refuses("HOME_UNUSABLE", ["key", "new", "other", "--no-passphrase"], {
      env: { [named]: "relative/home", XDG_CONFIG_HOME: value },
    });
  }
  const other = join(folder, "an öther home");
  plays(["init", "--name", "other", "--no-passphrase"], { env: { XDG_CONFIG_HOME: other } });
  assert.ok(existsSync(join(other, "runseal", "keys", "other.key")));
  assert.deepEqual(readdirSync(project).sort(), ["out"]);
}

function sealsAndVerifies(withPassphrase) {
  plays(["seal", "out", "--id", "one"]);
  plays(["verify", "one"]);
  plays(["verify", ".runseal/runs/one"]);
  plays(["verify", join(project, ".runseal", "runs", "one"), "--files", project], { cwd: folder });
  appendFileSync(join(project, "out/a.txt"), "changed\n");
  refuses("HASH_MISMATCH", ["verify", "one"]);
  plays(["verify", "one", "--stored"]);
  writeFileSync(join(project, "out/a.txt"), FILES["out/a.txt"]);
  writeFileSync(join(project, "out/extra.txt"), "x");
  refuses("TREE_EXTRA", ["verify", "one", "--exact"]);
  rmSync(join(project, "out/extra.txt"));
  plays(["seal", "out", "--id", "locked", "--key", "locked"], { env: withPassphrase });
  const program = 'require("node:fs").writeFileSync("out/made.txt", "made")';
  plays(["run", "--id", "two", "--output", "out", "--", process.execPath, "-e", program]);
  plays(["run", "--id", "failed", "--output", "out", "--", process.execPath, "-e", "process.exit(3)"], {
    status: 3,
  });
  refuses("RUN_EXISTS", ["run", "--id", "two", "--output", "out", "--", process.execPath, "-v"]);
  rmSync(join(project, "out/made.txt"));
  plays(["status"]);
  plays(["log"]);
  plays(["verify", "--history", "one", "locked", "two"], { status: 1 });
  plays(["log", "--verify"]);
  plays(["show", "two"]);
  plays(["diff", "one", "two"]);
  plays(["verify", "one", "--report", join(folder, "report.html")]);
  plays(["export", "--format", "page", "-o", join(folder, "page.html")]);
}

function evidence(withPassphrase) {
  plays(["prove", "one", "out/a.txt", "-o", join(folder, "proof.json")]);
  plays(["check", join(folder, "proof.json"), "out/a.txt"]);
  plays(["export", "one", "--format", "sums", "-o", join(folder, "sums")]);
  plays(["export", "one", "--format", "sigstore", "-o", join(folder, "evidence")]);
  for (const name of readdirSync(join(folder, "evidence")).filter((file) =>
    file.endsWith(".sigstore.json"),
  )) {
    plays(["check", join(folder, "evidence", name)]);
  }
  plays(["sign", "--counter", ".runseal/runs/one", "--key", "locked"], { env: withPassphrase });
}

function travels() {
  plays(["push", "one", join(folder, "one.tar")]);
  plays(["verify", join(folder, "one.tar")]);
  plays(["restore", join(folder, "one.tar"), "--to", "from-archive", "--mkdir"]);
  assert.equal(stateOf(join(project, "from-archive")), "everything");
  const place = SCENARIO_REGISTRY
    ? `${SCENARIO_REGISTRY}/ci/outputs`
    : `oci-layout:${join(folder, "layout")}`;
  plays(["push", "one", `${place}:main`]);
  plays(["verify", `${place}:main`]);
  plays(["log", place]);
  plays(["pull", `${place}:main`, "--here", "--project", join(folder, "pulled")]);
  plays(["verify", "one", "--stored"], { cwd: join(folder, "pulled") });
  plays(["store", "check"]);
  plays(["prune"]);
}

function hostilePlaces() {
  refuses("PATH_NOT_FOUND", [
    "verify",
    isWindows ? "\\\\host.invalid\\share\\one" : "//host.invalid/share/one",
  ]);
  refuses("PATH_NOT_FOUND", ["verify", isWindows ? "Q:\\one" : "/no/such/disk/one"]);
  writeFileSync(join(folder, "Case"), "");
  const foldsCase = existsSync(join(folder, "cASE"));
  const refusesReserved = (args) => refuses("RESTORE_FINALIZE_FAILED", args);
  const refusesFolded = (args) => refusesCase("out/a.txt", "out/A.txt", args);
  for (const [name, isRefused, refusal] of [
    ["reserved-names", isWindows, refusesReserved],
    ["folded-names", foldsCase, refusesFolded],
  ]) {
    const archive = fileURLToPath(new URL(`${name}.tar`, import.meta.url));
    const args = ["restore", archive, "--any-signer", "--to", name, "--mkdir"];
    if (isRefused) refusal(args);
    else plays(args);
    assert.equal(existsSync(join(project, name)), !isRefused);
    const there = `${name}-there`;
    mkdirSync(join(project, there));
    const into = args.with(args.indexOf(name), there).slice(0, -1);
    if (isRefused) refusal(into);
    else plays(into);
    assert.equal(readdirSync(join(project, there)).length > 0, !isRefused);
    assert.deepEqual(leftovers(), []);
  }
  if (SCENARIO_SMALL === undefined) return;
  const target = join(SCENARIO_SMALL, "new");
  writeFileSync(join(project, "big.bin"), Buffer.alloc(8_000_000, 7));
  plays(["seal", "big.bin", "--id", "big", "--out", join(folder, "bundles")]);
  const full = runseal([
    "restore",
    join(folder, "bundles", "big"),
    "--files",
    ".",
    "--to",
    target,
    "--mkdir",
    "--json",
  ]);
  assert.equal(full.status, 6, full.stdout + full.stderr);
  assert.deepEqual(readdirSync(SCENARIO_SMALL), []);
  step(`restore onto a full disk: ${JSON.parse(full.stdout).code}, exit 6, nothing left`);
  rmSync(join(project, "big.bin"));
}

function restores() {
  const into = (target) => ["restore", "one", "--to", target, "--mkdir"];
  plays(into("new"));
  assert.equal(stateOf(join(project, "new")), "everything");
  plays(["verify", ".runseal/runs/one", "--files", "new"]);
  assert.deepEqual(leftovers(), []);
  mkdirSync(join(project, "there"));
  writeFileSync(join(project, "there", "mine.txt"), "mine\n");
  const restored = JSON.parse(plays(["restore", "one", "--to", "there", "--json"]));
  assert.equal(restored.protection, holdsFolders ? undefined : isWindows ? "unchecked" : "permissions");
  assert.equal(stateOf(join(project, "there")), "everything");
  refuses("RESTORE_TARGET_PATH_EXISTS", ["restore", "one", "--to", "there"]);
  assert.equal(stateOf(join(project, "there")), "everything");
  appendFileSync(join(project, "there/out/a.txt"), "changed\n");
  refuses("UNDO_TARGET_CHANGED", ["undo", "--restored", "there"]);
  writeFileSync(join(project, "there/out/a.txt"), FILES["out/a.txt"]);
  plays(["undo", "--restored", "there"]);
  assert.deepEqual(readdirSync(join(project, "there")), ["mine.txt"]);
  restoresKilled();
  if (!isWindows && !holdsFolders) {
    mkdirSync(join(project, "shared"));
    chmodSync(join(project, "shared"), 0o777);
    refuses("RESTORE_PARENT_SHARED", into("shared/new"));
    refuses("RESTORE_PARENT_SHARED", ["restore", "one", "--to", "shared"]);
    assert.deepEqual(readdirSync(join(project, "shared")), []);
  }
  let kills = 0;
  for (const [number, call] of KILLS.entries()) {
    const target = `killed-${number}`;
    if (runseal(into(target), killedAt(call)).status === 0) continue;
    kills++;
    // Killed before it had made a folder, it left nothing to recover.
    if (leftovers().length > 0) plays(["recover", target]);
    const state = stateOf(join(project, target));
    assert.deepEqual(leftovers(), []);
    step(`killed before ${call}: ${state}`);
    if (state === "nothing") plays(into(target));
    assert.equal(stateOf(join(project, target)), "everything");
    rmSync(join(project, target), { recursive: true });
  }
  assert.ok(kills >= 3, `only ${kills} were killed`);
}

/** What an agent may do to a folder: change, remove, make, rename to other capitals, hold open. */
const WORK = `
const fs = require("node:fs");
fs.writeFileSync("work/changed.txt", "after");
fs.rmSync("work/gone", { recursive: true });
fs.mkdirSync("work/new/deep", { recursive: true });
fs.writeFileSync("work/new/deep/made.txt", "made");
fs.renameSync("work/Case.txt", "work/case.TXT");
fs.unlinkSync("work/kind"); fs.mkdirSync("work/kind"); fs.writeFileSync("work/kind/file", "");
`;

/** Everything below a folder: folders, and the bytes of files. */
function treeOf(path) {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const place = join(entry.parentPath, entry.name);
      return `${place} ${entry.isDirectory() ? "/" : readFileSync(place, "utf8")}`;
    })
    .sort();
}

function undoesWork() {
  const work = join(project, "work");
  mkdirSync(join(work, "gone"), { recursive: true });
  for (const name of ["changed.txt", "gone/a.txt", "Case.txt", "kind", "open.txt"])
    writeFileSync(join(work, name), `before ${name}`);
  const before = treeOf(work);
  plays(["run", "--guard", "work", "--id", "works", "--", process.execPath, "-e", WORK]);
  const after = treeOf(work);
  assert.notDeepEqual(after, before);
  const look = () => {
    const now = treeOf(work);
    assert.ok(
      [before, after].some((tree) => JSON.stringify(tree) === JSON.stringify(now)),
      now.join("\n"),
    );
    return JSON.stringify(now) === JSON.stringify(before) ? "before" : "after";
  };
  assert.ok(killsAll(["undo", "works", "--guard", "work"], "work", look, "before") >= 2);
  plays(["redo", "--guard", "work"]);
  assert.deepEqual(treeOf(work), after);
  // A file that this process holds open, to read: where the system lets it be replaced it is, and else nothing is changed.
  const held = openSync(join(work, "changed.txt"), "r");
  const end = runseal(["undo", "works", "--guard", "work", "--json"]);
  closeSync(held);
  const { code } = JSON.parse(end.stdout);
  assert.deepEqual(treeOf(work), end.status === 0 ? before : after);
  assert.deepEqual(leftoversIn(work), []);
  step(`undo while a file is open: ${code}, exit ${end.status}`);
  rmSync(work, { recursive: true });
}

/** Plays a command that is killed, and recovers. Each time everything or nothing is there. */
function killsAll(args, folderOf, look, isDone) {
  let kills = 0;
  for (const call of KILLS_THERE) {
    if (runseal(args, killedAt(call)).status === 0) {
      assert.equal(look(), isDone);
      return kills;
    }
    kills++;
    plays(["recover", folderOf]);
    assert.deepEqual(leftoversIn(join(project, folderOf)), []);
    const state = look();
    step(`killed before ${call}, and recovered: ${state}`);
    if (state === isDone) return kills;
  }
  plays(args);
  assert.equal(look(), isDone);
  return kills;
}

/** A restore into a folder that is there, and its undo. */
function restoresKilled() {
  const look = () => {
    const names = readdirSync(join(project, "there"));
    if (names.length > 1) return stateOf(join(project, "there"));
    assert.deepEqual(names, ["mine.txt"]);
    return "nothing";
  };
  assert.ok(killsAll(["restore", "one", "--to", "there"], "there", look, "everything") >= 2);
  assert.ok(killsAll(["undo", "--restored", "there"], "there", look, "nothing") >= 1);
  assert.equal(look(), "nothing");
}

function guards() {
  const program = 'require("node:fs").writeFileSync("guarded.txt", "new")';
  plays(["run", "--guard", ".", "--id", "guarded", "--", process.execPath, "-e", program]);
  plays(["snapshot", "."]);
  assert.match(plays(["log", "--guard", "."]), /guarded .*\+1 ~0 -0/);
  const undone = JSON.parse(plays(["undo", "guarded", "--json"]));
  assert.equal(undone.protection, holdsFolders ? undefined : isWindows ? "unchecked" : "permissions");
  assert.equal(existsSync(join(project, "guarded.txt")), false);
  plays(["redo"]);
  assert.equal(readFileSync(join(project, "guarded.txt"), "utf8"), "new");
  rmSync(join(project, "guarded.txt"));
  undoesWork();
  plays(["prune", "--guard", "."]);
}

async function lives() {
  const until = join(folder, "go on");
  const waiting = { ...killedAt("renameSync:2"), STOP_AT: "renameSync:2:WAIT", STOP_UNTIL: until };
  const restored = starts(["restore", "one", "--to", "slow", "--mkdir"], waiting);
  const isFilled = () =>
    leftovers().some((name) => existsSync(join(project, name, "root", "RESTORE_REPORT.json")));
  while (!isFilled()) await new Promise((wake) => setTimeout(wake, 50));
  refuses("RESTORE_BUSY", ["recover", "slow"]);
  writeFileSync(until, "");
  assert.equal(await restored, 0);
  assert.equal(stateOf(join(project, "slow")), "everything");
  step("the restore that lived goes on, and ends: exit 0");
}

async function locks() {
  const ends = await Promise.all(
    ["a", "b", "c"].map((id) => starts(["seal", "out", "--id", `beside-${id}`])),
  );
  assert.deepEqual(ends, [0, 0, 0]);
  step("three seals beside each other: each waits for its turn, exit 0");
  let killed = 0;
  for (const call of ["renameSync:1", "renameSync:2", "linkSync:1", "mkdirSync:3"]) {
    if ((await starts(["seal", "out", "--id", `killed-${call.replace(":", "-")}`], killedAt(call))) !== 0)
      killed++;
    plays(["seal", "out", "--id", `after-${call.replace(":", "-")}`]);
  }
  assert.ok(killed >= 2, `only ${killed} were killed`);
  // Ends once runseal has gone.
  const waits =
    'require("node:fs").writeFileSync("started", ""); const above = process.ppid; ' +
    "setInterval(() => { try { process.kill(above, 0); } catch { process.exit(); } }, 100)";
  const child = spawn(
    process.execPath,
    [MAIN, "run", "--id", "slow", "--output", "out", "--", process.execPath, "-e", waits],
    {
      cwd: project,
      env,
      stdio: "ignore",
    },
  );
  while (!existsSync(join(project, "started"))) await new Promise((wake) => setTimeout(wake, 50));
  refuses("RUN_EXISTS", ["run", "--id", "slow", "--output", "out", "--", process.execPath, "-v"]);
  child.kill("SIGKILL");
  await new Promise((gone) => child.once("exit", gone));
  const end = runseal(["run", "--id", "after-slow", "--output", "out", "--", process.execPath, "-v"]);
  assert.equal(end.status, 0, end.stderr);
  assert.match(end.stderr, /slow/);
  step("a killed run: the next run names it, exit 0");
  assert.match(plays(["status"]), /whole/);
  assert.deepEqual(
    readdirSync(join(project, ".runseal")).filter((name) => /lock/.test(name)),
    [],
  );
}

try {
  mkdirSync(home, { mode: 0o700 });
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(join(project, path, ".."), { recursive: true });
    writeFileSync(join(project, path), content);
  }
  plays(["--version"]);
  homes();
  const withPassphrase = keysAndTrust();
  sealsAndVerifies(withPassphrase);
  evidence(withPassphrase);
  travels();
  restores();
  guards();
  await lives();
  hostilePlaces();
  await locks();
  console.log(`${steps} steps (${process.platform}${holdsFolders ? "" : ", folders by path"})`);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
