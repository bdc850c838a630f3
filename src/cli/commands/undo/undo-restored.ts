/** `runseal undo --restored DIR`: removes restored files, if none of them was changed. @module */

import type { LinkChoice } from "../../../core/internal.ts";
import type { RestoredBundles } from "../../../node/back/restore/undo/restored-by-bundles.ts";
import { undoRestore } from "../../../node/back/restore/undo/undo.ts";
import { placesOfBundles } from "../../options/run-operands.ts";
import { chooseTrust, chosenTrust, type TrustOptions } from "../../options/trust-options.ts";
import { refuseGiven } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import {
  absoluteTarget,
  atFolder,
  doneRemarks,
  failedRestoreReport,
  recoveriesFacts,
} from "../restore/restore-facts.ts";
import { removedLines } from "../restore/restored-text.ts";
import type { UndoRestoredResult } from "./undo-results.ts";

/** The options as parsed. */
export interface UndoRestoredOptions extends TrustOptions, ProgressOptions {
  readonly project?: string | undefined;
  readonly only: readonly string[];
  readonly links?: LinkChoice | undefined;
  readonly dryRun?: true | undefined;
}

/** The bundles that tell what was restored; undefined where the folder does, and an answer where no policy can be read. */
function chooseBundles(
  bundles: readonly string[],
  options: UndoRestoredOptions,
  io: Io,
): RestoredBundles | { readonly report: Report } | undefined {
  const { links, only } = options;
  if (bundles.length === 0) {
    refuseGiven(
      options,
      ["--only", "--links"],
      "goes with a run; without one the folder says what was restored",
    );
    return undefined;
  }
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice;
  const places = placesOfBundles(bundles, options, io);
  if (!places.ok) return { report: operationReport(places) };
  return {
    bundles: places.value.map((place) => place.bundle),
    only: only.length === 0 ? undefined : only,
    links,
    trust: chosenTrust(choice, io),
  };
}

/** Undoes the restore whose result files stand in a folder. */
export async function runUndoRestored(
  folder: string,
  bundles: readonly string[],
  options: UndoRestoredOptions,
  io: Io,
): Promise<Report> {
  const dryRun = options.dryRun === true;
  const by = chooseBundles(bundles, options, io);
  if (by !== undefined && "report" in by) return by.report;
  using work = new ShownWork(options, io);
  const undone = await undoRestore({
    ...work,
    target: absoluteTarget(folder, io),
    by,
    dryRun,
  });
  if (!undone.ok) return failedRestoreReport(atFolder(undone, folder), "undo");
  const { bundleRoots, bytes, emptyFolders, files, isClean, links } = undone;
  return doneReport<UndoRestoredResult>(
    dryRun ? "nothing was removed: this is what would be" : "removed",
    {
      bundle_roots: bundleRoots,
      files,
      bytes,
      links: links.length,
      empty_folders: emptyFolders.length,
      clean: isClean,
      ...recoveriesFacts(undone),
    },
    removedLines(undone, folder, dryRun),
    {
      details: dryRun ? { paths: undone.paths, links, folders: emptyFolders, root: folder } : {},
      remarks: doneRemarks(undone, folder),
    },
  );
}
