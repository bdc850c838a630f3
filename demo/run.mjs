// `npm run demo`: init, seal, verify and restore on a real folder, in a temporary home. Ends with exit code 0 only if
// everything is as expected.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("..", import.meta.url));
const program = join(repository, "dist/cli/main.js");
const scene = mkdtempSync(join(tmpdir(), "runseal-demo-"));
const project = join(scene, "project");
const env = { ...process.env, HOME: scene, XDG_CONFIG_HOME: join(scene, "config") };

try {
  cpSync(join(repository, "src"), join(project, "src"), { recursive: true });
  cpSync(join(repository, "docs"), join(project, "docs"), { recursive: true });

  title("Make a key, in a temporary home");
  runseal(0, "init", "--name", "demo", "--no-passphrase");

  title("Seal a folder: two trees of this repository");
  runseal(0, "seal", "src", "docs", "--id", "run-1");

  title("Verify it");
  runseal(0, "verify", ".runseal/runs/run-1");

  title("Change one byte, and verify again");
  const victim = join(project, "docs/protocol.md");
  const original = readFileSync(victim);
  const changed = Buffer.from(original);
  changed[0] ^= 1;
  writeFileSync(victim, changed);
  runseal(1, "verify", ".runseal/runs/run-1");
  writeFileSync(victim, original);

  title("Put the byte back, and restore into a new folder");
  runseal(0, "restore", ".runseal/runs/run-1", "--to", "../restored", "--mkdir");

  title("Compare the restored with the sealed files");
  for (const folder of ["src", "docs"]) show(0, "diff", ["-r", folder, join("../restored", folder)]);
  console.log("identical");
} finally {
  rmSync(scene, { recursive: true, force: true });
}

function title(text) {
  console.log(`\n# ${text}`);
}

function runseal(expected, ...args) {
  show(expected, process.execPath, [program, ...args], `runseal ${args.join(" ")}`);
}

/** Runs a command in the project, shows its output, and checks its exit code. */
function show(expected, command, args, shown = [command, ...args].join(" ")) {
  console.log(`$ ${shown}`);
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: project, env, encoding: "utf8" });
  process.stdout.write(stdout + stderr);
  console.log(`(exit code ${status})`);
  if (status !== expected) throw new Error(`expected exit code ${expected}`);
}
