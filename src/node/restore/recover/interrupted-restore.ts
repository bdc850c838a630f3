/**
 * A restore or an undo that was stopped by a signal, after it had recovered earlier ones.
 *
 * @module
 */

import { Interruption } from "../../runtime/interruption.ts";
import type { Recovery } from "../target/recovery.ts";

/** What was begun has been undone; the recoveries stand. */
export class InterruptedRestore extends Interruption {
  /** Earlier restores and undos in the same root that were killed, and brought to an end before. */
  readonly recovered: readonly Recovery[];

  constructor(recovered: readonly Recovery[], cause: Interruption) {
    super(cause.message, { cause });
    this.recovered = recovered;
  }
}
