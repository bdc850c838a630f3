/**
 * A seal that was stopped by a signal, after it had finished what killed ones had left.
 *
 * @module
 */

import type { RecoveredSeal } from "../project/finish-pending.ts";
import { Interruption } from "../runtime/interruption.ts";

/** What was begun has been undone; what was finished of the killed ones stands. */
export class InterruptedSeal extends Interruption {
  /** Seals that had been killed in the project, and what became of them. */
  readonly recovered: readonly RecoveredSeal[];

  constructor(recovered: readonly RecoveredSeal[], cause: Interruption) {
    super(cause.message, { cause });
    this.recovered = recovered;
  }
}
