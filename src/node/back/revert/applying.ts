/** A revert that is being applied, and how its phases report progress. @module */

import type { RevertPlan } from "../../../core/internal.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { type Done, makeDone, type Progress, readDone } from "../../system/runtime/progress.ts";
import type { RevertRoot } from "./revert-root.ts";

/** One revert that is being applied. */
export interface Applying {
  readonly plan: RevertPlan;
  readonly transaction: RevertRoot;
  readonly progress: Progress | undefined;
  readonly signal: AbortSignal | undefined;
  readonly fs: FileSystem;
}

/** Begins a phase over files of so many bytes, and gives the counters for its progress. */
export function beginFiles(
  progress: Progress | undefined,
  phase: "check" | "move" | "place" | "stage" | "sync",
  total: { readonly files: number; readonly bytes?: number },
): Done {
  const done = makeDone();
  progress?.begin(phase, total, () => readDone(done));
  return done;
}
