/**
 * The project that a command is about: the one of `--root`, or the nearest one upwards from the current folder.
 *
 * @module
 */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { ok, type Result } from "../core/result.ts";
import { type OperationFault, operationFault } from "../node/operation-fault.ts";
import { findProject, isProject } from "../node/project/find-project.ts";

/** Finds the project. Fails with PROJECT_NOT_FOUND, or ROOT_NOT_FOUND where `--root` names no folder. */
export function projectRoot(root: string | undefined, cwd: string): Result<string, OperationFault> {
  if (root === undefined) {
    const found = findProject(cwd);
    return found === undefined ? operationFault("PROJECT_NOT_FOUND") : ok(found);
  }
  const path = resolve(cwd, root);
  if (isProject(path)) return ok(root);
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
