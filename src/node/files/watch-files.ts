/**
 * Having whoever wants to know told how far the hashing of files is.
 *
 * @module
 */

import type { Progress, ProgressPhase } from "../progress.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import type { HashOptions } from "./hash-files.ts";
import { totalSize } from "./total-size.ts";

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
