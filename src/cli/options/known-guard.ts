/** The guard that a command is about: of a folder, or of the nearest guarded folder above it. @module */

import { join, resolve } from "node:path";
import { ok, type Result } from "../../core/internal.ts";
import { openRoot } from "../../node/files/anchored-root.ts";
import { findGuard } from "../../node/guard/guard-place.ts";
import { type OpenGuard, openGuard } from "../../node/guard/open-guard.ts";
import { isProject } from "../../node/project/find-project.ts";
import { type OperationFault, operationFault } from "../../node/runtime/operation-fault.ts";
import type { Io } from "../output/io.ts";
import type { StoreOptions } from "./guard-options.ts";
import { UsageError } from "./usage-error.ts";

/** An open guard and its folder. The caller closes both. */
export interface KnownGuard extends Disposable {
  readonly guard: OpenGuard;
}

/** Opens a guard that exists. Fails with ROOT_NOT_FOUND, GUARD_NOT_FOUND or PROJECT_NOT_FOUND, and as `openGuard` does. Throws a usage error for two places. */
export function openKnownGuard(
  dir: string,
  options: StoreOptions,
  { cwd, environment }: Pick<Io, "cwd" | "environment">,
): Result<KnownGuard, OperationFault> {
  const { store } = options;
  const inProject = options.inProject === true;
  if (store !== undefined && inProject)
    throw new UsageError("--store and --in-project both say where the snapshots are; give one");
  const found = inProject || store !== undefined ? undefined : findGuard(resolve(cwd, dir), environment);
  if (found === undefined && !inProject && store === undefined) return operationFault("GUARD_NOT_FOUND");
  const shown = join(dir, found?.root ?? ".");
  if (inProject && !isProject(resolve(cwd, shown))) return operationFault("PROJECT_NOT_FOUND");
  const opened = openRoot(resolve(cwd, shown));
  if (!opened.ok) return { ...opened, details: { ...opened.details, path: shown } };
  const root = opened.value;
  const guard = openGuard({
    root,
    rootPath: shown,
    environment,
    store: store === undefined ? undefined : resolve(cwd, store),
    shownStore: store,
    inProject,
    makes: false,
  });
  if (!guard.ok) {
    root.close();
    return guard;
  }
  const close = (): void => {
    guard.value[Symbol.dispose]();
    root.close();
  };
  return ok({ guard: guard.value, [Symbol.dispose]: close });
}
