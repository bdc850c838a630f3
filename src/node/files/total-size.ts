/**
 * How many bytes files have, asked before they are hashed: only to say how far the hashing is.
 *
 * @module
 */

import { machineReason } from "../runtime/machine-reason.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import { nodeFileSystem } from "./file-system.ts";
import { NeighbourWalk } from "./neighbour-walk.ts";

/** Of more files their number says enough, and asking would take longer than it is worth. */
const FEW_FILES = 256;

/** The size of all files together; undefined where they are many. What is no regular file or can't be seen has none. */
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
    // Whoever hashes it says so.
    if (machineReason(thrown) === undefined) throw thrown;
    return 0;
  }
}
