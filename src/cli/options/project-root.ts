/**
 * The project that a command is about: the nearest one upwards from the folder of `--project`, or from the current folder. A guarded
 * folder without a `.runseal` of its own has its project elsewhere (`node/guard/guard-place.ts`).
 *
 * @module
 */

import { lstatSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { ok, type Result } from "../../core/bytes/result.ts";
import { quote } from "../../core/paths/quote.ts";
import { findGuard } from "../../node/guard/guard-place.ts";
import { findProject } from "../../node/project/find-project.ts";
import { ownFolderOf } from "../../node/project/project-names.ts";
import { isRemembered } from "../../node/project/remembered-head.ts";
import { type OperationFault, operationFault, withDetails } from "../../node/runtime/operation-fault.ts";
import type { Io } from "../output/io.ts";
import { shellWord } from "../text/shell-word.ts";
import { UsageError } from "./usage-error.ts";

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
  project: string | undefined,
  surroundings: Surroundings,
): Result<string, OperationFault> {
  const place = projectPlace(project, surroundings);
  return place.ok ? ok(place.value.home) : place;
}

/** Finds the project. Fails with PROJECT_NOT_FOUND, or PATH_NOT_FOUND where `--project` names no folder. */
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

/** The options that say into which project to seal. */
export interface ProjectOptions {
  readonly project?: string | undefined;
  readonly here?: true | undefined;
}

/**
 * The project to seal into, as relative as what was given: the nearest one upwards, or a new one. Throws a usage error where the nearest
 * one is another user's, who could have put it above this folder to be given the files.
 */
export function projectToSealInto(
  { here, project = "." }: ProjectOptions,
  { cwd, environment }: Surroundings,
): string {
  const start = resolve(cwd, project);
  const found = here === true || !isFolder(start) ? "." : (findProject(start, environment) ?? ".");
  const home = join(project, found);
  if (found !== "." && isOfOtherUser(ownFolderOf(resolve(cwd, home))))
    throw new UsageError(
      `the project above, ${quote(home)}, belongs to another user\n--project ${shellWord(home)} seals into it; --here begins a new one`,
    );
  return home;
}

function isOfOtherUser(path: string): boolean {
  const user = process.geteuid?.();
  const owner = lstatSync(path, { throwIfNoEntry: false })?.uid;
  return user !== undefined && owner !== undefined && owner !== user && owner !== 0;
}

/** How many folders a relative path leads up. */
function stepsUp(path: string): number {
  return path.split("/").filter((component) => component === "..").length;
}

/** Names a root that isn't there as the caller did. */
export function atRoot(fault: OperationFault, path: string): OperationFault {
  return fault.code === "PATH_NOT_FOUND" && fault.details.reason === "folder"
    ? withDetails(fault, { path })
    : fault;
}

/** Whether a folder is there, as far as this user can see. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
