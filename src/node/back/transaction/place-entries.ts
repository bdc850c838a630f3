/**
 * Decides just before the journal where a restore puts its entries, and which folders it makes: links in the root that stay inside
 * are followed now, and never again (PROTOCOL 13.3, step 5).
 *
 * @module
 */

import { makeListing, type RestoreFault, restoreFault } from "../../../core/internal.ts";
import { beginMany } from "../../system/runtime/progress.ts";
import { findPlaces } from "./journal/places.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import type { TreeEntries } from "./work/tree-entries.ts";

/** Fails with RESTORE_FINALIZE_FAILED where a path has no place by now. Throws what the system says. */
export function placeEntries(open: OpenTransaction): RestoreFault | undefined {
  const { request, root } = open;
  const { act, entries, progress } = request;
  // A plan for a guarded folder says which folders are made. Its paths are real ones.
  if (act !== "restore") return undefined;
  beginMany(progress, "prepare", entries.length);
  const { trees } = entries;
  const paths = makeListing(entries.length, (index) => entries.path(index));
  const places = findPlaces(root, paths, (path) => !trees.isInTree(path), trees.emptyFolders);
  if ("path" in places) return noPlace(places.path, "not-a-folder");
  const { folders, moved } = places;
  const appeared = findAppeared(trees, folders);
  if (appeared !== undefined) return noPlace(appeared, "already-there");
  open.moved = moved;
  open.folders = folders.map((path) => ({ path, mode: trees.modeOf(path) }));
  return undefined;
}

/** An empty folder that another process made after the plan: RESTORE_TREE.json would claim it for this restore. */
function findAppeared(trees: TreeEntries, missing: readonly string[]): string | undefined {
  if (trees.emptyFolders.length === 0) return undefined;
  const toMake = new Set(missing);
  for (const path of trees.emptyFolders) {
    if (!toMake.has(path) && !trees.isExisting(path)) return path;
  }
  return undefined;
}

function noPlace(path: string, reason: "already-there" | "not-a-folder"): RestoreFault {
  return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { path, reason });
}
