// Calls runseal as a child process. Its output, and that of the command that it runs, is passed on piece by piece.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

/**
 * Variables that the child does not get: the inputs, among them the key, and the files by which a step talks to the runner. With
 * these, a command that runs here could write the outputs of this step, or the environment of later ones. action.yml takes them, and
 * tokens, out of the environment of this process too.
 */
const WITHHELD = /^(?:INPUT_|GITHUB_(?:OUTPUT|STEP_SUMMARY|STATE|ENV|PATH)$)/;

/** What foreign code does not get either: tokens that the runner gave to the job. A program that signs may need them. */
const TOKENS = /^ACTIONS_/;

/** Calls runseal; gives its exit code and its facts, which are undefined where it printed none. */
export async function callRunseal({ args, facts, secrets }, env, passOn) {
  const isSigning = secrets !== undefined;
  const own = Object.entries(env).filter(
    ([name]) => !WITHHELD.test(name) && (isSigning || !TOKENS.test(name)),
  );
  const hasPassphrase = secrets !== undefined && secrets.passphrase !== "";
  const more = hasPassphrase ? { RUNSEAL_PASSPHRASE_FD: "3" } : {};
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...Object.fromEntries(own), ...more },
    stdio: [secrets === undefined ? "ignore" : "pipe", "pipe", "pipe", hasPassphrase ? "pipe" : "ignore"],
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  give(child.stdin, secrets?.key);
  give(child.stdio[3], hasPassphrase ? secrets.passphrase : undefined);
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    if (facts === undefined) printed += text;
    else passOn(text);
  });
  child.stderr.setEncoding("utf8").on("data", passOn);
  // Not "close": a process that the command left behind keeps the pipes open, and must not be passed on later.
  const [exitCode, signal] = await once(child, "exit");
  await drained(child);
  return { exitCode: exitCode ?? (signal === "SIGINT" ? 130 : 143), facts: factsOf(facts, printed) };
}

/** How long a process that the command left behind may hold the pipes. */
const LEFT_BEHIND_MS = 1000;

/** Lets what is in the pipes arrive, and closes them. */
async function drained(child) {
  const [closed, late] = [once(child, "close"), new AbortController()];
  const waited = sleep(LEFT_BEHIND_MS, undefined, { signal: late.signal }).catch(() => undefined);
  await Promise.race([closed, waited]);
  late.abort();
  child.stdout.destroy();
  child.stderr.destroy();
}

function give(stream, text) {
  if (text === undefined || stream === null || stream === undefined) return;
  // A child that fails before it reads closes the pipe.
  stream.on("error", () => undefined);
  stream.end(text.endsWith("\n") ? text : `${text}\n`);
}

function factsOf(file, printed) {
  try {
    return JSON.parse(file === undefined ? printed : readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
