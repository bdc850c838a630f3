/**
 * The size of files that are about to be hashed: only for the progress.
 *
 * @module
 */

import { machineReason } from "../runtime/machine-reason.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import { nodeFileSystem } from "./file-system.ts";
import { NeighbourWalk } from "./neighbour-walk.ts";

/** For more files, their number suffices as progress, and reading all sizes would take too long. */
const FEW_FILES = 256;

/** The size of all files together; undefined for many files. Anything but a readable regular file counts as 0. */
export function totalSize(root: AnchoredRoot, paths: readonly string[]): number | undefined {
  if (paths.length > FEW_FILES) return undefined;
  const walk = new NeighbourWalk(root);
  return paths.reduce((sum, path) => sum + sizeOf(walk, path), 0);
}

function sizeOf(walk: NeighbourWalk, path: string): number {
  try {
    const place = walk.locate(path);
    if (place.kind !== "entry") return 0;
    const stats = nodeFileSystem.lstatSync(place.dir.address(place.name), { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats.size : 0;
  } catch (thrown) {
    // The hashing reports it.
    if (machineReason(thrown) === undefined) throw thrown;
    return 0;
  }
}
