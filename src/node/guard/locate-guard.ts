/**
 * Finds the guard that a command is about without opening it: the one of a folder or of a folder above it, or the one that the caller
 * names.
 *
 * @module
 */

import { join } from "node:path";
import { ok, type Result } from "../../core/internal.ts";
import { openRoot } from "../files/anchored-root.ts";
import type { Environment } from "../keys/user-home.ts";
import { isProject } from "../project/find-project.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { findGuard } from "./guard-place.ts";
import { type GuardRequest, openGuard } from "./open-guard.ts";

/** Which guard is meant. */
export interface LocateRequest extends Pick<GuardRequest, "inProject" | "shownStore" | "store"> {
  /** The folder as the caller named it. */
  readonly shown: string;
  readonly environment: Environment;
}

/** A guard that is there. */
export interface LocatedGuard {
  /** The folder with the guard's `.runseal`. */
  readonly home: string;
  /** The guarded folder. */
  readonly root: string;
}

/**
 * Finds a guard. Fails with GUARD_NOT_FOUND where there is none, with ROOT_NOT_FOUND where the folder is missing, and as `openGuard`
 * does for a guard that can't be trusted.
 */
export function locateGuard(
  folder: string,
  { environment, inProject = false, shown, shownStore, store }: LocateRequest,
): Result<LocatedGuard, OperationFault> {
  const found = inProject || store !== undefined ? undefined : findGuard(folder, environment);
  const rootPath = found === undefined ? folder : join(folder, found.root);
  const opened = openRoot(rootPath);
  if (!opened.ok) return { ...opened, details: { ...opened.details, path: shown } };
  using root = opened.value;
  if (inProject && !isProject(rootPath)) return operationFault("GUARD_NOT_FOUND");
  const guard = openGuard({
    root,
    rootPath: shown,
    environment,
    store,
    shownStore,
    inProject,
    makes: false,
  });
  if (!guard.ok) return guard;
  using open = guard.value;
  return ok({ home: `/${open.home.real.join("/")}`, root: rootPath });
}
