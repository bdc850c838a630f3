/** The reports of undos that were refused or failed. @module */

import { type BlockedPath, type OpenFile, quote } from "../../../core/internal.ts";
import type { RevertFailure } from "../../../node/back/revert/revert-request.ts";
import type { RestoreFailure } from "../../../node/back/transaction/restore-failure.ts";
import type { OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { failureReport, operationReport } from "../../output/failure-report.ts";
import { type Report, withHints } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { type NamedGuard, undoToCommand } from "../../text/undo-command.ts";
import { rejectedReport, signerFacts } from "../../verdict/verdict-facts.ts";
import { atFolder, failedRestoreReport } from "../restore/restore-facts.ts";

/** The end of an undo that was refused or failed. `cwd` is what paths of commands that a user may copy are relative to. */
export function failedUndoReport(failure: RevertFailure, named: NamedGuard, cwd: string): Report {
  if ("wrote" in failure) return restoreReport(failure, named, cwd);
  if ("trust" in failure) {
    const { code, details, message, phase, signer, trust } = failure;
    const known = { trust, signer: signerFacts(signer, trust.name) };
    return failureReport({
      code,
      where: { phase, cause_code: null },
      message,
      details,
      known,
      hints: [remedyOf(code)],
    });
  }
  if (!("phase" in failure)) return withHints(operationReport(failure), operationHintsOf(failure));
  const { run_id: runId } = failure.details;
  return rejectedReport(failure, {}, "", runId === undefined ? "" : `snapshot ${quote(runId)}: `);
}

/** What fits an undo better than the usual hint, which is about projects. */
function operationHintsOf({ code, details }: OperationFault): readonly string[] | undefined {
  if (code === "RUN_NOT_FOUND") {
    const isOfRun = "run_id" in details && /\.(?:before|after)$/.test(details.run_id);
    return [
      ...(isOfRun ? ["without this snapshot the run can't be undone; runseal prune may have taken it"] : []),
      "runseal log lists the runs and snapshots of the folder",
    ];
  }
  if (code === "PATH_NOT_FOUND" && details.reason === "folder")
    return ["name the guarded folder, or a folder in it"];
  return undefined;
}

function restoreReport(failure: RestoreFailure, named: NamedGuard, cwd: string): Report {
  const { blocked = [], open = [] } = failure.details;
  const hints = hintsOf(failure, named, cwd);
  const report = failedRestoreReport(atFolder(failure, named.folder), "revert", { hints });
  if (report.error === undefined || (blocked.length === 0 && open.length === 0)) return report;
  const list = boundedList([
    ...(report.error.list ?? []),
    ...blocked.map(blockedWords),
    ...open.map(openWords),
  ]);
  return { ...report, error: { ...report.error, list } };
}

/** What fits better than the hints of the code; undefined: those of the code. */
function hintsOf({ code, details }: RestoreFailure, named: NamedGuard, cwd: string): string[] | undefined {
  if (code === "RESTORE_SELECTION_NOT_FOUND")
    return [
      "a path is one that would be undone, or a folder above one",
      "--dry-run without paths lists them",
    ];
  if (code === "UNDO_NO_AFTER" && details.before !== undefined)
    return [`see what would change: ${undoToCommand(details.before, named, cwd)} --dry-run`];
  return undefined;
}

const BLOCKED: Readonly<Record<BlockedPath["reason"], string>> = {
  "holds-others": ": something that is not of the run, or not guarded, is in the way",
  parent: ": what is above it is not a folder",
  unreadable: " can't be read",
  closed: " belongs to another user, and can't be written to",
  owner: " belongs to another user",
  "object-missing": ": its bytes are not in the store",
  "other-file-system": ": something is mounted there",
};

function blockedWords({ path, reason }: BlockedPath): string {
  // An undo does not change the mode of the guarded folder itself.
  if (path === "" && reason === "closed")
    return "the folder itself can't be written to: let its owner write in it first (chmod u+w)";
  return `${path === "" ? "the folder itself" : quote(path)}${BLOCKED[reason]}`;
}

function openWords({ command, path, pid }: OpenFile): string {
  return `${quote(path)} is open for writing in process ${pid} (${quote(command)})`;
}
