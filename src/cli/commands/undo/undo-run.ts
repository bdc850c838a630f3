/** `runseal undo [RUN]`, `undo --to SNAPSHOT` and `redo`: bring a guarded folder back. @module */

import { basename, resolve } from "node:path";
import { findGuard } from "../../../node/back/guard/guard-place.ts";
import { revertFolder } from "../../../node/back/revert/revert-folder.ts";
import type { RevertFailure, RevertSuccess } from "../../../node/back/revert/revert-request.ts";
import { isPathText } from "../../../node/library/places/place-form.ts";
import { isRunId, stepsBack } from "../../../node/records/bundle/run-names.ts";
import {
  guardRequest,
  type StoreOptions,
  type TurnOptions,
  wantedTurn,
} from "../../options/guard-options.ts";
import { pathsBelow } from "../../options/operand-forms.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { placeOfBundle } from "../../options/run-operands.ts";
import { sealingTime } from "../../options/sealing-options.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import { chooseSigner } from "../../options/signer-options.ts";
import { chooseTrust, chosenTrust } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import { doneRemarks, recoveriesFacts } from "../restore/restore-facts.ts";
import { recoveredSealFacts } from "../seal/seal-facts.ts";
import { sealRemarks, tellOfWaiting } from "../seal/seal-remarks.ts";
import { failedUndoReport } from "./failed-undo.ts";
import { countChanges, plannedPaths } from "./undo-facts.ts";
import type { UndoResult } from "./undo-results.ts";
import { undoneLines, undoRemarks } from "./undo-text.ts";

/** The options as parsed. */
export interface UndoOptions extends StoreOptions, JobsOptions, ProgressOptions {
  readonly guard?: string | undefined;
  readonly skipChanged?: true | undefined;
  readonly takeChanged?: true | undefined;
  readonly evenIfOpen?: true | undefined;
  readonly budget?: number | undefined;
  readonly dryRun?: true | undefined;
  readonly id?: string | undefined;
}

/** Undoes a run, a turn, or everything since a snapshot; of paths alone, if some are named. Throws usage errors. */
export async function runUndo(
  operands: readonly string[],
  options: UndoOptions & TurnOptions & { readonly to?: string | undefined },
  io: Io,
): Promise<Report> {
  const { to } = options;
  if (options.turn !== undefined)
    return await undo({ kind: "turn", ...wantedTurn(options) }, operands, options, io);
  if (to !== undefined) return await undo({ kind: "snapshot", runId: runIdIn(to) }, operands, options, io);
  const [first, ...others] = operands;
  if (first === undefined || isPathText(first))
    return await undo({ kind: "last-run" }, operands, options, io);
  if (stepsBack(first) === undefined)
    return await undo({ kind: "run", runId: runIdIn(first) }, others, options, io);
  const place = placeOfBundle(first, { project: options.guard }, io);
  if (!place.ok) return operationReport(place);
  return await undo({ kind: "run", runId: basename(place.value.bundle) }, others, options, io);
}

/** Takes back the last undo. Throws usage errors. */
export async function runRedo(paths: readonly string[], options: UndoOptions, io: Io): Promise<Report> {
  return await undo({ kind: "last-undo" }, paths, options, io);
}

function runIdIn(text: string): string {
  if (isRunId(text)) return text;
  throw new UsageError("a run or a snapshot of a guard is named by its id; runseal log lists them");
}

/** The folder of the guard that is at or above one. */
function guardedFolder(guard: string, { cwd, environment }: Io): string {
  const folder = resolve(cwd, guard);
  return resolve(folder, findGuard(folder, environment)?.root ?? ".");
}

async function undo(
  target: Parameters<typeof revertFolder>[0]["target"],
  paths: readonly string[],
  options: UndoOptions,
  io: Io,
): Promise<Report> {
  const { evenIfOpen, guard = ".", skipChanged, store, takeChanged } = options;
  const choice = chooseTrust({ signer: [] }, io);
  if ("report" in choice) return choice.report;
  const dryRun = options.dryRun === true;
  using work = new ShownWork(options, io);
  const reverted = await revertFolder({
    ...work,
    target,
    folder: resolve(io.cwd, guard),
    ...guardRequest(guard, options, io),
    choice: {
      only: pathsBelow(paths, guardedFolder(guard, io), io.cwd, "the guarded folder"),
      changed: skipChanged === true ? "skip" : takeChanged === true ? "take" : "refuse",
    },
    evenIfOpen: evenIfOpen === true,
    budget: options.budget,
    dryRun,
    trust: chosenTrust(choice, io),
    signer: chooseSigner({}, io),
    surroundings: signerSurroundings(io),
    revertId: options.id,
    now: sealingTime(io),
    onWaiting: tellOfWaiting(options, io),
  });
  if (!isDone(reverted)) return failedUndoReport(reverted, { folder: guard, store }, io.cwd);
  const { already, finished, foldersLeft, isClean, late, plan, runId, sealed, skipped } = reverted;
  const facts = {
    run_id: runId,
    undo_id: sealed?.revertId ?? null,
    before: sealed?.before ?? null,
    after: sealed?.after ?? null,
    ...countChanges(plan),
    folders_left: foldersLeft,
    already,
    skipped,
    clean: isClean,
    ...recoveriesFacts(reverted),
    recovered_seals: recoveredSealFacts(finished),
  };
  const message = dryRun
    ? "nothing was changed: this is what would be"
    : sealed === undefined
      ? "nothing was to be done"
      : reverted.redone === undefined
        ? "undone"
        : "redone";
  const report = doneReport<UndoResult>(message, facts, undoneLines(reverted, guard, dryRun), {
    details: dryRun ? { paths: plannedPaths(plan) } : {},
    remarks: [
      ...sealRemarks({ recovered: finished }),
      ...doneRemarks(reverted, guard),
      ...undoRemarks(reverted),
    ],
  });
  return withLateFault(report, late);
}

function isDone(ended: RevertSuccess | RevertFailure): ended is RevertSuccess {
  return ended.ok;
}
