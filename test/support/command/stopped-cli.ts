/**
 * The built command, killed or stopped at one of its system calls.
 *
 * @module
 */

import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import type { CliEnd, CliSetting, Project } from "./cli.ts";

const HOOK = new URL("./stop-at.mjs", import.meta.url).href;

/**
 * A setting in which the nth call of a function of node:fs meets a signal or an errno, such as
 * `linkSync:3:SIGKILL`, or several such, with commas between; with `after`, the nth after a file of that name was opened.
 */
export function stopAt(project: Project, where: string, after = ""): Partial<CliSetting> {
  giveJournalKey(project);
  const env = { NODE_OPTIONS: `--import ${HOOK}`, STOP_AT: where, STOP_AFTER: after };
  return { env: { ...project.env, ...env } };
}

/** Gives the user the key of journals, unless there is one: calls that make it are not to be counted. */
export function giveJournalKey({ env }: Project): void {
  const home = env["HOME"] ?? "";
  const folder = join(home, ".local/state/runseal/journal");
  if (existsSync(join(folder, "key"))) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "key"), Buffer.alloc(32, "k"), { mode: 0o600 });
  const { gid, uid } = statSync(home);
  for (let path = join(folder, "key"); path !== home; path = dirname(path)) chownSync(path, uid, gid);
}

/** Runs a command that is killed before that call. */
export async function killedAt(project: Project, args: readonly string[], where: string): Promise<void> {
  const end = await project.run(args, stopAt(project, `${where}:SIGKILL`));
  expect(end, "it must be killed, not end").toEqual({ exitCode: null, stdout: "", stderr: "" });
}

/**
 * Runs a command that stands still before that call, does something meanwhile, and lets it go on. `sign` tells when it stands still: a
 * path that is there then, or a question; `after` as of `stopAt`.
 */
export async function whileStopped(
  project: Project,
  args: readonly string[],
  where: string,
  sign: string | (() => boolean),
  act: () => Promise<void>,
  after = "",
): Promise<CliEnd> {
  let released = false;
  const kill = { signal: "SIGCONT" as const, when: () => released };
  const end = project.run(args, { ...stopAt(project, `${where}:SIGSTOP`, after), kill });
  try {
    while (typeof sign === "string" ? !existsSync(sign) : !sign()) await setTimeout(5);
    await act();
  } finally {
    released = true;
  }
  return end;
}
