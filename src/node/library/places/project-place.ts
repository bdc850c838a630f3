/**
 * The project that runs are searched in: the nearest one upwards from a folder, or from the current folder. A guarded
 * folder without a `.runseal` of its own has its project elsewhere (`guard/guard-place.ts`).
 *
 * @module
 */

import { statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { ok, type Result } from "../../../core/system/bytes/result.ts";
import { findGuard } from "../../back/guard/guard-place.ts";
import { findProject } from "../../records/project/find-project.ts";
import { isRemembered } from "../../records/project/remembered-head.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";

/** The folder that relative paths begin in, and the environment. */
export interface Surroundings {
  readonly cwd: string;
  readonly environment: Environment;
}

/** A project. Both paths are as relative as what was given. */
export interface ProjectPlace {
  /** The folder with `.runseal` in it. */
  readonly home: string;
  /** The folder that output paths are relative to: another one for a guard. */
  readonly root: string;
}

/** Finds the project. Fails with PROJECT_NOT_FOUND, or PATH_NOT_FOUND where `project` names no folder. */
export function projectPlace(
  project: string | undefined,
  { cwd, environment }: Surroundings,
): Result<ProjectPlace, OperationFault> {
  const from = project ?? ".";
  const start = resolve(cwd, from);
  if (project !== undefined && !isFolder(start) && !isRemembered(environment, start))
    return operationFault("PATH_NOT_FOUND", { reason: "folder", path: project });
  const found = findProject(start, environment);
  const guard = findGuard(start, environment);
  if (guard !== undefined && (found === undefined || stepsUp(guard.root) < stepsUp(found)))
    return ok({
      home: isAbsolute(from) ? guard.path : relative(cwd, guard.path) || ".",
      root: join(from, guard.root),
    });
  if (found === undefined)
    return operationFault("PROJECT_NOT_FOUND", project === undefined ? {} : { path: project });
  const home = join(from, found);
  return ok({ home, root: home });
}

/** Whether a folder is there, as far as this user can see. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

/** How many folders a relative path leads up. */
function stepsUp(path: string): number {
  return path.split("/").filter((component) => component === "..").length;
}
