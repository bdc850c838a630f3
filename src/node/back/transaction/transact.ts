/**
 * One transaction in a folder that exists: all of a plan, or nothing (PROTOCOL 13.5 to 13.9). Restores, their undo, and the undo and
 * redo of runs are the same steps; each leaves out those for which it has nothing to do. What has a name that goes is held by a second
 * name and hashed first, and then renamed into staging: a name is gone for as long as a few calls take.
 *
 * The fsyncs have names; test/faults shows that each is needed.
 *
 * @module
 */

import type { RestoreFault } from "../../../core/internal.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { beginCleaning } from "../../system/runtime/progress.ts";
import { makeFolders, setFileModes, takeFoldersOut } from "./change-folders.ts";
import { commit, settleFolders } from "./commit-changes.ts";
import { declarePlan } from "./declare-plan.ts";
import { endChanges } from "./end-changes.ts";
import { makeFoldersWritable } from "./folder-access.ts";
import { holdAll } from "./hold-all.ts";
import { probeTree } from "./journal/probe-tree.ts";
import type { TransactionEnd } from "./journal/transaction-end.ts";
import { lookAtAside, lookAtPuts } from "./look-at-changes.ts";
import { OpenTransaction, type TransactionRequest } from "./open-transaction.ts";
import { placeEntries } from "./place-entries.ts";
import { putEntries, putReports } from "./put-entries.ts";
import type { RestoreFailure } from "./restore-failure.ts";
import { type Executed, runTransaction, type Step } from "./run-transaction.ts";
import { setAside } from "./set-aside.ts";
import { probeNames } from "./work/probe-names.ts";
import { stageEntries, syncEntries } from "./work/stage-entries.ts";

/**
 * Carries a plan out. Fails with RESTORE_BUSY, RESTORE_SOURCE_MISSING, RESTORE_STAGING_HASH_MISMATCH or UNDO_TARGET_CHANGED, naming
 * every path that is not what the plan expects, before anything was changed. After everything was taken back, fails with
 * UNDO_TARGET_CHANGED, with the codes of VERIFY or with RESTORE_FINALIZE_FAILED. Fails with RESTORE_ROLLBACK_FAILED if not everything
 * could be taken back, and with IN_DOUBT; a restore also with RESTORE_RESULT_ARTIFACT_WRITE_FAILED. Throws an Interruption when the signal fired and
 * everything was taken back.
 */
export async function transact(
  request: TransactionRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<Executed | RestoreFailure> {
  using open = new OpenTransaction(request, fs);
  const steps: readonly Step[] = [
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => begin(open)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => probeNames(open.staging, request.entries)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => stageEntries(request, open.staged, fs)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => holdAll(open)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => syncEntries(request, open.staged, fs)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => placeEntries(open)],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => declarePlan(open)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => makeFoldersWritable(open, open.journal)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => setAside(open)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => takeFoldersOut(open)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => setFileModes(open)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => makeFolders(open)],
    ["EXECUTE", "RESTORE_FINALIZE_FAILED", () => putEntries(open)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => lookAtPuts(open)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => lookAtAside(open)],
    ["VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED", () => putReports(open)],
    ["VERIFY", "RESTORE_FINALIZE_FAILED", () => settleFolders(open)],
    ["VERIFY", "RESTORE_FINALIZE_FAILED", () => commit(open)],
  ];
  return await runTransaction(steps, () => end(open));
}

/** Fails as `LockedStaging.begin`, and if the file system can't hold what is put in place, or link a moved link back. */
function begin({ fs, locked, plan: { needs }, staging }: OpenTransaction): Promise<RestoreFault | undefined> {
  return locked.begin(() => probeTree(staging, { ...needs, hardLinks: true }, fs));
}

/** Cleans up after the commit, else takes everything back. */
function end({ declared, fs, locked, made, plan, request, root, staging }: OpenTransaction): TransactionEnd {
  beginCleaning(request.progress, plan.moves.length + request.entries.length);
  const { isCommitted } = locked;
  return locked.release(
    endChanges({ root, staging, journal: declared, made, isCommitted, names: undefined, fs }),
  );
}
