/**
 * The project that a command is about: the one of `--root`, or the nearest one upwards from the current folder.
 *
 * @module
 */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { ok, type Result } from "../../core/bytes/result.ts";
import { findProject, isProject } from "../../node/project/find-project.ts";
import { isRemembered } from "../../node/project/remembered-head.ts";
import { type OperationFault, operationFault } from "../../node/runtime/operation-fault.ts";
import type { Io } from "../output/io.ts";

/** The current folder and the environment of a command. */
export type Surroundings = Pick<Io, "cwd" | "environment">;

/** Finds the project. Fails with PROJECT_NOT_FOUND, or ROOT_NOT_FOUND where `--root` names no folder. */
export function projectRoot(
  root: string | undefined,
  { cwd, environment }: Surroundings,
): Result<string, OperationFault> {
  if (root === undefined) {
    const found = findProject(cwd, environment);
    return found === undefined ? operationFault("PROJECT_NOT_FOUND") : ok(found);
  }
  const path = resolve(cwd, root);
  if (isProject(path) || isRemembered(environment, path)) return ok(root);
  return operationFault(isFolder(path) ? "PROJECT_NOT_FOUND" : "ROOT_NOT_FOUND", { path: root });
}

/** Whether a folder is there, as far as this user can see. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
