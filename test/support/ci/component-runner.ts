/**
 * Runs the job of a GitLab component as a runner does, as far as docs/ci.md needs: inputs into the template, variables that are not
 * expanded, scripts line by line in one bash, and the variables of a dotenv report.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { REPOSITORY } from "./workflow-runner.ts";

/** An input of the component. */
interface Input {
  readonly default?: unknown;
  readonly options?: readonly string[];
  readonly regex?: string;
  readonly type?: "boolean" | "array";
}

/** A job, of the members that are used here. */
export interface Job {
  readonly variables?: Readonly<Record<string, { readonly value: string; readonly expand: boolean }>>;
  readonly before_script?: readonly string[];
  readonly script: readonly string[];
  readonly environment?: { readonly name: string };
  readonly artifacts?: {
    readonly paths: readonly string[];
    readonly reports?: { readonly dotenv?: string; readonly junit?: string };
  };
}

const [HEAD, BODY] = parseAllDocuments(readFileSync(join(REPOSITORY, "templates/runseal.yml"), "utf8")).map(
  (document): unknown => document.toJS(),
);

/** The inputs that the component declares. */
export const COMPONENT_INPUTS: Readonly<Record<string, Input>> = (
  HEAD as { readonly spec: { readonly inputs: Readonly<Record<string, Input>> } }
).spec.inputs;

/** The jobs of the template as they are written, hidden ones included. */
export const TEMPLATE: Readonly<Record<string, Job>> = BODY as Readonly<Record<string, Job>>;

/** Fills the template with inputs. Throws where GitLab would refuse the pipeline. */
export function jobOf(given: Readonly<Record<string, unknown>>): {
  readonly name: string;
  readonly job: Job;
} {
  for (const name of Object.keys(given))
    if (COMPONENT_INPUTS[name] === undefined) throw new TypeError(`the component has no input ${name}`);
  const values = Object.fromEntries(
    Object.entries(COMPONENT_INPUTS).map(([name, input]) => [name, checkedValue(name, input, given[name])]),
  );
  const jobs = fill(BODY, values) as Readonly<Record<string, Members>>;
  const entry = Object.entries(jobs).find(([name]) => !name.startsWith("."));
  if (entry === undefined) throw new TypeError("the template has a job");
  const { extends: base, ...own } = entry[1];
  const above = base === undefined ? {} : jobs[String(base)];
  if (above === undefined) throw new TypeError(`there is no job ${base}`);
  return { name: entry[0], job: merge(above, own) as unknown as Job };
}

type Members = Readonly<Record<string, unknown>>;

/** What `extends` makes: members of objects are merged, everything else is replaced. */
function merge(above: Members, own: Members): Members {
  const merged = Object.entries(own).map(([name, value]) => {
    const other = above[name];
    return [name, isObject(value) && isObject(other) ? merge(other, value) : value];
  });
  return { ...above, ...Object.fromEntries(merged) };
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkedValue(
  name: string,
  { default: usual, options, regex, type }: Input,
  given: unknown,
): unknown {
  const value = given ?? usual;
  if (value === undefined) throw new TypeError(`${name} is required`);
  const isRight = type === "array" ? Array.isArray(value) : typeof value === (type ?? "string");
  if (!isRight) throw new TypeError(`${name} is not of its type`);
  if (options !== undefined && !options.includes(String(value)))
    throw new TypeError(`${name} is not one of its options`);
  if (regex !== undefined && !new RegExp(regex).test(String(value)))
    throw new TypeError(`${name} does not match`);
  return value;
}

/** Interpolates after the YAML was parsed: a value that is all of a string keeps its type. */
function fill(node: unknown, values: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(node)) return node.map((item) => fill(item, values));
  if (typeof node === "object" && node !== null)
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [String(fill(key, values)), fill(value, values)]),
    );
  if (typeof node !== "string") return node;
  const [, whole] = /^\$\[\[ inputs\.([a-z-]+) \]\]$/.exec(node) ?? [];
  if (whole !== undefined) return values[whole];
  return node.replace(/\$\[\[ inputs\.([a-z-]+) \]\]/g, (_all, name: string) => String(values[name]));
}

/** How a job ended. */
export interface JobEnd {
  readonly exitCode: number | null;
  readonly log: string;
  /** What later jobs get. */
  readonly dotenv: Readonly<Record<string, string>>;
}

/** Runs a job in a folder. `inherited`: the dotenv variables of the jobs in `needs`, which beat those of the job. */
export function runGitlabJob(
  job: Job,
  cwd: string,
  env: Readonly<Record<string, string>>,
  inherited: Readonly<Record<string, string>> = {},
): JobEnd {
  const variables = Object.entries(job.variables ?? {}).map(([name, { expand, value }]) => {
    if (expand) throw new TypeError(`${name} would be expanded`);
    return [name, String(value)];
  });
  const lines = [...(job.before_script ?? []), ...job.script];
  const { error, status, stdout, stderr } = spawnSync(
    "bash",
    ["--noprofile", "--norc", "-eo", "pipefail", "-c", lines.join("\n")],
    {
      cwd,
      encoding: "utf8",
      // With a socket for stdin, bash would take itself for a remote shell.
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...env, GITLAB_CI: "true", ...Object.fromEntries(variables), ...inherited },
    },
  );
  if (error !== undefined) throw error;
  const report = job.artifacts?.reports?.dotenv;
  const file = report === undefined ? undefined : join(cwd, report);
  const isThere = file !== undefined && existsSync(file);
  const dotenv = isThere ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  return {
    exitCode: status,
    log: stdout + stderr,
    dotenv: Object.fromEntries(
      dotenv.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    ),
  };
}
