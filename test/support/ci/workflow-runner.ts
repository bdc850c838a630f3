/**
 * Runs the jobs of a workflow as GitHub's runner does, as far as docs/ci.md needs: inputs by the expressions of action.yml, each script
 * as a file for bash, outputs and commands by the rules of the runner. Artifacts are folders, checkouts are local clones.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** The checkout of the action. */
export const REPOSITORY: string = fileURLToPath(new URL("../../..", import.meta.url));

/** A step, of the members that are used here. */
interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | boolean | number>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly "working-directory"?: string;
}

/** A workflow. */
export interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[]; readonly environment?: string }>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** How a step ended. */
export interface StepEnd {
  readonly exitCode: number | null;
  readonly log: string;
  /** Workflow commands that the runner heard, such as `::error …`. */
  readonly commands: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** The world of a workflow. */
export interface Surroundings {
  /** Holds the workspaces, the artifacts and the files of the runner. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** A repository that checkouts clone. */
  readonly remote?: string;
  /** By name; a job gets them only with an environment. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** The steps of the action, with their expressions. */
export const ACTION: Action = parse(readFileSync(join(REPOSITORY, "action.yml"), "utf8")) as Action;

const STEP = '(. "$1"; exec bash --noprofile --norc -e -o pipefail "$0") | cat; exit "$PIPESTATUS"';

let files = 0;

/** Runs the action with inputs in a folder. `env`: the variables of the job. */
export function runAction(
  given: Readonly<Record<string, string>>,
  cwd: string,
  surroundings: Surroundings,
): StepEnd {
  for (const name of Object.keys(given))
    if (ACTION.inputs[name] === undefined) throw new TypeError(`the action has no input ${name}`);
  const inputs = Object.fromEntries(
    Object.entries(ACTION.inputs).map(([name, { default: usual = "" }]) => [name, given[name] ?? usual]),
  );
  let last: StepEnd | undefined;
  for (const step of ACTION.runs.steps) {
    const env = Object.entries(step.env ?? {}).map(([name, value]) => [name, expand(value, { inputs })]);
    last = runScript(step.run ?? "", cwd, {
      ...surroundings,
      env: { ...surroundings.env, GITHUB_ACTION_PATH: REPOSITORY, ...Object.fromEntries(env) },
    });
    if (last.exitCode !== 0) return last;
  }
  if (last === undefined) throw new TypeError("the action has steps");
  return last;
}

/** Runs one script as a step with `shell: bash`. */
export function runScript(script: string, cwd: string, { env, folder }: Surroundings): StepEnd {
  const temp = join(folder, "runner");
  mkdirSync(temp, { recursive: true });
  const path = (name: string): string => join(temp, `${name}-${files}`);
  files++;
  for (const name of ["output", "summary", "env", "path"]) writeFileSync(path(name), "");
  writeFileSync(path("script"), script);
  const variables = {
    ...env,
    GITHUB_ACTIONS: "true",
    RUNNER_TEMP: temp,
    GITHUB_OUTPUT: path("output"),
    GITHUB_STEP_SUMMARY: path("summary"),
    GITHUB_ENV: path("env"),
    GITHUB_PATH: path("path"),
    ACTIONS_RUNTIME_TOKEN: "a token of the runner",
  };
  const lines = Object.entries(variables).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`,
  );
  writeFileSync(path("variables"), lines.join(""));
  // A pipe as the runner has it: a process can open it again. Only the script has the variables.
  const { error, status, stdout } = spawnSync("bash", ["-c", STEP, path("script"), path("variables")], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: env["PATH"] ?? "" },
  });
  if (error !== undefined) throw error;
  return {
    exitCode: status,
    log: stdout,
    commands: commandsIn(stdout),
    outputs: outputsIn(readFileSync(path("output"), "utf8")),
    summary: readFileSync(path("summary"), "utf8"),
  };
}

/** Runs a job in a new workspace. Gives the ends of its steps up to the first that failed. */
export function runJob(workflow: Workflow, name: string, surroundings: Surroundings): readonly StepEnd[] {
  const job = workflow.jobs[name];
  if (job === undefined) throw new TypeError(`there is no job ${name}`);
  const workspace = join(surroundings.folder, `workspace-${name}`);
  mkdirSync(workspace);
  const secrets = job.environment === undefined ? {} : (surroundings.secrets ?? {});
  const github = { run_id: "4711", run_attempt: "1" };
  const ends: StepEnd[] = [];
  for (const step of job.steps) {
    const inputs = Object.fromEntries(
      Object.entries(step.with ?? {}).map(([key, value]) => [
        key,
        expand(String(value), { secrets, github }),
      ]),
    );
    const cwd = join(workspace, step["working-directory"] ?? "");
    const own = { ...surroundings, env: { ...surroundings.env, GITHUB_RUN_ID: github.run_id } };
    ends.push(runStep(step, inputs, cwd, own));
    if (ends.at(-1)?.exitCode !== 0) return ends;
  }
  return ends;
}

function runStep(
  { run, uses = "" }: Step,
  inputs: Readonly<Record<string, string>>,
  cwd: string,
  surroundings: Surroundings,
): StepEnd {
  if (run !== undefined) return runScript(run, cwd, surroundings);
  const [action = ""] = uses.split("@");
  if (action === "OWNER/runseal") return runAction(inputs, cwd, surroundings);
  const artifact = join(surroundings.folder, "artifacts", inputs["name"] ?? "");
  if (action === "actions/checkout") {
    const { path = ".", ref = "main" } = inputs;
    const clone = ["clone", "--quiet", "--branch", ref, surroundings.remote ?? "", path];
    const { status } = spawnSync("git", clone, { cwd, env: { ...surroundings.env }, stdio: "inherit" });
    return { ...NOTHING, exitCode: status };
  }
  if (action === "actions/upload-artifact") {
    const { path = "" } = inputs;
    cpSync(join(cwd, path), join(artifact, path), { recursive: true });
    return NOTHING;
  }
  if (action === "actions/download-artifact") {
    if (!existsSync(artifact)) return { ...NOTHING, exitCode: 1 };
    cpSync(artifact, cwd, { recursive: true });
    return NOTHING;
  }
  throw new TypeError(`a step uses ${uses}`);
}

const NOTHING: StepEnd = { exitCode: 0, log: "", commands: [], outputs: {}, summary: "" };

/** Replaces expressions by the members that they name. */
function expand(text: string, known: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  return text.replace(/\$\{\{ *([a-z]+)\.([A-Za-z_-]+) *\}\}/g, (_whole, context: string, name: string) => {
    const value = known[context]?.[name];
    if (value === undefined) throw new TypeError(`there is no ${context}.${name}`);
    return value;
  });
}

/** The lines that the runner takes for commands: none between `::stop-commands::word` and `::word::`. */
function commandsIn(log: string): readonly string[] {
  const heard: string[] = [];
  let word: string | undefined;
  for (const line of log.split(/\r\n|\n|\r/)) {
    if (word !== undefined) {
      if (line.trim() === `::${word}::`) word = undefined;
    } else if (line.startsWith("::stop-commands::")) word = line.slice("::stop-commands::".length);
    else if (/^\s*::[a-z-]+/.test(line) || line.includes("##[")) heard.push(line);
  }
  return heard;
}

/** Values as `name=value`, or with `name<<word`, lines, and the word. */
function outputsIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split("\n");
  const outputs: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const [, name = "", word = ""] = /^([\w-]+)<<(.+)$/.exec(line) ?? [];
    if (name !== "") {
      const end = lines.indexOf(word, at + 1);
      outputs[name] = lines.slice(at + 1, end).join("\n");
      at = end;
    } else if (line.includes("="))
      outputs[line.slice(0, line.indexOf("="))] = line.slice(line.indexOf("=") + 1);
  }
  return outputs;
}
