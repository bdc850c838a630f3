// Restores into new folders on the system at hand, with the built command. CI runs it on macOS and Windows, which have no strace and no
// mount namespaces; test/cli/restore/restore-elsewhere.test.ts runs it on a Linux without /proc.
// Usage: node test/elsewhere/new-folder.mjs

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const HOOK = new URL("../support/command/stop-at.mjs", import.meta.url).href;

/** Calls of a restore before which it is killed: some of each kind, from the first folder to the last name that is removed. */
const KILLS = ["mkdirSync:2", "mkdirSync:4", "fchmodSync:2", "renameSync:1", "renameSync:2", "rmdirSync:2"];

const FILES = { "out/a.txt": "alpha\n", "out/deep/er/b.bin": "b".repeat(300_000), "out/empty.txt": "" };

const folder = mkdtempSync(join(tmpdir(), "new-folder-"));
const home = join(folder, "home");
const project = join(folder, "project");
const env = {
  ...process.env,
  HOME: home,
  XDG_CONFIG_HOME: join(home, "config"),
  XDG_STATE_HOME: join(home, "state"),
};

function runseal(args, more = {}) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: project,
    env: { ...env, ...more },
    encoding: "utf8",
  });
  return { status, signal, stdout, stderr };
}

function succeed(...args) {
  const end = runseal(args);
  assert.equal(end.status, 0, `runseal ${args.join(" ")}\n${end.stdout}${end.stderr}`);
  return end.stdout;
}

function refuse(code, ...args) {
  const end = runseal([...args, "--json"]);
  assert.equal(JSON.parse(end.stdout).code, code, `runseal ${args.join(" ")}\n${end.stdout}${end.stderr}`);
}

function leftovers() {
  return readdirSync(project).filter((name) => name.startsWith(".spectrum06_"));
}

/** Nothing, or every byte. */
function stateOf(target) {
  if (!existsSync(target)) return "nothing";
  for (const [path, content] of Object.entries(FILES)) {
    assert.equal(readFileSync(join(target, path), "utf8"), content, path);
  }
  return "everything";
}

try {
  mkdirSync(home, { mode: 0o700 });
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(join(project, path, ".."), { recursive: true });
    writeFileSync(join(project, path), content);
  }
  succeed("init", "--name", "ci", "--no-passphrase");
  // Outside of a project's own folder: Windows has no lock of a project.
  const bundles = join(folder, "bundles");
  succeed("seal", "out", "--id", "one", "--out", bundles);
  const one = join(bundles, "one");
  const into = (target) => ["restore", one, "--root", ".", "--to", target, "--mkdir"];

  succeed(...into("new"));
  assert.equal(stateOf(join(project, "new")), "everything");
  succeed("verify", one, "--root", "new");
  assert.deepEqual(leftovers(), []);

  refuse("RESTORE_INTERNAL_ERROR", ...into("new"));
  refuse("RESTORE_INTERNAL_ERROR", "undo", "new");
  mkdirSync(join(project, "there"));
  refuse("RESTORE_INTERNAL_ERROR", ...into("there"));
  assert.deepEqual(readdirSync(join(project, "there")), []);

  if (process.platform !== "win32") {
    mkdirSync(join(project, "shared"));
    chmodSync(join(project, "shared"), 0o777);
    refuse("RESTORE_PARENT_SHARED", ...into("shared/new"));
    assert.deepEqual(readdirSync(join(project, "shared")), []);
  }

  let kills = 0;
  for (const [number, call] of KILLS.entries()) {
    const target = `killed-${number}`;
    const NODE_OPTIONS = `--import ${HOOK}`;
    const end = runseal(into(target), { NODE_OPTIONS, STOP_AT: `${call}:SIGKILL`, STOP_AFTER: "" });
    if (end.status === 0) continue;
    kills++;
    // Killed before it had made a folder, it left nothing to recover.
    if (leftovers().length > 0) succeed("recover", target);
    const state = stateOf(join(project, target));
    assert.deepEqual(leftovers(), []);
    console.log(`killed before ${call}: ${state}`);
    if (state === "nothing") succeed(...into(target));
    assert.equal(stateOf(join(project, target)), "everything");
  }
  assert.ok(kills >= 3, `only ${kills} were killed`);
  console.log(`new folders: made, refused, and ${kills} times killed and recovered (${process.platform})`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
