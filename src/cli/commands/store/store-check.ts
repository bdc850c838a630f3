/** `runseal store check`: checks every object of the project's store. @module */

import { resolve } from "node:path";
import { type CheckedStore, checkStore } from "../../../node/records/store/check-store.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { atRoot, type ProjectOptions, projectRoot } from "../../options/project-root.ts";
import { failureReport, operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import type { StoreCheckResult } from "./store-results.ts";
import { checkedLines, checkedRemarks, wrongObjectLines, wrongObjectsMessage } from "./store-text.ts";

/** Looks through the store. */
export async function runStoreCheck(options: ProjectOptions & ProgressOptions, io: Io): Promise<Report> {
  const project = projectRoot(options.project, io);
  if (!project.ok) return operationReport(project);
  using work = new ShownWork(options, io);
  const root = resolve(io.cwd, project.value);
  const done = await checkStore({ ...work, root });
  if (!done.ok) return operationReport(atRoot(done, project.value));
  const checked = done.value;
  const fault = faultOf(checked);
  const known = factsOf(checked);
  const text = checkedLines(checked);
  const remarks = checkedRemarks(checked);
  if (fault === undefined)
    return doneReport<StoreCheckResult>("everything in the store is sound", known, text, { remarks });
  const message = wrongObjectsMessage(checked);
  const list = wrongObjectLines(checked);
  const { code, reason } = fault;
  const hints = [remedyOf(code, reason)];
  return failureReport<StoreCheckResult>(
    { code, message, details: { reason }, known, list, remarks, hints },
    text,
  );
}

/** What is wrong: first the bytes of objects, then packs, then what can't be read. */
function faultOf({ corrupted, damaged, unreadable }: CheckedStore) {
  if (corrupted.length > 0) return { code: "STORE_DAMAGED", reason: "object" } as const;
  if (damaged.length > 0) return { code: "STORE_DAMAGED", reason: "pack" } as const;
  return unreadable.length > 0 ? ({ code: "READ_FAILED", reason: undefined } as const) : undefined;
}

function factsOf(checked: CheckedStore): StoreCheckResult {
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
