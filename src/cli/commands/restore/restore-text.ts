/** Words for restores, undos and recoveries that failed: one sentence for every code. @module */

import { type ChangedTarget, quote, READING_CODES } from "../../../core/internal.ts";
import type { RestoreFailure } from "../../../node/index.ts";
import { unmetMessage } from "../../text/expectation-text.ts";
import { machineWords } from "../../text/machine-words.ts";

/** What was asked for. */
export type RestoreVerb = "restore" | "recovery" | "undo";

/** One sentence: what failed, and what became of the target. */
export function restoreMessage(failure: RestoreFailure, verb: RestoreVerb): string {
  const because = failure.details.reason === undefined ? "" : `: ${machineWords(failure.details.reason)}`;
  return `${whereItFailed(failure)}${whatFailed(failure, verb)}${because}${whatBecame(failure, verb)}`;
}

/** What of a restore is no longer as it was put there. */
export function changedWords({ change, path }: ChangedTarget): string {
  switch (change) {
    case "missing":
      return `${quote(path)} is not there`;
    case "other-type":
      return `${quote(path)} is no regular file any more`;
    case "other-bytes":
      return `${quote(path)} has other bytes`;
  }
}

function whatBecame(failure: RestoreFailure, verb: RestoreVerb): string {
  switch (verb) {
    case "restore":
      return `; ${whatBecameOfRestored(failure)}`;
    case "undo":
      return `; ${whatBecameOfUndone(failure)}`;
    case "recovery":
      return failure.wrote ? "" : "; nothing was changed";
  }
}

function whatBecameOfRestored({ code, wrote }: RestoreFailure): string {
  if (code === "RESTORE_IN_DOUBT") return "nothing was undone";
  if (code === "RESTORE_ROLLBACK_FAILED") return "some of it may still be in the target";
  return wrote && code !== "RESTORE_BUSY" ? "everything was undone" : "nothing was written";
}

function whatBecameOfUndone({ code }: RestoreFailure): string {
  return code === "RESTORE_ROLLBACK_FAILED"
    ? "some of what was restored may still be there"
    : "nothing was removed";
}

/** Which run of a chain it was, where the sentence does not say so itself. */
function whereItFailed({ code, details }: RestoreFailure): string {
  const isSaid = details.run_id === undefined || code === "RESTORE_CHAIN_TARGET_DIR_EXISTS";
  return isSaid ? "" : `run ${quote(details.run_id)}: `;
}

/** Each run of a chain names the one before it; the first one of the chain names none. */
function chainWords(runId: string | undefined): string {
  return runId === undefined
    ? "the chain root is not the one that was expected (CHAIN_ROOT_MISMATCH)"
    : "it is not the run that follows the one before it, or it is first and follows another (CHAIN_ROOT_MISMATCH)";
}

function verdictWords(code: string): string {
  const undecided: readonly string[] = [...READING_CODES, "ROOT_NOT_FOUND"];
  const what = code.startsWith("CHAIN_") ? "chain" : "bundle";
  return undecided.includes(code)
    ? `there is no verdict on the bundle: ${code}`
    : `the ${what} is not accepted: ${code}`;
}

function whatIsWrong({ path, sealed_as }: RestoreFailure["details"]): string {
  if (sealed_as !== undefined) return `, the run was sealed as ${quote(sealed_as)}`;
  return path === undefined ? "" : ` ${quote(path)}`;
}

