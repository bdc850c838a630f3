/** How far a command is, at one moment. @module */

import type { ProgressCount, ProgressPhase, ProgressTotal } from "../../node/runtime/progress.ts";
import type { Rates } from "./pace.ts";

/** Everything that is told of it, in whatever manner. */
export interface ProgressState extends Rates {
  readonly phase: ProgressPhase;
  readonly done: ProgressCount;
  readonly total: ProgressTotal;
  /** The done part of the whole, 0 to 1; undefined where that is not known. */
  readonly fraction: number | undefined;
  /** Whether the work is one piece: of what is done of it nobody hears. */
  readonly isWhole: boolean;
  /** Since the phase began. */
  readonly seconds: number;
}
