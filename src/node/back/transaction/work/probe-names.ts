/**
 * Whether a file system can hold all names of a tree, found out before a file is staged. The staging folder, sought by its name in
 * capitals, tells whether capitals count; the probe makes nothing.
 *
 * Only names that differ in capitals alone are looked for. How a file system normalizes names is not probed: two that it takes for one
 * are found when the second one is put in place, and everything is taken back.
 *
 * @module
 */

import { findNameCollisions, type RestoreFault, restoreFault } from "../../../../core/internal.ts";
import type { Staging } from "../journal/staging.ts";
import type { Entries } from "./entries.ts";

/**
 * Fails with RESTORE_FINALIZE_FAILED, and names all that the file system takes for another name of the tree.
 * Throws what the system says.
 */
export function probeNames(staging: Staging, entries: Entries): RestoreFault | undefined {
  if (!staging.isFoundInCapitals) return undefined;
  const files = Array.from({ length: entries.length }, (_, index) => entries.path(index));
  const planned = [...files, ...entries.trees.emptyFolders].sort();
  const refused = findNameCollisions(planned)
    // More collides than this file system takes for one.
    .filter(({ first, second }) => first.toLowerCase() === second.toLowerCase())
    .map(({ first, second }) => ({ path: second, reason: "collision", other: first }) as const);
  const path = refused[0]?.path;
  if (path === undefined) return undefined;
  return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { path, reason: "no-case", refused });
}
