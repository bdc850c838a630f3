import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Call } from "../../../support/command/canaries.ts";
import { BUNDLE, type Project, runUnchecked } from "../../../support/command/cli.ts";

/** One way of failing. */
export interface Way extends Call {
  /** What fails, in a few words; unique. */
  readonly what: string;
  /** The code of the failure, and behind a space its reason where the code stands for several cases. */
  readonly code: string;
  /** The exit code, where it is not the one that the table of codes has. */
  readonly exit?: number;
  /** What the hint must say, where its words help with more than the code. */
  readonly hint?: RegExp;
  /** What a debug log must say of the cause; nothing where there was no exception. */
  readonly cause?: RegExp;
  /** From a project whose user has a key and a sealed bundle to one where the call fails. */
  readonly arrange?: Step;
  /** What the call changes, and why it may: each of its calls gets a project of its own. Any other call leaves everything as it was. */
  readonly changes?: string;
}

/** One step of an arrangement. Some are asynchronous. */
export type Step = (project: Project) => unknown;

/** Writes one file of the project, with the folders above it. */
export function put(path: string, content: string, mode = 0o644): (project: Project) => void {
  return (project) => {
    mkdirSync(dirname(project.at(path)), { recursive: true });
    rmSync(project.at(path), { force: true, recursive: true });
    writeFileSync(project.at(path), content, { mode });
    chmodSync(project.at(path), mode);
  };
}

/** Removes something of the project. */
export function drop(path: string): (project: Project) => void {
  return (project) => rmSync(project.at(path), { recursive: true });
}

/** Makes a folder of the project. */
export function folder(path: string): (project: Project) => void {
  return (project) => void mkdirSync(project.at(path), { recursive: true });
}

/** Makes a link in the project; the target stands as it is. */
export function link(path: string, target: string): (project: Project) => void {
  return (project) => symlinkSync(target, project.at(path));
}

/** Rewrites an artifact of the bundle. */
export function artifact(name: string, rewrite: (text: string) => string): (project: Project) => void {
  return (project) => {
    const path = project.at(BUNDLE, `${name}.json`);
    writeFileSync(path, rewrite(readFileSync(path, "utf8")));
  };
}

/** Puts a file in the place of something in the user's own configuration. */
export function config(path: string, content: string): (project: Project) => void {
  return (project) => {
    const address = join(project.config, path);
    rmSync(address, { recursive: true, force: true });
    mkdirSync(dirname(address), { recursive: true });
    writeFileSync(address, content, { mode: 0o600 });
  };
}

/** Runs a command before the one that fails, whatever comes of it. */
export function runseal(...args: readonly string[]): Step {
  return ({ env, root }) => runUnchecked(args, { cwd: root, env });
}

/** Does several things in order. */
export function all(...steps: readonly Step[]): Step {
  return async (project) => {
    for (const step of steps) await step(project);
  };
}
