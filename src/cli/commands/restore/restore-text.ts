/** Words for restores, undos and recoveries that failed. @module */

import { type ChangedPath, quote } from "../../../core/internal.ts";
import { failedToRecover, type RestoreFailure } from "../../../node/back/transaction/restore-failure.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { hintsOf, messageOf } from "../../codes/code-record.ts";
import { RESTORE_RECORDS, type RestoreFacts, type RestoreVerb } from "../../codes/restore-codes.ts";
import { because } from "../../text/machine-words.ts";

/** One sentence: what failed, and what became of the target. */
export function restoreMessage(failure: RestoreFailure, verb: RestoreVerb): string {
  const what = messageOf(RESTORE_RECORDS[failure.code], factsOf(failure, verb));
  return whereItFailed(failure) + what + because(failure.details.reason) + whatBecame(failure, verb);
}

const CHANGES: Readonly<Record<ChangedPath["change"], string>> = {
  added: "was made again",
  missing: "is not there",
  "other-type": "is of another kind than it was",
  "other-bytes": "has other bytes",
  "other-target": "is a link to another target",
  "other-mode": "has another mode",
};

/** What of a restore is no longer as it was put there, or what was changed after a run. */
export function changedWords({ by, change, path }: ChangedPath): string {
  return `${quote(path)} ${CHANGES[change]}${by === undefined ? "" : `, by run ${quote(by)}`}`;
}

/** What became of the target: where it is in doubt, where the rollback failed, where all was taken back, where nothing was done. */
const OUTCOMES = {
  restore: [
    "nothing was undone",
    "some of it may still be in the target",
    "everything was undone",
    "nothing was written",
  ],
  undo: [
    "nothing was removed",
    "some of what was restored may still be there",
    "nothing was removed",
    "nothing was removed",
  ],
  revert: [
    "nothing was taken back",
    "some of it may still be undone",
    "everything was put back",
    "nothing was changed",
  ],
} as const;

function whatBecame(failure: RestoreFailure, verb: RestoreVerb): string {
  const { code, wrote } = failure;
  if (verb === "recovery") return wrote ? "" : "; nothing was changed";
  if (failedToRecover(failure)) return "; only the recovery of an earlier one changed anything";
  const [inDoubt, failed, undone, nothing] = OUTCOMES[verb];
  if (code === "IN_DOUBT") return `; ${inDoubt}`;
  if (code === "RESTORE_ROLLBACK_FAILED") return `; ${failed}`;
  return `; ${wrote && code !== "RESTORE_BUSY" ? undone : nothing}`;
}

/** Codes whose sentence names the run. */
const SAYING_RUN: ReadonlySet<RestoreFailure["code"]> = new Set([
  "RESTORE_CHAIN_TARGET_DIR_EXISTS",
  "UNDO_NO_AFTER",
] as const);

/** Which run of a chain it was, where the sentence does not say so itself. */
function whereItFailed({ code, details }: RestoreFailure): string {
  const isSaid = details.run_id === undefined || SAYING_RUN.has(code);
  return isSaid ? "" : `run ${quote(details.run_id)}: `;
}

/** What to do next. A hint never names an option that the command does not have, or that was given already. */
export function restoreHints(failure: RestoreFailure, verb: RestoreVerb, mkdir?: boolean): readonly string[] {
  const { code, trust } = failure;
  if (trust !== undefined && !trust.ok) return [remedyOf(trust.code)];
  return hintsOf(RESTORE_RECORDS[code], factsOf(failure, verb, mkdir));
}

function factsOf(failure: RestoreFailure, verb: RestoreVerb, mkdir?: boolean): RestoreFacts {
  const { cause_code, details, trust } = failure;
  return { ...details, cause_code, trust, verb, mkdir };
}
