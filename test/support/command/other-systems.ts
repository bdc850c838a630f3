/**
 * Systems on which folders can't be held by descriptor, as a command on this machine meets them.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import type { Project } from "./cli.ts";

type Setting = Parameters<Project["run"]>[1];

/** A system, and how a command runs on it. */
export type OtherSystem = readonly [name: string, settingOf: (project: Project) => NonNullable<Setting>];

/** The environment of a process that takes itself for one on another system. */
export function pretending(project: Project, platform: string): NonNullable<Setting> {
  const script = `Object.defineProperty(process,"platform",{value:"${platform}"})`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(script)}`;
  const { HOME = "" } = project.env;
  // Windows has other variables: with these, its folders are those that the project's user has here.
  const homes = { USERPROFILE: HOME, APPDATA: `${HOME}/.config`, LOCALAPPDATA: `${HOME}/.local/state` };
  return { env: { ...project.env, ...(platform === "win32" ? homes : {}), NODE_OPTIONS } };
}

/** In a mount namespace of its own /proc is an empty folder. */
export const WITHOUT_PROC: readonly string[] = [
  "unshare",
  "-m",
  "sh",
  "-c",
  'mount -t tmpfs none /proc && exec "$0" "$@"',
];
const [UNSHARE = "", ...UNSHARED] = WITHOUT_PROC;

/** Whether this user may hide /proc from a process. */
export const CAN_HIDE_PROC: boolean = spawnSync(UNSHARE, [...UNSHARED, "true"]).status === 0;

/** All of them. `win32` is one in the choices of the program only: paths and modes stay those of this machine. */
export const SYSTEMS: readonly OtherSystem[] = [
  ["darwin", (project) => pretending(project, "darwin")],
  ["win32", (project) => pretending(project, "win32")],
  ...(CAN_HIDE_PROC ? [["linux without /proc", () => ({ under: WITHOUT_PROC })] as const] : []),
];
