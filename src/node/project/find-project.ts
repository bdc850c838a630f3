/**
 * Finding the project that a folder belongs to: the nearest folder with `.runseal` in it, upwards, as git does.
 *
 * @module
 */

import { lstatSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { Environment } from "../keys/user-home.ts";
import { OWN_FOLDER } from "./project-names.ts";
import { isRemembered } from "./remembered-head.ts";

/**
 * The root of the project at or above a folder, relative to that folder; `undefined` where there is none. A folder of which this
 * user's machine remembers a head counts too: else a removed `.runseal` would lead to another project above, or to none.
 */
export function findProject(folder: string, environment: Environment): string | undefined {
  const start = resolve(folder);
  for (let at = start; ; at = dirname(at)) {
    if (isProject(at) || isRemembered(environment, at)) return relative(start, at) || ".";
    if (dirname(at) === at) return undefined;
  }
}

/** Whether a folder is the root of a project. What else stands in the place of `.runseal` is said when it is opened. */
export function isProject(folder: string): boolean {
  try {
    return lstatSync(resolve(folder, OWN_FOLDER), { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A folder that is closed to this user is passed by, as one without a project.
    return false;
  }
}
