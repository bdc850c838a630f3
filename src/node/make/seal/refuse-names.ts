/**
 * Refuses names that break the law of paths, names that a restore keeps for itself, and names that other systems can't hold.
 *
 * @module
 */

import {
  findNameBreach,
  findNameCollisions,
  type OutputTree,
  parseOutputPath,
  RESTORE_TREE_NAME,
  RESULT_ARTIFACTS,
  STAGING_PREFIX,
} from "../../../core/internal.ts";
import {
  type RefusedEntries,
  type RefusedPath,
  refuseEntries,
} from "../../system/runtime/operation-fault.ts";

/** Which names to take. `portable` refuses names that other systems can't hold; `posix` takes what this one holds. */
export type NameRule = "portable" | "posix";

/** Refuses what no option makes lawful, since no verifier and no restore would take it. A restore of a tree keeps one name more. */
export function refuseUnlawful(paths: Iterable<string>, hasTree: boolean): RefusedEntries | undefined {
  const kept: readonly string[] = hasTree ? [...RESULT_ARTIFACTS, RESTORE_TREE_NAME] : RESULT_ARTIFACTS;
  const refused: RefusedPath[] = [];
  for (const path of paths) {
    const breach = findUnlawful(path, kept);
    if (breach !== undefined) refused.push(breach);
  }
  return refuseEntries("names-unlawful", refused);
}

/** Refuses starting points and entries left out that a tree can't name. */
export function refuseUnlawfulPlaces(tree: OutputTree): RefusedEntries | undefined {
  const refused: RefusedPath[] = [];
  for (const path of [...tree.leftOut.paths, ...tree.scope]) {
    const parsed = parseOutputPath(path, { refuseColon: false });
    if (!parsed.ok && path !== ".") refused.push({ path, reason: parsed.code });
  }
  return refuseEntries("names-unlawful", refused);
}

/** Refuses names that other systems can't hold, where that is asked for, as ENTRIES_REFUSED. */
export function refuseNames(paths: readonly string[], names: NameRule): RefusedEntries | undefined {
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
  return refuseEntries("names-not-portable", refused);
}

function findUnlawful(path: string, kept: readonly string[]): RefusedPath | undefined {
  const parsed = parseOutputPath(path, { refuseColon: false });
  if (!parsed.ok) return { path, reason: parsed.code };
  const isKept = kept.includes(path) || path.startsWith(STAGING_PREFIX);
  return isKept ? { path, reason: "restore-name" } : undefined;
}
