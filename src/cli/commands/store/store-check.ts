/** `runseal store check`: checks every object of the project's store. @module */

import { resolve } from "node:path";
import { type CheckedStore, checkStore } from "../../../node/index.ts";
import { remedyOf } from "../../codes/codes.ts";
import { atRoot, projectRoot } from "../../options/project-root.ts";
import { failureReport, operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { checkedLines, checkedRemarks, wrongObjectLines, wrongObjectsMessage } from "./store-text.ts";

/** The options as parsed. */
export interface StoreCheckOptions extends ProgressOptions {
  readonly project?: string | undefined;
}

/** Looks through the store. */
export async function runStoreCheck(options: StoreCheckOptions, io: Io): Promise<Report> {
  const project = projectRoot(options.project, io);
  if (!project.ok) return operationReport(project);
  using progress = showProgress(options, io);
  const root = resolve(io.cwd, project.value);
  const checked = await checkStore({ root, signal: io.signal, progress: progress?.port });
  if (!checked.ok) return operationReport(atRoot(checked, project.value));
  return checkedReport(checked.value);
}

function checkedReport(checked: CheckedStore): Report {
  const code = codeOf(checked);
  const known = factsOf(checked);
  const text = checkedLines(checked);
  const remarks = checkedRemarks(checked);
  if (code === "OK") return doneReport("everything in the store is sound", known, text, { remarks });
  const message = wrongObjectsMessage(checked);
  const list = wrongObjectLines(checked);
  return failureReport({ code, message, known, list, remarks, hints: [remedyOf(code)] }, text);
}

function codeOf(checked: CheckedStore): "OK" | "OBJECT_CORRUPTED" | "PACK_DAMAGED" | "READ_FAILED" {
  const { corrupted, damaged, unreadable } = checked;
  if (corrupted.length > 0) return "OBJECT_CORRUPTED";
  if (damaged.length > 0) return "PACK_DAMAGED";
  return unreadable.length > 0 ? "READ_FAILED" : "OK";
}

function factsOf(checked: CheckedStore): object {
  const { bytes, corrupted, damaged, indexes, notKept, partial, sound, strays } = checked;
  return {
    sound,
    bytes,
    corrupted: corrupted.map(({ actual, expected, path }) => ({ path, expected, actual: actual ?? null })),
    unlisted: checked.unlisted,
    damaged,
    indexes,
    unreadable: checked.unreadable,
    strays,
    partial,
    not_kept: notKept.map(({ missing, named, runId }) => ({ run_id: runId, named, missing })),
    unreadable_bundles: checked.unreadableBundles.map(({ code, runId }) => ({ run_id: runId, code })),
  };
}
