/**
 * The bound on what a first snapshot keeps. Later ones keep only what changed.
 *
 * @module
 */

import { statfsSync } from "node:fs";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { WalkedTree } from "./walk-folder.ts";

/** Bytes that a first snapshot may keep without being asked for: 10 GiB. */
export const DEFAULT_BUDGET: number = 10 * 1024 ** 3;

/** Folders that the fault names. */
const MOST_NAMED = 10;

/** Folders deeper than this count for the one above. */
const NAMED_DEPTH = 2;

/**
 * Refuses a first snapshot of more bytes than a budget, and of more than half of what is free, with GUARD_TOO_LARGE. Throws what
 * statfs(2) says.
 */
export function checkBudget(
  walked: WalkedTree,
  home: AnchoredRoot,
  budget: number,
): OperationFault | undefined {
  const bytes = walked.stats.sizes.reduce((sum, size) => sum + size, 0);
  const { bavail, bsize } = statfsSync(home.dir.self);
  const free = bavail * bsize;
  if (bytes <= Math.min(budget, free / 2)) return undefined;
  return operationFault("GUARD_TOO_LARGE", { bytes, free, largest: largestFolders(walked) });
}

function largestFolders({ files, stats }: WalkedTree): readonly { path: string; bytes: number }[] {
  const sums = new Map<string, number>();
  for (const [place, path] of files.entries()) {
    const bytes = stats.sizes[place] ?? 0;
    const folders = path.split("/").slice(0, -1);
    const depth = Math.min(folders.length, NAMED_DEPTH);
    for (let length = Math.min(1, depth); length <= depth; length++) {
      const folder = folders.slice(0, length).join("/") || ".";
      sums.set(folder, (sums.get(folder) ?? 0) + bytes);
    }
  }
  return [...sums]
    .map(([path, bytes]) => ({ path, bytes }))
    .sort((left, right) => right.bytes - left.bytes)
    .slice(0, MOST_NAMED);
}
