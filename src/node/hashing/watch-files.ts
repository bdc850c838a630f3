/**
 * Reports the progress of hashing files.
 *
 * @module
 */

import type { AnchoredRoot } from "../files/anchored-root.ts";
import { totalSize } from "../files/total-size.ts";
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
