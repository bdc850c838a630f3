/**
 * Finds the project that a folder belongs to: the nearest folder upwards with `.runseal` in it, as git does.
 *
 * @module
 */

import { lstatSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { Environment } from "../../system/runtime/user-home.ts";
import { OWN_FOLDER } from "./project-names.ts";
import { isRemembered } from "./remembered-head.ts";

/**
 * The root of the project at or above a folder, relative to that folder; `undefined` if there is none. A folder with a
 * remembered head counts too: otherwise a removed `.runseal` would lead to another project above, or to none.
 */
export function findProject(folder: string, environment: Environment): string | undefined {
  const start = resolve(folder);
  for (let at = start; ; at = dirname(at)) {
    if (isProject(at) || isRemembered(environment, at)) return relative(start, at) || ".";
    if (dirname(at) === at) return undefined;
  }
}

/** Whether a folder is the root of a project. If `.runseal` is not a folder, opening it fails. */
export function isProject(folder: string): boolean {
  try {
    return lstatSync(resolve(folder, OWN_FOLDER), { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A folder that this user can't read counts as one without a project.
    return false;
  }
}
