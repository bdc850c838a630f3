/** `runseal recover DIR`: finishes or undoes a restore that was killed. @module */

import { restoreFault } from "../../../core/internal.ts";
import { recoverTarget } from "../../../node/back/restore/recover/recover-target.ts";
import { refused } from "../../../node/back/transaction/restore-failure.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import { recoverHints, recoveryText } from "./recovery-text.ts";
import { recoverExitCode } from "./restore-exit-code.ts";
import { absoluteTarget, atFolder, failedRestoreReport, recoveriesFacts } from "./restore-facts.ts";
import type { RecoverResult } from "./restore-results.ts";

/** The options as parsed. */
export interface RecoverOptions extends ProgressOptions {
  readonly dryRun?: true | undefined;
}

/** Recovers one folder, and whatever was to become that folder. */
export async function runRecover(folder: string, options: RecoverOptions, io: Io): Promise<Report> {
  const { dryRun = false } = options;
  using work = new ShownWork(options, io);
  const target = absoluteTarget(folder, io);
  const outcome = await recoverTarget({ ...work, target, dryRun });
  const text = recoveryText(outcome, folder, dryRun);
  if (!outcome.ok) {
    const failure = atFolder(outcome, folder);
    const over = { exitCode: recoverExitCode(failure), hints: recoverHints(failure) };
    // Stdout has a full account of what was found, so stderr needs no notes.
    return { ...failedRestoreReport(failure, "recovery", over), text, remarks: [] };
  }
  const isNothing = outcome.recovered.length === 0;
  // Nothing was left of a restore that was to make the folder, so it is probably a typing error.
  if (isNothing && !outcome.isThere) {
    const fault = restoreFault("PREFLIGHT", "RESTORE_TARGET_NOT_EXIST", { path: folder });
    return failedRestoreReport(refused(fault), "recovery");
  }
  const done = dryRun ? "nothing was changed: this is what would be done" : "recovered";
  return doneReport<RecoverResult>(isNothing ? "nothing to recover" : done, recoveriesFacts(outcome), text);
}
