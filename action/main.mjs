// The entry point of the GitHub action (action.yml) and of the GitLab component (templates/runseal.yml): one call of runseal with the
// inputs of the step, and its end in the form of the CI system. The exit code is runseal's, and so for `run` the command's own.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printable } from "../dist/core/index.js";
import { callRunseal } from "./call-runseal.mjs";
import { callOf } from "./calls.mjs";
import { githubRunner } from "./github.mjs";
import { gitlabRunner } from "./gitlab.mjs";
import { InputMistake, readInputs } from "./inputs.mjs";

const write = (text) => process.stdout.write(text);
// With "-" the variables come on stdin: what is in the environment of this process, a command below it can read in /proc.
const env = process.argv[2] === "-" ? JSON.parse(readFileSync(0, "utf8")) : process.env;
const runner = env.GITHUB_ACTIONS === "true" ? githubRunner(env, write) : gitlabRunner(env, write);
const folder = mkdtempSync(join(env.RUNNER_TEMP ?? tmpdir(), "runseal-"));
try {
  process.exitCode = await act(readInputs(env, runner.findBundle));
} catch (thrown) {
  if (!(thrown instanceof InputMistake)) throw thrown;
  runner.fail(thrown.message);
  process.exitCode = 2;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function act(inputs) {
  const call = callOf(inputs, folder);
  runner.begin();
  const { exitCode, facts } = await callRunseal(call, env, runner.passOn);
  if (facts !== undefined && call.facts === undefined) runner.passOn(linesOf(inputs.mode, facts));
  if (facts === undefined)
    runner.fail(`runseal ${inputs.mode} ended without facts, with exit code ${exitCode}`);
  else runner.end({ ...facts, folder: folderOf(inputs, facts) }, inputs.mode);
  return exitCode;
}

/** Where the bundle is. A verification does not name its folder: the caller did. */
function folderOf({ mode, text }, { bundle, unsigned }) {
  if (mode === "verify") return text("BUNDLE");
  return mode === "sign" ? bundle : unsigned;
}

/** What a person reads in the log. */
function linesOf(mode, { bundle_root, code, failures = [], hint, message, ok, run_id }) {
  const lines = [
    `runseal ${mode}: ${ok ? message : `${code}: ${message}`}`,
    ...(hint === undefined ? [] : hint.split("\n").map((line) => `hint: ${line}`)),
    ...(run_id ? [`run   ${run_id}`] : []),
    ...(bundle_root ? [`root  ${bundle_root}`] : []),
    ...failures.slice(0, 50).map(({ code: what, path = "" }) => `${what}  ${path}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}
