/** `runseal undo DIR`: take out what a restore put there, if it is still what was put there. @module */

import { undoRestore } from "../../node/index.ts";
import type { Io } from "../io.ts";
import { type ProgressOptions, showProgress } from "../progress/show-progress.ts";
import type { Report } from "../report.ts";
import {
  absoluteTarget,
  atFolder,
  doneRemarks,
  failedRestoreReport,
  recoveryFacts,
} from "../restore-facts.ts";
import { removedLines } from "../text/restored-text.ts";

/** The options as parsed. */
export interface UndoOptions extends ProgressOptions {
  readonly dryRun?: true | undefined;
}

/** Undoes the restore whose result files stand in a folder. */
export async function runUndo(folder: string, options: UndoOptions, io: Io): Promise<Report> {
  const dryRun = options.dryRun === true;
  using progress = showProgress(options, io);
  const undone = await undoRestore({
    target: absoluteTarget(folder, io),
    environment: io.environment,
    dryRun,
    signal: io.signal,
    progress: progress?.port,
  });
  if (!undone.ok) return failedRestoreReport(atFolder(undone, folder), "undo");
  const { bundleRoots, bytes, isClean, paths, recovered } = undone;
  return {
    facts: {
      ok: true,
      code: "OK",
      message: dryRun ? "nothing was removed: this is what would be" : "removed",
      details: dryRun ? { paths, root: folder } : {},
      bundle_roots: bundleRoots,
      files: paths.length,
      bytes,
      clean: isClean,
      recovered: recoveryFacts(recovered),
      exit_code: 0,
    },
    text: removedLines(undone, folder, dryRun),
    remarks: doneRemarks(undone, folder),
  };
}
