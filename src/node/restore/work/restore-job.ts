/** The job of a worker that takes part in a restore. @module */

import { isAbandoned } from "./file-board.ts";
import { type PieceFault, workOff } from "./work-off.ts";
import type { WorkOrder } from "./work-order.ts";

/** Works on files of the restore until none is left, one failed, or the caller abandons the board. */
export async function run(order: WorkOrder): Promise<PieceFault | undefined> {
  const steps = workOff(order);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await step.value;
    if (isAbandoned(order.board)) {
      steps.return(undefined);
      return undefined;
    }
  }
}
