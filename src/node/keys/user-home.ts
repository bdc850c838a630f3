/**
 * The user's home folder, below which runseal's own files are. Always an absolute path: a relative one would lead into
 * the current folder, which may be a project that is published.
 *
 * Secrets are read and written only in a folder that the environment names (`unusableVariable`). Other files fall back
 * to the home folder in the system's list of users, and the fallback is published, so that the command line can say so.
 *
 * @module
 */

import { channel } from "node:diagnostics_channel";
import { userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { machineReason } from "../runtime/machine-reason.ts";

/** The part of the environment that says where the user's files are. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** Held for good: channels without a listener are collected. */
const fallbacks = channel("runseal:home-fallback");

/** A folder that a variable names, or `undefined` if the variable is unset, empty or not an absolute path. */
export function folderOfVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

/** The home of a user that has none, as Debian names it. Containers run as users that the system does not list. */
const NO_HOME = "/nonexistent";

/** `$HOME`, or the user's entry in the system's list of users. A folder that is not there if the user has no entry. */
export function homeFolder(environment: Environment): string {
  const home = folderOfVariable(environment, "HOME");
  if (home !== undefined) return home;
  try {
    const { homedir, username } = userInfo();
    fallbacks.publish(username);
    return homedir;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return NO_HOME;
  }
}

/** Listens until the returned function is called. The listener gets the name of the user. */
export function listenForHomeFallback(listener: (user: string) => void): () => void {
  const hear = (user: unknown): void => listener(String(user));
  fallbacks.subscribe(hear);
  return () => void fallbacks.unsubscribe(hear);
}

/**
 * The variable that keeps secrets from having a folder: `xdg` if it is set to a relative path, else HOME if neither
 * names a folder. `undefined` if the environment names one. An empty `xdg` counts as unset, as its specification says.
 */
export function unusableVariable(environment: Environment, xdg: string): string | undefined {
  if (folderOfVariable(environment, xdg) !== undefined) return undefined;
  if ((environment[xdg] ?? "") !== "") return xdg;
  return folderOfVariable(environment, "HOME") === undefined ? "HOME" : undefined;
}

/** Where runseal keeps the user's own files. A relative XDG_CONFIG_HOME is ignored, as its specification says. */
export function configFolder(environment: Environment): string {
  const config = folderOfVariable(environment, "XDG_CONFIG_HOME");
  return join(config ?? join(homeFolder(environment), ".config"), "runseal");
}

/** A folder of the user's own. */
export interface StateFolder {
  readonly path: string;
  /** As it may be shown: below a variable of the environment, not where it is on this machine. */
  readonly shown: string;
}

/** The folder for data that must not be lost, of all programs. A relative XDG_DATA_HOME is ignored, as its specification says. */
export function dataFolderOf(environment: Environment): StateFolder {
  const data = folderOfVariable(environment, "XDG_DATA_HOME");
  return {
    path: data ?? join(homeFolder(environment), ".local", "share"),
    shown: data !== undefined ? "$XDG_DATA_HOME" : "$HOME/.local/share",
  };
}

/** The folder for one kind of memory. A relative XDG_STATE_HOME is ignored, as its specification says. */
export function stateFolderOf(environment: Environment, kind: string): StateFolder {
  const state = folderOfVariable(environment, "XDG_STATE_HOME");
  return {
    path: join(state ?? join(homeFolder(environment), ".local", "state"), "runseal", kind),
    shown: `${state !== undefined ? "$XDG_STATE_HOME" : "$HOME/.local/state"}/runseal/${kind}`,
  };
}
