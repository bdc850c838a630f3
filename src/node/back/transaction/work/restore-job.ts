/** The job of a worker that takes part in a restore. @module */

import { sourcesAt } from "../../../judge/source/run-sources.ts";
import { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { AnchoredRoot, FEW_OPEN_FOLDERS } from "../../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../../system/files/file-system.ts";
import { isAbandoned } from "./file-queue.ts";
import { type NumberedFault, type OutputTask, runTask } from "./output-task.ts";

/** Works on files of the restore until none is left, one failed, or the caller abandons the queue. */
export async function run(task: OutputTask): Promise<NumberedFault | undefined> {
  const held = "sources" in task ? task.sources : undefined;
  const sources = held === undefined ? NO_SOURCES : sourcesAt(held, fs);
  const root =
    "files" in task
      ? new AnchoredRoot(new AnchoredDir(task.files.fd, "", fs), [], FEW_OPEN_FOLDERS)
      : undefined;
  const steps = runTask(task, { fs, root, sourceOf: sources.sourceOf, usesPool: false });
  try {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await step.value;
      if (isAbandoned(task.queue)) return undefined;
    }
  } finally {
    steps.return(undefined);
    root?.closeFolders();
    sources.close();
  }
}

const NO_SOURCES: ReturnType<typeof sourcesAt> = {
  sourceOf: () => {
    throw new TypeError("this work needs no sources");
  },
  close: () => undefined,
};
