/**
 * The project that a command is about: the one of `--root`, or the nearest one upwards from the current folder. A guarded folder
 * without a `.runseal` of its own has its project elsewhere (`node/guard/guard-place.ts`).
 *
 * @module
 */

import { statSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { ok, type Result } from "../../core/bytes/result.ts";
import { type FoundGuard, findGuard } from "../../node/guard/guard-place.ts";
import { findProject, isProject } from "../../node/project/find-project.ts";
import { isRemembered } from "../../node/project/remembered-head.ts";
import { type OperationFault, operationFault } from "../../node/runtime/operation-fault.ts";
import type { Io } from "../output/io.ts";

/** The current folder and the environment of a command. */
export type Surroundings = Pick<Io, "cwd" | "environment">;

/** A project. Both paths are as relative as what was given. */
export interface ProjectPlace {
  /** The folder with `.runseal` in it. */
  readonly home: string;
  /** The folder that output paths are relative to: another one for a guard. */
  readonly root: string;
}

/** Finds the folder with the project. Fails as `projectPlace` does. */
export function projectRoot(
  root: string | undefined,
  surroundings: Surroundings,
): Result<string, OperationFault> {
  const place = projectPlace(root, surroundings);
  return place.ok ? ok(place.value.home) : place;
}

/** Finds the project. Fails with PROJECT_NOT_FOUND, or ROOT_NOT_FOUND where `--root` names no folder. */
export function projectPlace(
  root: string | undefined,
  { cwd, environment }: Surroundings,
): Result<ProjectPlace, OperationFault> {
  if (root === undefined) {
    const found = findProject(cwd, environment);
    const guard = findGuard(cwd, environment);
    if (guard !== undefined && (found === undefined || stepsUp(guard.root) < stepsUp(found)))
      return ok(placeOfGuard(guard, guard.root, cwd));
    return found === undefined ? operationFault("PROJECT_NOT_FOUND") : ok({ home: found, root: found });
  }
  const path = resolve(cwd, root);
  if (isProject(path) || isRemembered(environment, path)) return ok({ home: root, root });
  const guard = findGuard(path, environment);
  if (guard?.root === ".") return ok(placeOfGuard(guard, root, cwd));
  return operationFault(isFolder(path) ? "PROJECT_NOT_FOUND" : "ROOT_NOT_FOUND", { path: root });
}

function placeOfGuard({ path }: FoundGuard, root: string, cwd: string): ProjectPlace {
  return { home: isAbsolute(root) ? path : relative(cwd, path) || ".", root };
}

/**
 * The nearest project above the current folder, relative to it, if a seal would begin a project here; `undefined` where there is a project
 * already, none is above, or the user named another folder.
 */
export function projectAbove(root: string, { cwd, environment }: Surroundings): string | undefined {
  const path = resolve(cwd, root);
  if (path !== cwd || isProject(path) || isRemembered(environment, path)) return undefined;
  const above = dirname(path);
  const found = above === path ? undefined : findProject(above, environment);
  return found === undefined ? undefined : relative(cwd, resolve(above, found)) || ".";
}

/** How many folders a relative path leads up. */
function stepsUp(path: string): number {
  return path.split("/").filter((component) => component === "..").length;
}

/** Names a root that isn't there as the caller did. */
export function atRoot(fault: OperationFault, path: string): OperationFault {
  return fault.code === "ROOT_NOT_FOUND" ? { ...fault, details: { ...fault.details, path } } : fault;
}

/** Whether a folder is there, as far as this user can see. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
