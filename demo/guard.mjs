// `npm run demo:guard`: a careless agent works in a repository: it edits, deletes, turns links, commits and runs `git clean -xfd`. One
// undo takes all of it back, also files that git ignores. Ends with exit code 0 only if everything is as expected.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const scene = mkdtempSync(join(tmpdir(), "runseal-guard-"));
const project = join(scene, "project");
const copies = { before: join(scene, "before"), after: join(scene, "after") };
const env = {
  ...process.env,
  HOME: join(scene, "home"),
  TMPDIR: join(scene, "tmp"),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  ...named("AUTHOR"),
  ...named("COMMITTER"),
};
for (const name of ["CONFIG", "DATA", "STATE"]) delete env[`XDG_${name}_HOME`];
delete env.RUNSEAL_KEY;

/** What the agent does. Nothing of it goes through an editing tool that could keep a checkpoint. */
const AGENT = `
set -e
echo 'export const answer = 41;' > src/answer.js
rm -r docs
ln -sfn /nowhere latest
mkdir -p src/new/deep && echo '// TODO' > src/new/deep/index.js
chmod -x build.sh
git add -A && git commit -q -m 'fix everything'
git clean -xfdq
git stash list > /dev/null
rm -rf .git/hooks
exit 1
`;

try {
  for (const folder of [project, env.HOME, env.TMPDIR]) mkdirSync(folder);
  title("A repository with ignored files, a link, a script and an empty folder");
  makeProject();
  shell("git status --short --ignored");
  keep("before");

  title("The agent works under guard. It fails in the end, as agents do");
  writeFileSync(join(scene, "agent.sh"), AGENT);
  console.log(AGENT.trim().replaceAll(/^/gm, "  "));
  const run = runseal(1, "run", "--guard", ".", "--id", "fix", "--", "sh", "../agent.sh");
  expect(run.stderr.includes("[runseal undo fix]"), "the run must say how it is taken back");
  shell("git status --short --ignored; ls -A");
  keep("after");

  title("What there is to go back to");
  runseal(0, "log");

  title("What an undo would do");
  runseal(0, "undo", "fix", "--dry-run");

  title("One undo: git status and diff show nothing");
  runseal(0, "undo", "fix");
  isSame("before");
  expect(shell("git status --short").stdout === "", "git must see a clean tree");
  shell("git fsck --no-progress && git log --oneline");

  title("Redo: git status has refreshed .git/index since, which counts as the same");
  runseal(0, "redo");
  isSame("after");

  title("And undone again, with the whole history of it signed");
  runseal(0, "undo", "--to", "fix.before");
  isSame("before");
  runseal(0, "verify", "--history", "--any-signer", "--stored");
  runseal(0, "log");

  title("Confined, the command can't leave the folder: the kernel refuses");
  confined();
} finally {
  rmSync(scene, { recursive: true, force: true });
}

function makeProject() {
  write("src/answer.js", "export const answer = 42;\n");
  write("docs/guide.md", "# Guide\n");
  write("build.sh", "#!/bin/sh\necho built\n");
  chmodSync(join(project, "build.sh"), 0o755);
  write(".gitignore", "node_modules/\n.env\n*.local\n");
  symlinkSync("docs/guide.md", join(project, "latest"));
  mkdirSync(join(project, "empty"));
  shell("git init -q && git add -A && git commit -q -m first");
  write(".env", "TOKEN=never committed\n");
  write("node_modules/left/index.js", "module.exports = 1;\n");
  write("notes.local", "a note that git does not track\n");
}

function confined() {
  const probe = spawnSync("setpriv", ["--help"], { encoding: "utf8" });
  if (!probe.stdout?.includes("--landlock-access")) {
    console.log("(setpriv of util-linux 2.41 is not here: left out)");
    return;
  }
  const script = 'rm -rf "$HOME" 2> ../tmp/refused; echo x > ../outside; echo done > done';
  // Nothing refuses root's chown and chmod, so root has to ask for it.
  const asRoot = process.geteuid() === 0 ? ["--even-as-root"] : [];
  const confine = ["--guard", ".", "--confine", ...asRoot];
  runseal(0, "run", ...confine, "--id", "confined", "--", "sh", "-c", script);
  expect(spawnSync("ls", [join(scene, "outside")]).status !== 0, "nothing may be written outside");
  runseal(0, "undo", "confined");
  isSame("before");
}

/** Keeps a copy of the project to compare with. */
function keep(name) {
  cpSync(project, copies[name], { recursive: true, verbatimSymlinks: true });
}

/** Compares the project with a copy: bytes, names, links and modes. */
function isSame(name) {
  const copy = copies[name];
  const difference = spawnSync("diff", ["-r", "--no-dereference", copy, project], { encoding: "utf8" });
  console.log(
    `$ diff -r --no-dereference ${name} project\n${difference.stdout}(exit code ${difference.status})`,
  );
  expect(difference.status === 0, "nothing may be different");
  expect(listing(copy) === listing(project), "modes, links and folders must be the same");
}

function listing(folder) {
  const args = [".", "-path", "./.git/index", "-prune", "-o", "-printf", "%P %y %m %l\\n"];
  const { stdout } = spawnSync("find", args, { cwd: folder, encoding: "utf8" });
  return stdout.split("\n").sort().join("\n");
}

function named(role) {
  return { [`GIT_${role}_NAME`]: "agent", [`GIT_${role}_EMAIL`]: "agent@example.org" };
}

function write(path, content) {
  mkdirSync(join(project, path, ".."), { recursive: true });
  writeFileSync(join(project, path), content);
}

function title(text) {
  console.log(`\n# ${text}`);
}

function expect(holds, problem) {
  if (!holds) throw new Error(problem);
}

function shell(script) {
  console.log(`$ ${script}`);
  const end = spawnSync("sh", ["-c", script], { cwd: project, env, encoding: "utf8" });
  process.stdout.write(end.stdout + end.stderr);
  if (end.status !== 0) throw new Error(`exit code ${end.status}`);
  return end;
}

/** Runs the program, shows its output, and checks its exit code. */
function runseal(expected, ...args) {
  console.log(`$ runseal ${args.join(" ")}`);
  const end = spawnSync(process.execPath, [program, ...args], { cwd: project, env, encoding: "utf8" });
  process.stdout.write(end.stdout + end.stderr);
  console.log(`(exit code ${end.status})`);
  if (end.status !== expected) throw new Error(`expected exit code ${expected}`);
  return end;
}
