/**
 * The interruption of a restore or undo. Apart from the recovery itself: the command line knows it without loading that.
 *
 * @module
 */

import { Interruption } from "../../../system/runtime/interruption.ts";
import type { Recovery } from "../../transaction/restore-failure.ts";

/** A restore or undo that was interrupted after it had recovered earlier ones. It was rolled back; the recoveries remain. */
export class InterruptedRestore extends Interruption {
  /** Earlier restores and undos in the same root that were killed, and recovered first. */
  readonly recovered: readonly Recovery[];

  constructor(recovered: readonly Recovery[], cause: Interruption) {
    super(cause.message, { cause });
    this.recovered = recovered;
  }
}
