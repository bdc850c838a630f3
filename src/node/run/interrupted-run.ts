/**
 * A run that was stopped by a signal and is not sealed, after it had cleared away what killed ones had left.
 *
 * @module
 */

import type { RecoveredSeal } from "../project/finish-pending.ts";
import type { Interruption } from "../runtime/interruption.ts";
import { InterruptedSeal } from "../seal/interrupted-seal.ts";
import type { KilledRun } from "./run-claim.ts";

/** As an interrupted seal; and the runs that were killed before they were sealed, each of which is told of once. */
export class InterruptedRun extends InterruptedSeal {
  readonly killed: readonly KilledRun[];

  constructor(killed: readonly KilledRun[], recovered: readonly RecoveredSeal[], cause: Interruption) {
    super(cause instanceof InterruptedSeal ? [...recovered, ...cause.recovered] : recovered, cause);
    this.killed = killed;
  }
}