function whatFailed({ code, cause_code, details, trust }: RestoreFailure, verb: RestoreVerb): string {
  const path = quote(details.path ?? "");
  switch (code) {
    case "RESTORE_VERIFY_STRICT_FAILED":
      if (details.verifier_code === "CHAIN_ROOT_MISMATCH") return chainWords(details.run_id);
      return trust === undefined || trust.ok
        ? `${verdictWords(details.verifier_code ?? "")}${whatIsWrong(details)}`
        : `the bundle is sound, but ${trust.reason}`;
    case "EXPECTATION_FAILED":
      return unmetMessage({ ...details, expected: details.expected ?? "" });
    case "RESTORE_CHAIN_RUN_ID_DUPLICATE":
      return `several bundles of the chain have the same run id: ${(details.duplicates ?? []).map(quote).join(", ")}`;
    case "RESTORE_PROOF_MISSING":
      return "PROOF.json is not in the run directory";
    case "RESTORE_PROOF_MALFORMED":
      return "PROOF.json is not a strict JSON object";
    case "RESTORE_PROOF_RESTORATION_RESULT_MISSING":
      return "PROOF.json has no restoration_result";
    case "RESTORE_PROOF_NOT_VERIFIED":
      return "the proof says that the run did not leave its scratch folders as it found them";
    case "RESTORE_OUTPUT_HASHES_MISSING":
      return "OUTPUT_HASHES.json went away after it was verified";
    case "RESTORE_OUTPUT_HASHES_MALFORMED":
      return "OUTPUT_HASHES.json changed after it was verified";
    case "RESTORE_OUTPUT_HASHES_HASHES_MISSING":
      return "OUTPUT_HASHES.json lost its hashes after it was verified";
    case "RESTORE_OUTPUT_HASHES_HASHES_EMPTY":
      return "the bundle has no outputs to restore";
    case "RESTORE_TARGET_MISSING":
      return "no target folder was given";
    case "RESTORE_TARGET_NOT_ABSOLUTE":
      return "the target folder must be an absolute path";
    case "RESTORE_TARGET_NOT_EXIST":
      return `there is no folder ${path}`;
    case "RESTORE_TARGET_NOT_DIRECTORY":
      return `the target ${path} is not a folder`;
    case "RESTORE_TARGET_NOT_WRITABLE":
      return `the target folder ${path} can't be written to`;
    case "RESTORE_PATH_TRAVERSAL_DETECTED":
      return `the bundle names ${path}, which is no lawful path to restore to`;
    case "RESTORE_PATH_NULL_BYTE_DETECTED":
      return `the bundle names ${path}, which holds a null byte`;
    case "RESTORE_SYMLINK_ESCAPE_DETECTED":
      return `a link in the target would lead ${path} outside of it`;
    case "RESTORE_CHAIN_TARGET_DIR_EXISTS":
      return `the target already holds ${quote(details.run_id ?? "")}, which is a run's folder`;
    case "RESTORE_SOURCE_MISSING":
      return `the source ${path} is not there`;
    case "RESTORE_SOURCE_NOT_REGULAR_FILE":
      return `the source ${path} is not a regular file`;
    case "RESTORE_TARGET_PATH_EXISTS":
      return `the target already holds ${path}`;
    case "RESTORE_STAGING_HASH_MISMATCH":
      return `the source ${path} is no longer the file that was verified`;
    case "RESTORE_FINALIZE_FAILED":
      return details.path === undefined
        ? "the restored tree could not be put in place"
        : `${path} could not be put in place`;
    case "RESTORE_OUTPUT_MISSING_AFTER_RESTORE":
      return `${path} went away after it was restored`;
    case "RESTORE_HASH_MISMATCH_AFTER_RESTORE":
      return `${path} changed after it was restored`;
    case "RESTORE_RESULT_ARTIFACT_WRITE_FAILED":
      return `the result file ${path} could not be written`;
    case "RESTORE_ROLLBACK_FAILED":
      return verb === "undo"
        ? `the undo was begun and could not be finished (${cause_code ?? "cause unknown"})`
        : `the restore failed (${cause_code ?? "cause unknown"}), and so did undoing it`;
    case "RESTORE_SELECTION_NOT_FOUND":
      return `${path} is no output of the bundle, and no folder of outputs`;
    case "RESTORE_BUSY":
      return "somebody else is restoring, undoing or recovering in the target";
    case "RESTORE_UNRESOLVED":
      return verb === "recovery"
        ? "not all that was found can be brought to an end"
        : "an earlier restore or undo in the target was killed, and is not brought to an end";
    case "RESTORE_IN_DOUBT":
      return "everything is in place, but whether it would survive a power cut is in doubt";
    case "RESTORE_STATE_UNAVAILABLE":
      return `${path}, the key that shows whose journals are whose, can't be used`;
    case "RESTORE_TOO_FEW_DESCRIPTORS":
      return "this process may open too few files";
    case "RECOVER_FOREIGN_JOURNAL":
      return "the target holds the journal of a restore or undo that this user did not write on this machine";
    case "UNDO_MANIFEST_MISSING":
      return details.path === undefined
        ? "the folder holds nothing that tells what was restored into it"
        : `${path} is not there, without which nothing tells what was restored`;
    case "UNDO_MANIFEST_MALFORMED":
      return `${path} is not as a restore writes it`;
    case "UNDO_AMBIGUOUS":
      return "the folder holds runs of several chains, of more than one restore";
    case "UNDO_TARGET_CHANGED":
      return "these are not as they were restored";
    case "RESTORE_INTERNAL_ERROR":
      return `the ${verb} could not go on`;
  }
}
