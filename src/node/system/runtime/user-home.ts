/**
 * The folders of the user's own files. Always absolute paths: a relative one would lead into the current folder, which may be a
 * project that is published.
 *
 * | | settings | data | state |
 * | --- | --- | --- | --- |
 * | where set, also on macOS | `XDG_CONFIG_HOME` | `XDG_DATA_HOME` | `XDG_STATE_HOME` |
 * | else | `$HOME/.config` | `$HOME/.local/share` | `$HOME/.local/state` |
 * | on Windows else | `%APPDATA%` | `%LOCALAPPDATA%` | `%LOCALAPPDATA%` |
 *
 * Secrets are read and written only in a folder that the environment names (`unusableVariable`). Other files fall back
 * to the home folder in the system's list of users, and the fallback is published, so that the command line can say so.
 * Windows has no HOME: there, the system's own answer stands for a variable that is not set, also for secrets.
 *
 * @module
 */

import { channel } from "node:diagnostics_channel";
import { userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { unlessRefused } from "./machine-reason.ts";
import { isWindows } from "./this-system.ts";

/** The part of the environment that says where the user's files are. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** Held for good: channels without a listener are collected. */
const fallbacks = channel("runseal:home-fallback");

/** Which variable names a folder, and where it is in the home folder without one; on Windows both are others. */
const FOLDERS = {
  XDG_CONFIG_HOME: { posix: [".config"], windows: "APPDATA", below: ["AppData", "Roaming"] },
  XDG_DATA_HOME: { posix: [".local", "share"], windows: "LOCALAPPDATA", below: ["AppData", "Local"] },
  XDG_STATE_HOME: { posix: [".local", "state"], windows: "LOCALAPPDATA", below: ["AppData", "Local"] },
} as const;

/** A variable that may name a folder of the user's files. */
export type FolderVariable = keyof typeof FOLDERS;

/** A folder that a variable names, or `undefined` if the variable is unset, empty or not an absolute path. */
export function folderOfVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

/** The home of a user that has none, as Debian names it. Containers run as users that the system does not list. */
const NO_HOME = "/nonexistent";

/** The variable that names the home folder, as other programs of the system have it. */
const HOME = isWindows ? "USERPROFILE" : "HOME";

/** The home folder, as it may be shown. */
export const SHOWN_HOME: string = isWindows ? `%${HOME}%` : "$HOME";

/** `$HOME`, or the user's entry in the system's list of users. A folder that is not there if the user has no entry. */
export function homeFolder(environment: Environment): string {
  const home = folderOfVariable(environment, HOME);
  if (home !== undefined) return home;
  const user = unlessRefused(() => userInfo());
  if (user !== undefined && !isWindows) fallbacks.publish(user.username);
  return user?.homedir ?? NO_HOME;
}

/** Listens until the returned function is called. The listener gets the name of the user. */
export function listenForHomeFallback(listener: (user: string) => void): () => void {
  const hear = (user: unknown): void => listener(String(user));
  fallbacks.subscribe(hear);
  return () => void fallbacks.unsubscribe(hear);
}

/**
 * The variable that keeps secrets from having a folder: one that is set to a relative path, or HOME if none names a folder; the last
 * not on Windows. `undefined` if there is a folder. An empty variable counts as unset, as the XDG specification says.
 */
export function unusableVariable(environment: Environment, xdg: FolderVariable): string | undefined {
  if (folderOfVariable(environment, xdg) !== undefined) return undefined;
  if ((environment[xdg] ?? "") !== "") return xdg;
  const { windows } = FOLDERS[xdg];
  const next = isWindows ? windows : "HOME";
  if (folderOfVariable(environment, next) !== undefined) return undefined;
  return isWindows && (environment[next] ?? "") === "" ? undefined : next;
}

/** A folder of the user's own. */
export interface UserFolder {
  readonly path: string;
  /** As it may be shown: below a variable of the environment, not where it is on this machine. */
  readonly shown: string;
}

/** A relative XDG variable is ignored, as its specification says. */
function userFolder(environment: Environment, xdg: FolderVariable): UserFolder {
  const named = folderOfVariable(environment, xdg);
  if (named !== undefined) return { path: named, shown: `$${xdg}` };
  const { below, posix, windows } = FOLDERS[xdg];
  if (!isWindows)
    return { path: join(homeFolder(environment), ...posix), shown: [SHOWN_HOME, ...posix].join("/") };
  const path = folderOfVariable(environment, windows) ?? join(homeFolder(environment), ...below);
  return { path, shown: `%${windows}%` };
}

/** Where runseal keeps the user's own files. */
export function configFolder(environment: Environment): string {
  return join(userFolder(environment, "XDG_CONFIG_HOME").path, "runseal");
}

/** The same as an error may show it. */
export function shownFolder(environment: Environment): string {
  return `${userFolder(environment, "XDG_CONFIG_HOME").shown}/runseal`;
}

/** The folder for data that must not be lost, of all programs. */
export function dataFolderOf(environment: Environment): UserFolder {
  return userFolder(environment, "XDG_DATA_HOME");
}

/** The folder for one kind of memory. */
export function stateFolderOf(environment: Environment, kind: string): UserFolder {
  const { path, shown } = userFolder(environment, "XDG_STATE_HOME");
  return { path: join(path, "runseal", kind), shown: `${shown}/runseal/${kind}` };
}
