/** The progress of a command at one moment. @module */

import type { ProgressCount, ProgressPhase, ProgressTotal } from "../../node/system/runtime/progress.ts";
import type { Rates } from "./pace.ts";

/** Everything that progress may show. */
export interface ProgressState extends Rates {
  readonly phase: ProgressPhase;
  readonly done: ProgressCount;
  readonly total: ProgressTotal;
  /** The done part of the whole, 0 to 1; undefined where that is not known. */
  readonly fraction: number | undefined;
  /** Whether the work is one piece, without counters. */
  readonly isWhole: boolean;
  /** Since the phase began. */
  readonly seconds: number;
}
