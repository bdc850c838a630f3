/** Progress of the steps of a transaction over files. @module */

import { makeDone, type Progress, readDone, Tally } from "../../system/runtime/progress.ts";

/** Begins a phase over files of so many bytes, and gives the counter for its progress. */
export function beginFiles(
  progress: Progress | undefined,
  phase: "check" | "move" | "place" | "remove" | "stage" | "sync",
  total: { readonly files: number; readonly bytes?: number },
): Tally {
  const done = makeDone();
  progress?.begin(phase, total, () => readDone(done));
  return new Tally(done);
}
