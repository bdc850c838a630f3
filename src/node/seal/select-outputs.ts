/**
 * Which files a seal takes in, and what it refuses: links and special files, names that break the law of
 * paths, names that a restore keeps for itself, and names that other systems can't hold.
 *
 * @module
 */

import { isAbsolute, relative, resolve, sep } from "node:path";
import {
  findNameBreach,
  findNameCollisions,
  ok,
  parseOutputPath,
  RESULT_ARTIFACTS,
  type Result,
  STAGING_PREFIX,
} from "../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type ListOptions, listTree } from "../files/walk-tree.ts";
import { OWN_FOLDER } from "../project/project-names.ts";
import { type OperationFault, operationFault, type RefusedPath } from "../runtime/operation-fault.ts";
import { type IgnoredEntries, type IgnoreRules, IgnoreWatch } from "./ignore-rules.ts";

/** What paths are relative to. */
export interface Place {
  readonly cwd: string;
  /** The project root as the caller named it, relative to `cwd`. */
  readonly root: string;
}

/** What to take in. */
export interface Selection extends Place {
  /** Files and folders as the caller named them, relative to `cwd`. */
  readonly paths: readonly string[];
  /** Leave links and special files out instead of refusing. */
  readonly skipSpecial: boolean;
  /** `portable` refuses names that other systems can't hold; `posix` takes what this one holds. */
  readonly names: "portable" | "posix";
  /** What to leave out; undefined takes everything but runseal's own. */
  readonly rules?: IgnoreRules | undefined;
}

/** What a seal takes in. */
export interface SelectedOutputs extends LeftOut {
  /** Lawful paths relative to the root, in byte order. */
  readonly paths: readonly string[];
}

/** What a seal leaves out. */
export interface LeftOut {
  /** Links and special files left out on request, and version control. */
  readonly leftOut: readonly RefusedPath[];
  /** What patterns left out. */
  readonly ignored: IgnoredEntries;
}

/** Nothing. */
export const NOTHING_LEFT_OUT: LeftOut = { leftOut: [], ignored: { entries: 0, patterns: [] } };

/**
 * Lists the outputs and judges their names. Every refused path is named, whatever it is refused for; the code is that of the
 * first kind. Fails with PATH_OUTSIDE_ROOT, PATH_NOT_FOUND, SPECIAL_FILES, NAMES_UNLAWFUL, NAMES_NOT_PORTABLE, NOTHING_TO_SEAL
 * or READ_FAILED. Throws an Interruption.
 */
export async function selectOutputs(
  root: AnchoredRoot,
  selection: Selection,
  options?: ListOptions,
): Promise<Result<SelectedOutputs, OperationFault>> {
  const found = await findOutputs(root, selection, options);
  if (!found.ok) return found;
  const { files, leftOut, special, ...rest } = found.value;
  const [first, ...others] = [
    refuseSpecial(special, selection),
    refuseUnlawful(files),
    refuseNames(files, selection.names),
  ].flatMap((fault) => fault ?? []);
  if (first !== undefined) {
    const refused = [first, ...others].flatMap(({ details }) => details.refused ?? []);
    return operationFault(first.code, { refused });
  }
  return files.length === 0 ? operationFault("NOTHING_TO_SEAL") : ok({ paths: files, leftOut, ...rest });
}

/**
 * Lists the outputs, of whose names only the law was asked: whether others can hold them, `refuseNames` says. Whether what is
 * told of meanwhile is sealed isn't known then. Fails as `selectOutputs` does, but for NAMES_NOT_PORTABLE. Throws an Interruption.
 */
export async function listOutputs(
  root: AnchoredRoot,
  selection: Selection,
  options?: ListOptions,
): Promise<Result<SelectedOutputs, OperationFault>> {
  const found = await findOutputs(root, selection, options);
  if (!found.ok) return found;
  const { files, special, ...leftOut } = found.value;
  const refused = refuseSpecial(special, selection) ?? refuseUnlawful(files);
  if (refused !== undefined) return refused;
  return files.length === 0 ? operationFault("NOTHING_TO_SEAL") : ok({ paths: files, ...leftOut });
}

/** What stands at and below the caller's paths, before any of it is refused. */
interface FoundOutputs extends LeftOut {
  readonly files: readonly string[];
  readonly special: readonly RefusedPath[];
}

