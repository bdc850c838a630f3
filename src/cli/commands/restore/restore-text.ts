/** Words for restores, undos and recoveries that failed. @module */

import { type ChangedPath, quote } from "../../../core/internal.ts";
import type { RestoreFailure } from "../../../node/index.ts";
import { remedyOf } from "../../codes/codes.ts";
import { hintsOf, messageOf } from "../../codes/record.ts";
import { RESTORE_RECORDS, type RestoreFacts, type RestoreVerb } from "../../codes/restore-codes.ts";
import { because } from "../../text/machine-words.ts";

/** One sentence: what failed, and what became of the target. */
export function restoreMessage(failure: RestoreFailure, verb: RestoreVerb): string {
  const what = messageOf(RESTORE_RECORDS[failure.code], factsOf(failure, verb));
  return whereItFailed(failure) + what + because(failure.details.reason) + whatBecame(failure, verb);
}

/** What of a restore is no longer as it was put there, or what was changed after a run. */
export function changedWords({ by, change, path }: ChangedPath): string {
  return changeWords({ change, path }) + (by === undefined ? "" : `, by run ${quote(by)}`);
}

function changeWords({ change, path }: ChangedPath): string {
  switch (change) {
    case "added":
      return `${quote(path)} was made again`;
    case "missing":
      return `${quote(path)} is not there`;
    case "other-type":
      return `${quote(path)} is of another kind than it was`;
    case "other-bytes":
      return `${quote(path)} has other bytes`;
    case "other-target":
      return `${quote(path)} is a link to another target`;
    case "other-mode":
      return `${quote(path)} has another mode`;
  }
}

function whatBecame(failure: RestoreFailure, verb: RestoreVerb): string {
  switch (verb) {
    case "restore":
      return `; ${whatBecameOfRestored(failure)}`;
    case "undo":
      return `; ${whatBecameOfUndone(failure)}`;
    case "revert":
      return `; ${whatBecameOfReverted(failure)}`;
    case "recovery":
      return failure.wrote ? "" : "; nothing was changed";
  }
}

function whatBecameOfRestored({ code, wrote }: RestoreFailure): string {
  if (code === "IN_DOUBT") return "nothing was undone";
  if (code === "RESTORE_ROLLBACK_FAILED") return "some of it may still be in the target";
  return wrote && code !== "RESTORE_BUSY" ? "everything was undone" : "nothing was written";
}

function whatBecameOfReverted({ code, wrote }: RestoreFailure): string {
  if (code === "IN_DOUBT") return "nothing was taken back";
  if (code === "RESTORE_ROLLBACK_FAILED") return "some of it may still be undone";
  return wrote && code !== "RESTORE_BUSY" ? "everything was put back" : "nothing was changed";
}

function whatBecameOfUndone({ code }: RestoreFailure): string {
  return code === "RESTORE_ROLLBACK_FAILED"
    ? "some of what was restored may still be there"
    : "nothing was removed";
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
  return { ...details, cause_code, trust, shown: quote(details.path ?? ""), verb, mkdir };
}
