/**
 * Having whoever wants to know told how far the hashing of files is.
 *
 * @module
 */

import type { AnchoredRoot } from "../files/anchored-root.ts";
import { totalSize } from "../files/total-size.ts";
import type { Progress, ProgressPhase } from "../runtime/progress.ts";
import type { HashOptions } from "./hash-files.ts";

/** How to hash files so that they are a phase of their own; of none nothing is told. */
export function watchFiles(
  progress: Progress | undefined,
  phase: ProgressPhase,
  root: AnchoredRoot,
  paths: readonly string[],
): HashOptions["watch"] {
  if (progress === undefined || paths.length === 0) return undefined;
  // How many bytes there are nobody has said yet.
  const bytes = totalSize(root, paths);
  return (done, files) => progress.begin(phase, { files, bytes }, done);
}
