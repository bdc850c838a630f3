/**
 * Canaries: texts planted where nothing may ever be printed from, and the search for them in what a command
 * printed (PROTOCOL 14, H-05 and H-06).
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CliEnd, type Project, runUnchecked } from "./cli.ts";

/** Not even a log that was asked for may hold these. */
export const SECRETS = {
  /** RUNSEAL_PASSPHRASE. */
  passphrase: 'canary passphrase "quoted" 5c1d',
  /** The one that opens a key, in a file or printed by a command. */
  right: "canary-right-passphrase-b83e",
  /** A variable of the environment that holds a foreign secret. */
  token: "canary-token-e0a4",
  /** The content of an invalid key file. */
  keyText: "canaryKeyText2f6b",
  /** 64 hex characters that look like a seed. */
  seed: "c0ffee5ee75c0ffee5ee75c0ffee5ee75c0ffee5ee75c0ffee5ee75c0ffee5e7",
} as const;

/** Only a log that was asked for may hold these. */
export const PRIVATE = {
  /** A variable of the environment that no command shows. */
  variable: "canary-variable-91d2",
  /** In artifacts, task files and trust files, outside of protocol facts. */
  content: "canary-content-70b9",
  /** Names of files that the caller did not name and that are no output. */
  fileName: "canary-name-3ae8",
  /** In exceptions. */
  thrown: "canary-thrown-c85f",
} as const;

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

/** One failing call. */
export interface Call {
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Over what is set anyway; undefined unsets. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `function:nth:kind`, see sabotage.mjs. */
  readonly sabotage?: string;
}

/** Runs a call with canaries all over its environment. */
export function runAmongCanaries(project: Project, call: Call): Promise<CliEnd> {
  const { args, cwd = project.root, env = {}, sabotage } = call;
  const text = `${PRIVATE.thrown} ${SECRETS.seed} ${SECRETS.token} ${SECRETS.passphrase}`;
  const all = {
    ...project.env,
    RUNSEAL_PASSPHRASE: SECRETS.passphrase,
    DEPLOY_TOKEN: SECRETS.token,
    SOME_VARIABLE: PRIVATE.variable,
    ...env,
  };
  const set = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return runUnchecked(args, {
    cwd,
    env: Object.fromEntries(set),
    // Frames of the test hold no canary.
    traces: true,
    process: namesDescriptor(call),
    ...(sabotage === undefined ? {} : { sabotage: { call: sabotage, text } }),
  });
}

/** Whether the command reads a descriptor, which is one of the test's own where it runs there. */
function namesDescriptor({ args, env = {} }: Call): boolean {
  return (
    args.some((arg) => arg === "-" || arg.endsWith("-fd")) ||
    Object.keys(env).some((name) => name.endsWith("_FD"))
  );
}

/** The canaries in a text that only a log may hold, and paths of this machine. */
export function privateCanaries(text: string, project: Project): readonly string[] {
  return found(text, [...Object.values(PRIVATE), project.folder, REPOSITORY, "node_modules"]);
}

/** The canaries in a text that must be nowhere, the seed of the user's own key among them. */
export function secretCanaries(text: string, project: Project): readonly string[] {
  return found(text, [...Object.values(SECRETS), ...ownSeeds(project)]);
}

function found(text: string, canaries: readonly string[]): readonly string[] {
  const spelled = canaries.flatMap((canary) => [canary, JSON.stringify(canary).slice(1, -1)]);
  return [...new Set(spelled)].filter((canary) => text.includes(canary));
}

/** Every text of 64 hex digits in a key file of the user's or the project's. */
function ownSeeds(project: Project): readonly string[] {
  return readdirSync(project.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".key"))
    .flatMap(({ name, parentPath }) => {
      const seed = /^[0-9a-f]{64}/.exec(readFileSync(join(parentPath, name), "utf8"));
      return seed ?? [];
    });
}
