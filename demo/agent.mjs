// `npm run demo:agent`: a stand-in for Claude Code and one for codex work in one repository, by shell. They read the user's settings and
// call the hooks that they find there, as the real ones do. One turn after the other is taken back. Ends with exit code 0 only if
// everything is as expected.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const scene = mkdtempSync(join(tmpdir(), "runseal-agent-"));
const site = join(scene, "site");
const env = {
  PATH: process.env.PATH,
  HOME: join(scene, "home"),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};
for (const role of ["AUTHOR", "COMMITTER"])
  Object.assign(env, { [`GIT_${role}_NAME`]: "agent", [`GIT_${role}_EMAIL`]: "agent@example.org" });

/** Where each agent's settings are. */
const SETTINGS = { claude: ".claude/settings.json", codex: ".codex/hooks.json" };

try {
  for (const folder of [site, env.HOME]) mkdirSync(folder);
  writeFileSync(join(site, "index.html"), "<h1>Site</h1>\n");
  writeFileSync(join(site, ".env"), "SECRET=1\n");
  writeFileSync(join(site, ".gitignore"), ".env\n");
  shell("git init -q && git add . && git commit -qm site");

  title("Once: guard the folder, and let the agents call runseal");
  runseal(0, "snapshot");
  for (const agent of ["claude", "codex"]) runseal(0, "hook", agent, "--install", "--yes");
  runseal(0, "doctor");
  const first = look();

  title("Claude Code, first prompt: shell commands, and an ignored file that git can't bring back");
  turn("claude", "echo '<h1>New</h1>' > index.html; rm .env; mkdir -p css; echo 'h1 {}' > css/site.css");
  const second = look();

  title("You edit a file of your own; then the second prompt: it commits, and removes what it finds");
  writeFileSync(join(site, "notes.txt"), "mine\n");
  turn("claude", "rm -r css; echo '<h1>Broken' > index.html; git add -A; git commit -qm 'all good now'");

  title("What each turn changed");
  runseal(0, "log");
  expect(
    runseal(0, "diff", "--turn", "2", "-p").stdout.includes("+<h1>Broken"),
    "the diff shows the second turn",
  );

  title("The second prompt is taken back, then the first; your own file stays");
  runseal(0, "undo", "--turn");
  expect(look() === `${second}mine\n`, "the second turn must be gone, and nothing else");
  runseal(0, "undo", "--turn");
  expect(look() === `${first}mine\n`, "the first turn must be gone, and nothing else");
  expect(shell("git log --oneline").stdout.split("\n").length === 2, "its commit must be gone");

  title("And both come forward again");
  runseal(0, "redo");
  runseal(0, "redo");

  title("Two agents in one folder: each has its turns, and an undo stops where both were at work");
  tell("claude", "UserPromptSubmit");
  shell("echo claude >> index.html");
  turn("codex", "echo codex > codex.txt; echo codex >> index.html");
  tell("claude", "Stop");
  const refused = runseal(5, "undo", "--turn", "1", "--session", session("codex"));
  expect(refused.stderr.includes("index.html"), "it must name the file that both may have changed");
  runseal(0, "undo", "--turn", "1", "--session", session("codex"), "--take-changed");

  title("A hook never blocks: what can't be understood is a turn without a snapshot");
  const end = spawnSync(process.execPath, [program, "hook", "claude"], { cwd: site, env, input: "not JSON" });
  expect(end.status === 0, "the exit code must be 0");
  console.log(`  ${end.stdout}`);
  runseal(0, "status");
} finally {
  rmSync(scene, { recursive: true, force: true });
}

/** One turn of an agent: a prompt, shell commands, the answer. */
function turn(agent, commands) {
  tell(agent, "UserPromptSubmit");
  shell(commands);
  tell(agent, "Stop");
}

/** Calls the hooks that the user's settings name for an event. */
function tell(agent, event) {
  const { hooks } = JSON.parse(readFileSync(join(env.HOME, SETTINGS[agent]), "utf8"));
  const input = JSON.stringify({
    session_id: session(agent),
    cwd: site,
    hook_event_name: event,
    prompt: "fix it",
  });
  for (const { command } of hooks[event].flatMap((group) => group.hooks)) {
    const { status, stdout } = spawnSync("sh", ["-c", command], { cwd: site, env, input, encoding: "utf8" });
    expect(status === 0 && stdout === "", `the hook must be silent: ${stdout}`);
  }
}

function session(agent) {
  return `session-of-${agent}`;
}

function shell(commands) {
  console.log(`  $ ${commands}`);
  return done(spawnSync("sh", ["-ec", commands], { cwd: site, env, encoding: "utf8" }), 0);
}

function runseal(exitCode, ...args) {
  console.log(`  $ runseal ${args.join(" ")}`);
  return done(
    spawnSync(process.execPath, [program, ...args], { cwd: site, env, encoding: "utf8" }),
    exitCode,
  );
}

function done(end, exitCode) {
  process.stdout.write((end.stdout + end.stderr).replaceAll(/^(?=.)/gm, "    "));
  expect(end.status === exitCode, `exit code ${end.status} in place of ${exitCode}`);
  return end;
}

/** The files outside of .git, with their bytes. */
function look() {
  const find =
    "find . -path ./.git -prune -o -type f ! -name notes.txt -print | sort; cat index.html; cat notes.txt || true";
  return spawnSync("sh", ["-c", find], { cwd: site, env, encoding: "utf8" }).stdout;
}

function title(text) {
  console.log(`\n# ${text}\n`);
}

function expect(isSo, what) {
  if (!isSo) throw new Error(what);
}
