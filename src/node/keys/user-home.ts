/**
 * The user's home folder, below which runseal's own files are. Always an absolute path: a relative one would lead into
 * the current folder, which may be a project that is published.
 *
 * @module
 */

import { userInfo } from "node:os";
import { isAbsolute } from "node:path";

/** The part of the environment that says where the user's files are. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** A folder that a variable names, or `undefined` if the variable is unset, empty or not an absolute path. */
export function folderOfVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

/** `$HOME`, or the user's entry in the system's list of users. Throws what the system says if the user has no entry. */
export function homeFolder(environment: Environment): string {
  return folderOfVariable(environment, "HOME") ?? userInfo().homedir;
}

/** Whether the environment itself says where a new private key belongs. */
export function namesOwnFolder(environment: Environment): boolean {
  return ["XDG_CONFIG_HOME", "HOME"].some((name) => folderOfVariable(environment, name) !== undefined);
}
