/** `runseal-fleet` in processes of its own, in a home of its own. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FLEET = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const RUNSEAL = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

/** The environment of a user whose home is empty. */
export function environmentIn(home) {
  mkdirSync(home, { recursive: true });
  return { PATH: process.env.PATH, HOME: home, TMPDIR: process.env.TMPDIR ?? "/tmp" };
}

/** Runs `runseal`, and gives what it prints. */
export function runseal(environment, cwd, ...args) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [RUNSEAL, ...args], {
    ...{ cwd, env: environment, encoding: "utf8", maxBuffer: 2 ** 28 },
  });
  if (status !== 0) throw new Error(`runseal ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Makes a key without a passphrase, and a trust file of it. Gives the file. */
export function makeKey(environment, folder, name) {
  mkdirSync(folder, { recursive: true });
  runseal(environment, folder, "init", "--name", name, "--no-passphrase");
  const { public_key: key } = JSON.parse(runseal(environment, folder, "key", "show", "--json"));
  const file = join(folder, "signers.txt");
  writeFileSync(file, `${name} runseal-ed25519 ${key}\n`);
  return file;
}

/** Those that have not ended. */
const running = new Set();

/** Starts `runseal-fleet`. In a group of its own: Ctrl-C in a terminal must not reach it before this process says so. */
export function startFleet(env, args, stdio = ["ignore", "ignore", "inherit"]) {
  const child = spawn(process.execPath, [FLEET, ...args], { env, stdio, detached: true });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Runs `runseal-fleet`. Gives `{ exitCode, stdout, stderr }`. */
export async function runFleet(env, args) {
  const child = startFleet(env, args, ["ignore", "pipe", "pipe"]);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"])
    child[name].setEncoding("utf8").on("data", (text) => {
      texts[name] += text;
    });
  const exitCode = await new Promise((resolve) => child.once("close", resolve));
  return { exitCode, ...texts };
}

/** Ends all that were started, and waits for it. */
export async function endFleet() {
  const exits = Array.from(running, (child) => {
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    return exited;
  });
  await Promise.all(exits);
}
