/**
 * Finds the guard that a command is about without opening it: the one of a folder or of a folder above it, or the one that the caller
 * names.
 *
 * @module
 */

import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ok, type Result } from "../../../core/internal.ts";
import { AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { pathOfComponents } from "../../system/files/path-components.ts";
import { errnoOf, reasonOf, unlessRefused } from "../../system/runtime/machine-reason.ts";
import {
  type OperationFault,
  operationFault,
  type PlaceRefusal,
} from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { findGuard } from "./guard-place.ts";
import { openGuard } from "./open-guard.ts";
import { guardFolderOf, type OwnPlace } from "./private-folders.ts";
import { readRecordOf } from "./root-record.ts";

/** Which guard is meant. */
export interface LocateRequest extends OwnPlace {
  /** The folder as the caller named it. */
  readonly shown: string;
  readonly environment: Environment;
}

/** A guard that is there. */
export interface LocatedGuard {
  /** The folder with the guard's `.runseal`. */
  readonly home: string;
  /** The same as it may be shown. */
  readonly homePath: string;
  /** The guarded folder. */
  readonly root: string;
}

/**
 * Finds a guard, also of a guarded folder that is missing by now. Fails with GUARD_NOT_FOUND where there is none, with PATH_NOT_FOUND
 * where the folder is missing and was not guarded, and as `openGuard` does for a guard that can't be trusted.
 */
export function locateGuard(folder: string, request: LocateRequest): Result<LocatedGuard, OperationFault> {
  const located = locateThere(folder, request);
  if (located.ok || located.code !== "PATH_NOT_FOUND") return located;
  const guard = guardOfPath(realPathOfMissing(folder), request);
  return !guard.ok && guard.code === "GUARD_NOT_FOUND" ? located : guard;
}

/** The real path of what may be missing, with folders above it. */
function realPathOfMissing(path: string): string {
  const above = dirname(path);
  if (above === path) return path;
  return unlessRefused(() => realpathSync.native(path)) ?? join(realPathOfMissing(above), basename(path));
}

/** The guard of just this real path, whatever is at the path now. Fails with GUARD_NOT_FOUND, and with READ_FAILED or GUARD_PLACE_REFUSED as `openGuard` does. */
export function guardOfPath(
  real: string,
  { environment, ...own }: Omit<LocateRequest, "shown">,
): Result<LocatedGuard, OperationFault> {
  const { open, path, shown } = guardFolderOf(environment, real, own);
  const refuse = (refusal: PlaceRefusal): OperationFault =>
    operationFault("GUARD_PLACE_REFUSED", { path: shown, refusal });
  try {
    const dir = open(undefined);
    if (typeof dir === "string") return refuse(dir);
    using home = AnchoredRoot.adopt(dir, path);
    const record = readRecordOf(dir, real);
    if (record === "missing") return operationFault("GUARD_NOT_FOUND");
    if (typeof record === "string") return refuse(record);
    return ok({ home: pathOfComponents(home.real), homePath: shown, root: real });
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return operationFault("GUARD_NOT_FOUND");
    return operationFault("READ_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
}

function locateThere(
  folder: string,
  { environment, shown, shownStore, store }: LocateRequest,
): Result<LocatedGuard, OperationFault> {
  const found = store !== undefined ? undefined : findGuard(folder, environment);
  const rootPath = found === undefined ? folder : join(folder, found.root);
  const opened = openRoot(rootPath, undefined, shown);
  if (!opened.ok) return opened;
  using root = opened.value;
  const guard = openGuard({
    root,
    environment,
    store,
    shownStore,
    makes: false,
  });
  if (!guard.ok) return guard;
  using open = guard.value;
  return ok({ home: pathOfComponents(open.home.real), homePath: open.homePath, root: rootPath });
}
