/**
 * Reports the progress of hashing files.
 *
 * @module
 */

import type { AnchoredRoot } from "../files/anchored-root.ts";
import { NeighbourWalk } from "../files/neighbour-walk.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import type { Progress, ProgressPhase } from "../runtime/progress.ts";
import type { HashOptions } from "./hash-files.ts";

/** How to hash files so that they are a phase of their own; without files nothing is reported. */
export function watchFiles(
  progress: Progress | undefined,
  phase: ProgressPhase,
  root: AnchoredRoot,
  paths: readonly string[],
): HashOptions["watch"] {
  if (progress === undefined || paths.length === 0) return undefined;
  // No document declares how many bytes there are.
  const bytes = totalSize(root, paths);
  return (done, files) => progress.begin(phase, { files, bytes }, done);
}

/** Files whose sizes are read in less than a tenth of a second. For more, reading them would slow the hashing down. */
const FEW_FILES = 10_000;

/** The size of all files together; undefined for many files. Anything but a readable regular file counts as 0. */
function totalSize(root: AnchoredRoot, paths: readonly string[]): number | undefined {
  if (paths.length > FEW_FILES) return undefined;
  const walk = new NeighbourWalk(root);
  return paths.reduce((sum, path) => sum + sizeOf(walk, path), 0);
}

function sizeOf(walk: NeighbourWalk, path: string): number {
  try {
    const place = walk.locate(path);
    if (place.kind !== "entry") return 0;
    const stats = place.dir.lstat(place.name);
    return stats?.isFile() === true ? stats.size : 0;
  } catch (thrown) {
    // The hashing reports it.
    if (machineReason(thrown) === undefined) throw thrown;
    return 0;
  }
}
