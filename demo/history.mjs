// `npm run demo:history`: three runs of a real command, their history, and attacks on it. Each attack must be reported
// with its own code. Ends with exit code 0 only if everything is as expected.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("..", import.meta.url));
const program = join(repository, "dist/cli/main.js");
const scene = mkdtempSync(join(tmpdir(), "runseal-history-"));
const project = join(scene, "project");
const whole = join(scene, "whole");
const env = {
  ...process.env,
  HOME: scene,
  XDG_CONFIG_HOME: join(scene, "config"),
  XDG_STATE_HOME: join(scene, "state"),
  npm_config_cache: join(scene, "npm"),
  npm_config_update_notifier: "false",
};

try {
  mkdirSync(project);
  for (const name of ["package.json", "README.md", "CHANGELOG.md", "LICENSE"]) {
    cpSync(join(repository, name), join(project, name));
  }
  cpSync(join(repository, "dist/core"), join(project, "dist/core"), { recursive: true });

  title("Make a key, in a temporary home");
  runseal(0, "init", "--name", "demo", "--no-passphrase");

  title("Pack this project, and two edits of it: three runs");
  pack("one");
  writeFileSync(join(project, "CHANGELOG.md"), "# Changelog\n\nAn edit.\n");
  pack("two");
  writeFileSync(join(project, "README.md"), "# Another one\n");
  pack("three");

  title("The log, newest first, and what changed between the runs");
  runseal(0, "log");
  runseal(0, "diff", "one", "three");

  title("The history is one complete line; the store has the packs that later runs overwrote");
  runseal(0, "verify", "--history");
  cpSync(project, whole, { recursive: true });

  attack("Delete the bundle in the middle", "HISTORY_GAP", () => rmSync(run("two"), { recursive: true }));

  attack("Swap two bundles", "PAYLOAD_MISMATCH", () => {
    renameSync(run("one"), run("spare"));
    renameSync(run("two"), run("one"));
    renameSync(run("spare"), run("two"));
  });

  attack("Fork: copy the project, seal in both, and put both bundles into one", "HISTORY_FORK", () => {
    const copy = join(scene, "copy");
    cpSync(project, copy, { recursive: true });
    runseal(0, "seal", "README.md", "--id", "here");
    runseal(0, "seal", "README.md", "--id", "there", "--here", { cwd: copy });
    cpSync(join(copy, ".runseal/runs/there"), run("there"), { recursive: true });
  });

  attack("Roll HEAD back", "HISTORY_ROLLED_BACK", () => setHead("two"));

  attack("Truncate: delete the last bundle, and roll HEAD back", "HISTORY_TRUNCATED", () => {
    rmSync(run("three"), { recursive: true });
    setHead("two");
  });

  attack("Plant a bundle of another project", "HISTORY_FOREIGN", () => {
    const other = join(scene, "other");
    mkdirSync(other);
    writeFileSync(join(other, "README.md"), "elsewhere\n");
    runseal(0, "seal", "README.md", "--id", "foreign", "--here", { cwd: other });
    cpSync(join(other, ".runseal/runs/foreign"), run("foreign"), { recursive: true });
  });

  attack("Delete HEAD", "HEAD_MISSING", () => rmSync(join(project, ".runseal/HEAD")));

  title("The original history is accepted again");
  runseal(0, "verify", "--history");
} finally {
  rmSync(scene, { recursive: true, force: true });
}

function pack(id) {
  const command = ["npm", "pack", "--ignore-scripts", "--silent"];
  runseal(0, "run", "--id", id, "--input", "package.json", "--output", packed(), "--", ...command);
}

/** The name of the file that `npm pack` writes. */
function packed() {
  const { name, version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  return `${name}-${version}.tgz`;
}

/** Attacks the history, checks the reported code, and restores the project. */
function attack(words, code, act) {
  title(words);
  const restoreState = copyState("state", "state-kept");
  act();
  const { stderr } = runseal(1, "verify", "--history");
  if (!stderr.startsWith(`error: ${code}: `)) throw new Error(`expected ${code}`);
  rmSync(project, { recursive: true });
  cpSync(whole, project, { recursive: true });
  restoreState();
}

/** Copies the state folder and returns a function that restores it: an attack that seals changes the remembered head. */
function copyState(from, to) {
  cpSync(join(scene, from), join(scene, to), { recursive: true });
  return () => {
    rmSync(join(scene, from), { recursive: true });
    renameSync(join(scene, to), join(scene, from));
  };
}

function run(id) {
  return join(project, ".runseal/runs", id);
}

/** Sets HEAD back to the time when this run was the last. */
function setHead(id) {
  const read = (name) => JSON.parse(readFileSync(join(run(id), name), "utf8"));
  const { bundle_root } = read("SIGNED_PAYLOAD.json");
  const { proof_hash } = read("PROOF.json");
  const head = JSON.stringify({ bundle_root, proof_hash, run_id: id, version: 1 });
  writeFileSync(join(project, ".runseal/HEAD"), `${head}\n`);
}

function title(text) {
  console.log(`\n# ${text}`);
}

/** Runs the program, shows its output, and checks its exit code. The last argument may be `{ cwd }`. */
function runseal(expected, ...words) {
  const last = words.at(-1);
  const { cwd = project } = typeof last === "object" ? last : {};
  const args = words.filter((word) => typeof word === "string");
  console.log(`$ runseal ${args.join(" ")}`);
  const end = spawnSync(process.execPath, [program, ...args], { cwd, env, encoding: "utf8" });
  process.stdout.write(end.stdout + end.stderr);
  console.log(`(exit code ${end.status})`);
  if (end.status !== expected) throw new Error(`expected exit code ${expected}`);
  return end;
}
