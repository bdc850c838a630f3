/** The reports of reverts that were refused or failed. @module */

import { type BlockedPath, type OpenFile, quote } from "../../../core/internal.ts";
import type { RestoreFailure, RevertFailure } from "../../../node/index.ts";
import { remedyOf } from "../../codes/codes.ts";
import { failureReport, operationReport } from "../../output/failure-report.ts";
import type { Report } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { rejectedReport, signerFacts } from "../../verdict/verdict-facts.ts";
import { atFolder, failedRestoreReport } from "../restore/restore-facts.ts";

/** The end of a revert that was refused or failed. `folder` is as the caller named it. */
export function failedRevertReport(failure: RevertFailure, folder: string): Report {
  if ("wrote" in failure) return restoreReport(failure, folder);
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
  if (failure.code === "SIGNER_NOT_A_KEY") throw new TypeError("the command gives a policy, not keys");
  if (!("phase" in failure)) return operationReport(failure);
  const { run_id: runId } = failure.details;
  return rejectedReport(failure, {}, "", runId === undefined ? "" : `snapshot ${quote(runId)}: `);
}

function restoreReport(failure: RestoreFailure, folder: string): Report {
  const { blocked = [], open = [] } = failure.details;
  const report = failedRestoreReport(atFolder(failure, folder), "revert");
  if (report.error === undefined || (blocked.length === 0 && open.length === 0)) return report;
  const list = boundedList([
    ...(report.error.list ?? []),
    ...blocked.map(blockedWords),
    ...open.map(openWords),
  ]);
  return { ...report, error: { ...report.error, list } };
}

function blockedWords({ path, reason }: BlockedPath): string {
  const shown = path === "" ? "the folder itself" : quote(path);
  switch (reason) {
    case "holds-others":
      return `${shown}: something that is not of the run, or not guarded, is in the way`;
    case "parent":
      return `${shown}: what is above it is not a folder`;
    case "unreadable":
      return `${shown} can't be read`;
    case "closed":
      // A revert does not change the mode of the guarded folder itself.
      if (path === "") return `${shown} can't be written to: let its owner write in it first (chmod u+w)`;
      return `${shown} belongs to another user, and can't be written to`;
    case "owner":
      return `${shown} belongs to another user`;
    case "object-missing":
      return `${shown}: its bytes are not in the store`;
    case "other-file-system":
      return `${shown}: another file system is mounted there`;
  }
}

function openWords({ command, path, pid }: OpenFile): string {
  return `${quote(path)} is open for writing in process ${pid} (${quote(command)})`;
}