async function findOutputs(
  root: AnchoredRoot,
  selection: Selection,
  options?: ListOptions,
): Promise<Result<FoundOutputs, OperationFault>> {
  const starts = findStarts(selection);
  if (!starts.ok) return starts;
  const watch = new IgnoreWatch(selection.rules);
  const { files, special, missing, closed } = await listTree(root, starts.value, watch.passOver, options);
  if (closed[0] !== undefined) return operationFault("READ_FAILED", closed[0]);
  if (missing[0] !== undefined) return operationFault("PATH_NOT_FOUND", { path: missing[0] });
  const found = special.map(({ path, kind }): RefusedPath => ({ path, reason: kind }));
  const { ignored, versionControl } = watch.leftOut();
  return ok({ files, special: found, leftOut: [...found, ...versionControl], ignored });
}

function refuseSpecial(
  special: readonly RefusedPath[],
  { skipSpecial }: Selection,
): OperationFault | undefined {
  return special.length > 0 && !skipSpecial
    ? operationFault("SPECIAL_FILES", { refused: special })
    : undefined;
}

/** Refuses what no option makes lawful, since no verifier and no restore would take it. */
function refuseUnlawful(paths: readonly string[]): OperationFault | undefined {
  const refused: RefusedPath[] = [];
  for (const path of paths) {
    const breach = findUnlawful(path);
    if (breach !== undefined) refused.push(breach);
  }
  return refused.length > 0 ? operationFault("NAMES_UNLAWFUL", { refused }) : undefined;
}

/**
 * The caller's paths as components below the root, in their order, by their spelling alone. Fails with PATH_NOT_FOUND
 * for an empty one, PATH_OUTSIDE_ROOT, or NAMES_UNLAWFUL for what is runseal's own.
 */
export function findStarts(
  selection: Pick<Selection, "paths" | "cwd" | "root">,
): Result<readonly (readonly string[])[], OperationFault> {
  const starts: (readonly string[])[] = [];
  for (const path of selection.paths) {
    // `seal "$UNSET"` must not seal everything there is.
    if (path === "") return operationFault("PATH_NOT_FOUND", { path });
    const components = componentsBelow(selection, path);
    if (components === undefined) return operationFault("PATH_OUTSIDE_ROOT", { path });
    if (components.includes(OWN_FOLDER)) {
      return operationFault("NAMES_UNLAWFUL", { refused: [{ path, reason: "own-folder" }] });
    }
    starts.push(components);
  }
  return ok(starts);
}

/** The caller's paths as the bundle may tell them: relative to the root, never this machine's own. */
export function namesBelowRoot(selection: Selection): readonly string[] {
  return selection.paths.map((path) => componentsBelow(selection, path)?.join("/") || ".");
}

/** A path's components below the root, by its spelling alone; `undefined` where it leads out. */
export function componentsBelow({ cwd, root }: Place, path: string): readonly string[] | undefined {
  const below = relative(resolve(cwd, root), resolve(cwd, path));
  if (isAbsolute(below) || below === ".." || below.startsWith(`..${sep}`)) return undefined;
  return below === "" ? [] : below.split(sep);
}

/** Refuses names that other systems can't hold, where that is asked for, as NAMES_NOT_PORTABLE. */
export function refuseNames(paths: readonly string[], names: Selection["names"]): OperationFault | undefined {
  if (names === "posix") return undefined;
  const breaches: RefusedPath[] = [];
  for (const path of paths) {
    const reason = findNameBreach(path);
    if (reason !== undefined) breaches.push({ path, reason });
  }
  const collisions = findNameCollisions(paths).map(
    ({ kind, first, second }): RefusedPath => ({ path: second, reason: kind, other: first }),
  );
  const refused = [...breaches, ...collisions];
  return refused.length > 0 ? operationFault("NAMES_NOT_PORTABLE", { refused }) : undefined;
}

function findUnlawful(path: string): RefusedPath | undefined {
  const parsed = parseOutputPath(path, { refuseColon: false });
  if (!parsed.ok) return { path, reason: parsed.code };
  const kept = RESULT_ARTIFACTS.some((name) => name === path) || path.startsWith(STAGING_PREFIX);
  return kept ? { path, reason: "restore-name" } : undefined;
}
