/** The job of a worker that takes part in a restore. @module */

import { isAbandoned } from "./file-queue.ts";
import { type NumberedFault, type OutputTask, runTask } from "./output-task.ts";

/** Works on files of the restore until none is left, one failed, or the caller abandons the queue. */
export async function run(task: OutputTask): Promise<NumberedFault | undefined> {
  const steps = runTask(task);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await step.value;
    if (isAbandoned(task.queue)) {
      steps.return(undefined);
      return undefined;
    }
  }
}
