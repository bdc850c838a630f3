/**
 * Which entries beside a sealed tree verification passes over: those that the seal ignored, and those that the caller of verify
 * ignores (PROTOCOL 19).
 *
 * @module
 */

import { ok, type Result } from "../../system/bytes/result.ts";
import { type IgnoreFault, IgnorePatterns } from "../../system/paths/ignore-patterns.ts";

/** Whether an entry is passed over: its path from the root, the last component of the path, and whether it is a folder. */
export type IsPassedOver = (path: string, name: string, isFolder: boolean) => boolean;

/**
 * Decides by two lists of patterns. `ignored` is the list of a tree that `parseTree` gave. Fails if the caller's list exceeds a
 * limit.
 *
 * Each list decides alone, and one suffices: a `!` of the caller takes back nothing of the tree's list. As in git, the decision
 * is about the entry only. A walk does not enter a folder that is passed over, so it never asks about what is below.
 */
export function parsePassedOver(
  ignored: readonly string[],
  callers: readonly string[],
): Result<IsPassedOver, IgnoreFault> {
  const byTree = IgnorePatterns.parse(ignored);
  if (!byTree.ok) throw new TypeError("the patterns of a tree are checked when it is read");
  const byCaller = IgnorePatterns.parse(callers);
  if (!byCaller.ok) return byCaller;
  const lists = [byTree.value, byCaller.value];
  return ok((path, name, isFolder) =>
    lists.some((list) => list.decide(path, isFolder, name)?.leavesOut === true),
  );
}
