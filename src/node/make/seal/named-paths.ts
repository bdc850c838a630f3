/**
 * The paths that a caller names to be sealed, as paths below the root.
 *
 * @module
 */

import { isAbsolute, relative, resolve, sep } from "node:path";
import { ok, type Result } from "../../../core/internal.ts";
import { OWN_FOLDER } from "../../records/project/project-names.ts";
import { type OperationFault, operationFault, refuseName } from "../../system/runtime/operation-fault.ts";

/** What paths are relative to. */
export interface Place {
  readonly cwd: string;
  /** The project root as the caller named it, relative to `cwd`. */
  readonly root: string;
}

/** Paths as a caller named them. */
export interface NamedPaths extends Place {
  /** Files and folders as the caller named them, relative to `cwd`. */
  readonly paths: readonly string[];
}

/**
 * The caller's paths as components below the root, in their order, by their spelling alone. Fails with PATH_NOT_FOUND
 * for an empty one, PATH_REFUSED, or ENTRIES_REFUSED for what is runseal's own.
 */
export function findStarts(selection: NamedPaths): Result<readonly (readonly string[])[], OperationFault> {
  const starts: (readonly string[])[] = [];
  for (const path of selection.paths) {
    // `seal "$UNSET"` must not seal everything there is.
    if (path === "") return operationFault("PATH_NOT_FOUND", { path });
    const components = componentsBelow(selection, path);
    if (components === undefined) return operationFault("PATH_REFUSED", { reason: "outside", path });
    if (components.includes(OWN_FOLDER)) return refuseName(path, "own-folder");
    starts.push(components);
  }
  return ok(starts);
}

/** The caller's paths as the bundle may tell them: relative to the root, never this machine's own. */
export function namesBelowRoot(selection: NamedPaths): readonly string[] {
  return selection.paths.map((path) => componentsBelow(selection, path)?.join("/") || ".");
}

/** A path's components below the root, by its spelling alone; `undefined` where it leads out. */
export function componentsBelow({ cwd, root }: Place, path: string): readonly string[] | undefined {
  const below = relative(resolve(cwd, root), resolve(cwd, path));
  if (isAbsolute(below) || below === ".." || below.startsWith(`..${sep}`)) return undefined;
  return below === "" ? [] : below.split(sep);
}
