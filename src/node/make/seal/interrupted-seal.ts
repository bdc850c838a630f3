/**
 * The interruption of a seal. Apart from the seal itself: the command line knows it without loading that.
 *
 * @module
 */

import type { RecoveredSeal } from "../../records/project/finish-pending.ts";
import { Interruption } from "../../system/runtime/interruption.ts";

/** A seal that was interrupted after it had finished what killed seals left. It was undone; the recoveries remain. */
export class InterruptedSeal extends Interruption {
  /** Killed seals in the project, and how they ended. */
  readonly recovered: readonly RecoveredSeal[];

  constructor(recovered: readonly RecoveredSeal[], cause: Interruption) {
    super(cause.message, { cause });
    this.recovered = recovered;
  }
}
